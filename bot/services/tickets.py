"""Tickets as the citizen has them: opening one, how it stands, urging, adding to it, sending it back."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from unicodedata import normalize

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.calendar import LOCAL
from bot.domain.clock import due_at
from bot.domain.draft import TICKET_FORM, Draft
from bot.domain.handoff import Reason
from bot.domain.message import Button, Card
from bot.domain.place import Place
from bot.domain.ticket import NEXT, OPEN, TicketState, check_number, format_number
from bot.i18n import text
from bot.services import handoffs, ticket_moves
from bot.services.assignments import CALL_AFTER, move, send_back
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.duplicates import SAME_WITHIN, same_place
from bot.services.history import note
from bot.services.needs import pending_buttons
from bot.services.replies import Step, Turn, back, say
from bot.services.workdays import special_days, when_in_words
from bot.storage import Assignment, Attachment, Counter, Ticket, now, touch

URGE_PAUSE = timedelta(hours=1)
SURELY_ANOTHER = 0.85
"""From this confidence on, words are a new need, whatever they were asked for."""


def open_from_draft(session: Session, turn: Turn) -> Step:
    """The confirmed draft becomes a ticket, dispatched at once to the departments in charge; number and deadline
    are told in the same transaction. The same confirming message opens once."""
    draft = turn.draft
    if not draft.confirmed:
        return Step(draft)
    ticket = session.scalar(select(Ticket).where(Ticket.opened_by == turn.message_id))
    if ticket is None:
        ticket = open_for(session, turn.conversation_id, draft, "citizen", turn.message_id)
    item = item_or_raise(ticket.item)
    department = catalogue().departments[item.department]
    say(session, turn, "ticket.opened", cards=[card(ticket, turn.language)], buttons=pending_buttons(turn, draft),
        number=ticket.number, department=department.name(turn.language),
        due=when_in_words(ticket.due_at, turn.language))
    return Step(draft.fresh() if draft.pending else replace(draft.fresh(), place={}))


def open_for(
    session: Session, conversation_id: str, draft: Draft, actor: str, opened_by: int | None = None
) -> Ticket:
    """A ticket from a complete draft, dispatched at once to the departments in charge. `opened_by` is the citizen's
    confirming message, None where an operator opens it."""
    item = item_or_raise(draft.item)
    moment = now()
    contact = draft.reach()
    ticket = Ticket(
        number=_next_number(session, moment), conversation_id=conversation_id, opened_by=opened_by,
        item=item.code, kind=draft.kind, description=draft.description, place=draft.place,
        occurred_at=draft.moment().past(moment)[:80], contact_name=contact.name, contact_phone=contact.phone,
        anonymous=not contact.phone, received_at=moment, due_at=due_at(moment, item.sla_hours, special_days(session)),
    )
    ticket.assignments = [Assignment(department=item.department, role="lead")]
    ticket.assignments += [Assignment(department=code, role="co") for code in item.cross if code != item.department]
    session.add(ticket)
    session.flush()
    _attach(session, ticket, list(draft.photos))
    note(session, "ticket", ticket.id, actor, "opened", after="received")
    move(session, ticket, TicketState.DISPATCHED, "bot", why=",".join(a.department for a in ticket.assignments))
    return ticket


def same_matter(session: Session, turn: Turn, draft: Draft) -> Ticket | None:
    """The citizen's own open ticket on the same item at about the same place, if there is one."""
    where = draft.where()
    for ticket in of_conversation(session, turn.conversation_id):
        recent = ticket.received_at >= now() - SAME_WITHIN
        if ticket.item != draft.item or TicketState(ticket.state) not in OPEN or not recent:
            continue
        if same_place(where, Place(**ticket.place)):
            return ticket
    return None


def ask_same(session: Session, turn: Turn, draft: Draft) -> None:
    """Is this the matter you reported before?"""
    ticket = same_matter(session, turn, draft)
    number = ticket.number if ticket else ""
    say(session, turn, "ticket.same", number=number, description=(ticket.description if ticket else "")[:60],
        buttons=[Button(f"same:{number}", text("button.same", turn.language)),
                 Button("different", text("button.different", turn.language))])


