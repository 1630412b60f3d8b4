"""Tickets as the citizen has them: opening one, how it stands, urging, adding to it, sending it back."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.calendar import LOCAL
from bot.domain.clock import due_at
from bot.domain.draft import TICKET_FORM, Draft
from bot.domain.message import Button, Card
from bot.domain.place import Place, distance_km
from bot.domain.ticket import OPEN, TicketState, format_number
from bot.i18n import text
from bot.services import handoffs
from bot.services.assignments import move, send_back
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.history import note
from bot.services.needs import pending_buttons
from bot.services.replies import Step, Turn, back, say
from bot.services.workdays import special_days
from bot.storage import Assignment, Attachment, Counter, Ticket, now, touch

SAME_WITHIN = timedelta(days=15)
SAME_KM = 0.3
URGE_PAUSE = timedelta(hours=1)


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
        if _same_place(where, Place(**ticket.place)):
            return ticket
    return None


def _same_place(one: Place, other: Place) -> bool:
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        return distance_km(one.lat, one.lon, other.lat, other.lon) <= SAME_KM
    return bool(one.text) and one.text == other.text


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
    elif _NUMBER.search(turn.heard.text):
        say(session, turn, "ticket.not_yours")
        return back(turn)
    if not tickets:
        say(session, turn, "ticket.none")
        return back(turn)
    shown = tickets[:3]
    say(session, turn, "ticket.status", cards=[card(t, turn.language) for t in shown],
        buttons=[Button(f"urge:{t.number}", text("button.urge", turn.language, number=t.number))
                 for t in shown if TicketState(t.state) in OPEN])
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
        say(session, turn, "ticket.reopened", number=ticket.number, due=when_in_words(ticket.due_at, turn.language))
    return back(turn)


def add_to_latest(session: Session, turn: Turn) -> bool:
    """A photo or a place sent after the form: it joins the citizen's newest open ticket. False where there is none."""
    tickets = [t for t in of_conversation(session, turn.conversation_id) if TicketState(t.state) in OPEN]
    if not tickets:
        return False
    _add(session, turn, tickets[0], turn.heard.text[:1000] or "photo")
    return True


def _add(session: Session, turn: Turn, ticket: Ticket, words: str) -> None:
    _attach(session, ticket, list(turn.photos))
    note(session, "ticket", ticket.id, "citizen", "added", why=words)
    touch(session, "tickets")
    say(session, turn, "ticket.added", number=ticket.number)


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


_NUMBER = re.compile(r"[A-Za-z]{2}\d{8,}")


def _named(turn: Turn, tickets: list[Ticket]) -> Ticket | None:
    words = (turn.heard.choice.partition(":")[2] or turn.heard.text).upper()
    return next((t for t in tickets if t.number in words), None)


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


def when_in_words(moment: datetime, language: str) -> str:
    """A deadline as a citizen reads it."""
    local = moment.astimezone(LOCAL)
    return f"{local:%Y-%m-%d %H:%M}" if language == "en" else f"{local.month}月{local.day}日{local:%H:%M}"