def join_same(session: Session, turn: Turn, draft: Draft) -> Step:
    """It is the same: its state is told, the new words and photos join it, no second ticket."""
    ticket = same_matter(session, turn, draft)
    if ticket is None:
        return Step(draft, TICKET_FORM)
    _attach(session, ticket, list(draft.photos))
    note(session, "ticket", ticket.id, "citizen", "said_again", why=draft.description)
    touch(session, "tickets")
    say(session, turn, "ticket.joined", cards=[card(ticket, turn.language)], number=ticket.number,
        state=text(f"state.{ticket.state}", turn.language))
    return Step(draft.fresh())


def status(session: Session, turn: Turn) -> Step:
    """How the citizen's own tickets stand: the one named, else the last three. Nobody else's, whatever is named."""
    tickets = of_conversation(session, turn.conversation_id)
    if named := _named(turn, tickets):
        tickets = [named]
    elif numbers := _numbers(turn.heard.text):
        say(session, turn, "ticket.not_yours" if all(map(check_number, numbers)) else "ticket.typing_error")
        return back(turn)
    if not tickets:
        say(session, turn, "ticket.none")
        return back(turn)
    shown = tickets[:3]
    buttons = [Button(f"urge:{t.number}", text("button.urge", turn.language, number=t.number))
               for t in shown if TicketState(t.state) in OPEN]
    if len(shown) == 1:
        buttons += _withdraw_buttons(shown, turn.language)
    say(session, turn, "ticket.status", cards=[card(t, turn.language) for t in shown], buttons=buttons)
    return back(turn)


def urge(session: Session, turn: Turn) -> Step:
    """催办: noted on the ticket and shown to the department; again within the hour only says so."""
    tickets = [t for t in of_conversation(session, turn.conversation_id) if TicketState(t.state) in OPEN]
    ticket = _named(turn, tickets) or (tickets[0] if tickets else None)
    if handoffs.waiting(session, turn.conversation_id) and not turn.heard.choice:
        handoffs.tell_waiting(session, turn)
    elif ticket is None:
        say(session, turn, "ticket.none_open")
    elif ticket.last_urged_at and now() - ticket.last_urged_at < URGE_PAUSE:
        say(session, turn, "ticket.urged_already", cards=[card(ticket, turn.language)], number=ticket.number,
            due=when_in_words(ticket.due_at, turn.language))
    else:
        ticket.urged, ticket.last_urged_at = ticket.urged + 1, now()
        note(session, "ticket", ticket.id, "citizen", "urged", why=turn.heard.text[:200])
        touch(session, "tickets")
        say(session, turn, "ticket.urged", cards=[card(ticket, turn.language)], number=ticket.number,
            due=when_in_words(ticket.due_at, turn.language))
    return back(turn)


def reopen(session: Session, turn: Turn) -> Step:
    """没解决: the last answered or closed ticket goes back to the department with the citizen's words."""
    tickets = of_conversation(session, turn.conversation_id)
    ended = [t for t in tickets if t.state in ("answered", "closed")]
    named = _named(turn, tickets)
    ticket = next((t for t in ended if t is named), None) if named else next(iter(ended), None)
    if ticket is None:
        recent = named or next((t for t in tickets if TicketState(t.state) in OPEN), None)
        if recent is None:
            say(session, turn, "ticket.none")
        else:
            _add(session, turn, recent, turn.heard.text[:1000])
    else:
        send_back(session, ticket, turn.heard.text)
        if ticket.reopened >= CALL_AFTER:
            handoffs.request(session, turn.conversation_id, Reason.NOT_SOLVED, turn=turn)
        say(session, turn, "ticket.reopened", number=ticket.number, due=when_in_words(ticket.due_at, turn.language))
    return back(turn)


def add_to_latest(session: Session, turn: Turn) -> bool:
    """A photo or a place sent after the form: it joins the citizen's newest open ticket, before all one that waits for
    it. False where there is none."""
    tickets = [t for t in of_conversation(session, turn.conversation_id) if TicketState(t.state) in OPEN]
    tickets.sort(key=lambda t: t.state != TicketState.WAITING)
    if not tickets:
        return False
    _add(session, turn, tickets[0], turn.heard.text[:1000] or "photo")
    return True


def supplement(session: Session, turn: Turn) -> bool:
    """What a department has asked for: the citizen's next words, place or photo join the ticket that waits for them,
    and it goes on. False where none waits, or something else was plainly meant."""
    if turn.heard.choice or turn.form:
        return False
    waits = [t for t in of_conversation(session, turn.conversation_id) if t.state == TicketState.WAITING]
    another = turn.heard.settled() and turn.heard.confidence >= SURELY_ANOTHER
    ticket = next((t for t in waits if not another or turn.heard.best == t.item), None)
    if ticket is None:
        return False
    where = f"{turn.place['lat']:.5f}, {turn.place['lon']:.5f}" if turn.place else ""
    _add(session, turn, ticket, turn.heard.text[:1000] or where or "photo")
    return True


def withdraw(session: Session, turn: Turn) -> Step:
    """撤回, by the button that was offered: the citizen wants nothing more of it."""
    ticket = _named(turn, of_conversation(session, turn.conversation_id))
    if ticket is None or not _withdrawable(ticket):
        say(session, turn, "ticket.cannot_withdraw")
    else:
        ticket_moves.withdraw(session, ticket, "citizen")
        say(session, turn, "ticket.withdrawn", number=ticket.number,
            item=item_or_raise(ticket.item).name(turn.language))
    return back(turn)


def offer_withdrawal(session: Session, turn: Turn) -> bool:
    """Words that take a ticket back: which one, and a button to mean it. False where they say something else."""
    mine = of_conversation(session, turn.conversation_id) if _TAKES_BACK.search(turn.heard.text) else []
    named = _named(turn, mine)
    buttons = _withdraw_buttons([named] if named else mine, turn.language)
    if buttons:
        say(session, turn, "ticket.withdraw_which", buttons=buttons[:3])
    return bool(buttons)


def _withdraw_buttons(tickets: list[Ticket], language: str) -> list[Button]:
    return [Button(f"withdraw:{t.number}", text("button.withdraw", language, number=t.number))
            for t in tickets if _withdrawable(t)]


def _withdrawable(ticket: Ticket) -> bool:
    return TicketState.WITHDRAWN in NEXT[TicketState(ticket.state)]


def _add(session: Session, turn: Turn, ticket: Ticket, words: str) -> None:
    _attach(session, ticket, list(turn.photos))
    note(session, "ticket", ticket.id, "citizen", "added", why=words)
    touch(session, "tickets")
    goes_on = ticket_moves.supplied(session, ticket)
    say(session, turn, "ticket.supplied" if goes_on else "ticket.added", number=ticket.number)


def of_conversation(session: Session, conversation_id: str) -> list[Ticket]:
    """A citizen's tickets, newest first."""
    query = select(Ticket).where(Ticket.conversation_id == conversation_id).order_by(Ticket.id.desc())
    return list(session.scalars(query))


def card(ticket: Ticket, language: str) -> Card:
    """A ticket as the citizen sees it."""
    item = item_or_raise(ticket.item)
    lines = [text("ticket.line_state", language, state=text(f"state.{ticket.state}", language)),
             text("ticket.line_due", language, due=when_in_words(ticket.due_at, language)), ticket.description[:80]]
    if ticket.answer:
        lines.append(text("ticket.line_answer", language, answer=ticket.answer[:200]))
    return Card("ticket", f"{ticket.number} {item.name(language)}", lines)


_NUMBER = re.compile(r"[A-Za-z]{2,}\d{8,}")
_TAKES_BACK = re.compile(
    r"撤(回|销|单|诉|掉)|(取消|作废).{0,4}工单|工单.{0,4}(取消|作废)|不用(办|处理|修|来人?)了|"
    r"withdraw|cancel (the|my|this) (ticket|case|report|complaint)", re.IGNORECASE)


def _numbers(words: str) -> list[str]:
    """Ticket numbers in words as people write them: small or wide letters too."""
    return [number.upper() for number in _NUMBER.findall(normalize("NFKC", words))]


def _named(turn: Turn, tickets: list[Ticket]) -> Ticket | None:
    said = _numbers(turn.heard.choice.partition(":")[2] or turn.heard.text)
    return next((t for t in tickets if t.number in said), None)


def _attach(session: Session, ticket: Ticket, ids: list[int]) -> None:
    if ids:
        session.execute(
            update(Attachment).where(Attachment.id.in_(ids), Attachment.conversation_id == ticket.conversation_id)
            .values(ticket_id=ticket.id)
        )


def _next_number(session: Session, moment: datetime) -> str:
    local = moment.astimezone(LOCAL)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Counter).values(name=f"ticket:{local:%Y%m%d}", value=1)
    count = session.scalar(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return format_number(settings().ticket_prefix, local, int(count or 1))
