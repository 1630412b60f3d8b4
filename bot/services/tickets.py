"""Tickets: opening one, telling how it stands, urging, and the departments' side of it."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, selectinload

from bot.config import settings
from bot.domain.access import Actor, Right, may_see_ticket
from bot.domain.calendar import LOCAL
from bot.domain.clock import due_at
from bot.domain.draft import TICKET_FORM, Draft
from bot.domain.message import Button, Card, clean_text
from bot.domain.place import Place, distance_km
from bot.domain.ticket import OPEN, Outcome, TicketState, check_move, format_number
from bot.errors import BadInput, NotFound
from bot.i18n import text
from bot.services import handoffs
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.history import note
from bot.services.needs import pending_buttons
from bot.services.referrals import rating_buttons
from bot.services.replies import Step, Turn, back, say, tell
from bot.storage import Assignment, Attachment, Change, Conversation, Counter, Ticket, now, touch

SAME_WITHIN = timedelta(days=15)
SAME_KM = 0.3
URGE_PAUSE = timedelta(hours=1)
JUST = timedelta(minutes=30)


def open_from_draft(session: Session, turn: Turn) -> Step:
    """The confirmed draft becomes a ticket, dispatched at once to the departments in charge; number and deadline
    are told in the same transaction. The same confirming message opens once."""
    draft = turn.draft
    if not draft.confirmed:
        return Step(draft)
    ticket = session.scalar(select(Ticket).where(Ticket.opened_by == turn.message_id))
    if ticket is None:
        ticket = _open(session, turn, draft)
    item = item_or_raise(ticket.item)
    department = catalogue().departments[item.department]
    say(session, turn, "ticket.opened", cards=[card(ticket, turn.language)], buttons=pending_buttons(turn, draft),
        number=ticket.number, department=department.name(turn.language), due=_when(ticket.due_at, turn.language))
    return Step(draft.fresh() if draft.pending else replace(draft.fresh(), place={}))


def _open(session: Session, turn: Turn, draft: Draft) -> Ticket:
    item = item_or_raise(draft.item)
    moment = now()
    contact = draft.reach()
    ticket = Ticket(
        number=_next_number(session, moment), conversation_id=turn.conversation_id, opened_by=turn.message_id,
        item=item.code, kind=draft.kind, description=draft.description, place=draft.place,
        occurred_at=draft.occurred_at, contact_name=contact.name, contact_phone=contact.phone,
        anonymous=not contact.phone, received_at=moment, due_at=due_at(moment, item.sla_hours),
    )
    ticket.assignments = [Assignment(department=item.department, role="lead")]
    ticket.assignments += [Assignment(department=code, role="co") for code in item.cross if code != item.department]
    session.add(ticket)
    session.flush()
    _attach(session, ticket, list(draft.photos))
    note(session, "ticket", ticket.id, "citizen", "opened", after="received")
    _move(session, ticket, TicketState.DISPATCHED, "bot", why=",".join(a.department for a in ticket.assignments))
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
        say(session, turn, "ticket.urged_already", number=ticket.number, due=_when(ticket.due_at, turn.language))
    else:
        ticket.urged, ticket.last_urged_at = ticket.urged + 1, now()
        note(session, "ticket", ticket.id, "citizen", "urged", why=turn.heard.text[:200])
        touch(session, "tickets")
        say(session, turn, "ticket.urged", number=ticket.number, due=_when(ticket.due_at, turn.language))
    return back(turn)


def reopen(session: Session, turn: Turn) -> Step:
    """没解决: the last answered or closed ticket goes back to the department with the citizen's words."""
    tickets = of_conversation(session, turn.conversation_id)
    ticket = _named(turn, tickets) or next((t for t in tickets if t.state in ("answered", "closed")), None)
    if ticket is None:
        recent = next((t for t in tickets if TicketState(t.state) in OPEN), None)
        if recent is None:
            say(session, turn, "ticket.none")
        else:
            note(session, "ticket", recent.id, "citizen", "added", why=turn.heard.text[:1000])
            _attach(session, recent, list(turn.photos))
            say(session, turn, "ticket.added", number=recent.number)
    else:
        send_back(session, ticket, turn.heard.text)
        say(session, turn, "ticket.reopened", number=ticket.number, due=_when(ticket.due_at, turn.language))
    return back(turn)


def send_back(session: Session, ticket: Ticket, why: str) -> None:
    """Reopen: the clock starts anew and the lead department has it again."""
    if ticket.state in ("answered", "closed"):
        _move(session, ticket, TicketState.REOPENED, "citizen", why=why[:1000])
        _move(session, ticket, TicketState.DISPATCHED, "bot")
        ticket.reopened += 1
        ticket.due_at, ticket.outcome, ticket.closed_at = due_at(now(), item_or_raise(ticket.item).sla_hours), "", None
        for part in ticket.assignments:
            part.state = "dispatched"


def add_to_latest(session: Session, turn: Turn) -> bool:
    """A photo or a place sent after the form: it joins the citizen's newest open ticket. False where there is none."""
    tickets = [t for t in of_conversation(session, turn.conversation_id) if TicketState(t.state) in OPEN]
    if not tickets:
        return False
    _attach(session, tickets[0], list(turn.photos))
    note(session, "ticket", tickets[0].id, "citizen", "added", why=turn.heard.text[:1000] or "photo")
    say(session, turn, "ticket.added", number=tickets[0].number)
    return True


def add_to_reopened(session: Session, turn: Turn) -> bool:
    """Words after "not solved" that name no other need belong to the ticket just sent back. False where none was."""
    since = now() - JUST
    latest = next((t for t in of_conversation(session, turn.conversation_id) if t.reopened), None)
    if latest is None or TicketState(latest.state) not in OPEN:
        return False
    sent_back = session.scalar(
        select(Change.at).where(Change.subject == "ticket", Change.subject_id == str(latest.id),
                                Change.what == TicketState.REOPENED.value).order_by(Change.id.desc()).limit(1)
    )
    return bool(sent_back and sent_back > since) and add_to_latest(session, turn)


def inbox(session: Session, actor: Actor, state: str = "", limit: int = 200) -> list[Ticket]:
    """Tickets the actor may see, those due first on top."""
    query = select(Ticket).options(selectinload(Ticket.assignments)).order_by(Ticket.due_at, Ticket.id).limit(limit)
    if not actor.may(Right.SEE_ALL_TICKETS):
        query = query.join(Assignment).where(Assignment.department == actor.department)
    if state == "open":
        query = query.where(Ticket.state.in_([str(s) for s in OPEN]))
    elif state:
        query = query.where(Ticket.state == state)
    return list(session.scalars(query).unique())


def find(session: Session, number: str, actor: Actor) -> Ticket:
    """The ticket, if the actor may see it. Raises NotFound either way: a number tells nothing."""
    ticket = session.scalar(
        select(Ticket).options(selectinload(Ticket.assignments)).where(Ticket.number == number)
    )
    if ticket is None or not may_see_ticket(actor, {a.department for a in ticket.assignments}):
        raise NotFound("ticket.unknown")
    return ticket


def accept(session: Session, number: str, actor: Actor) -> Ticket:
    """The department takes it on; the citizen is told."""
    ticket, part = _part(session, number, actor)
    part.state = "accepted"
    if ticket.state == TicketState.DISPATCHED and part.role == "lead":
        _move(session, ticket, TicketState.ACCEPTED, actor.id)
        _tell(session, ticket, "ticket.accepted", department=_department(part, ticket))
    return ticket


def answer(session: Session, number: str, actor: Actor, words: str, outcome: str = "solved") -> Ticket:
    """The lead's answer goes to the citizen, who is asked to rate it; a co-handler's goes to the lead."""
    ticket, part = _part(session, number, actor)
    cleaned, _ = clean_text(words, 2000)
    if len(cleaned) < 2:
        raise BadInput("ticket.empty_answer")
    if outcome not in {o.value for o in (Outcome.SOLVED, Outcome.EXPLAINED, Outcome.OUT_OF_REMIT)}:
        raise BadInput("ticket.bad_outcome")
    if part.role == "lead":
        check_move(TicketState(ticket.state), TicketState.ANSWERED)
    part.state, part.note = "answered", cleaned
    if part.role != "lead":
        note(session, "ticket", ticket.id, actor.id, "co_answered", why=cleaned)
        return ticket
    ticket.answer, ticket.outcome, ticket.answered_at = cleaned, outcome, now()
    _move(session, ticket, TicketState.ANSWERED, actor.id, why=cleaned)
    language = session.get_one(Conversation, ticket.conversation_id).language
    _tell(session, ticket, "ticket.answered", rating_buttons(f"T{ticket.id}", language), answer=cleaned,
          department=_department(part, ticket))
    return ticket


def send_away(session: Session, number: str, actor: Actor, why: str) -> Ticket:
    """退单: the department gives it back with a reason; an operator dispatches it anew."""
    ticket, part = _part(session, number, actor)
    if len(why.strip()) < 2:
        raise BadInput("ticket.no_reason")
    part.state, part.note = "returned", why.strip()
    if part.role == "lead":
        _move(session, ticket, TicketState.RETURNED, actor.id, why=why.strip())
    return ticket


def close(session: Session, ticket: Ticket, actor: str, why: str = "") -> None:
    """Answered → confirmed → closed, with the outcome the department gave."""
    _move(session, ticket, TicketState.CONFIRMED, actor, why=why)
    _move(session, ticket, TicketState.CLOSED, actor)
    ticket.closed_at = now()


def close_unrated(session: Session, moment: datetime) -> int:
    """Answers nobody rated within a week are closed; the history says that the follow-up expired."""
    late = session.scalars(
        select(Ticket).where(Ticket.state == "answered", Ticket.answered_at <= moment - timedelta(days=7))
    ).all()
    for ticket in late:
        close(session, ticket, "clock", "follow-up expired")
    return len(late)


def of_conversation(session: Session, conversation_id: str) -> list[Ticket]:
    """A citizen's tickets, newest first."""
    query = select(Ticket).where(Ticket.conversation_id == conversation_id).order_by(Ticket.id.desc())
    return list(session.scalars(query))


def card(ticket: Ticket, language: str) -> Card:
    """A ticket as the citizen sees it."""
    item = item_or_raise(ticket.item)
    lines = [text("ticket.line_state", language, state=text(f"state.{ticket.state}", language)),
             text("ticket.line_due", language, due=_when(ticket.due_at, language)), ticket.description[:80]]
    if ticket.answer:
        lines.append(text("ticket.line_answer", language, answer=ticket.answer[:200]))
    return Card("ticket", f"{ticket.number} {item.name(language)}", lines)


_NUMBER = re.compile(r"[A-Za-z]{2}\d{8,}")


def _named(turn: Turn, tickets: list[Ticket]) -> Ticket | None:
    words = (turn.heard.choice.partition(":")[2] or turn.heard.text).upper()
    return next((t for t in tickets if t.number in words), None)


def _part(session: Session, number: str, actor: Actor) -> tuple[Ticket, Assignment]:
    actor.must(Right.HANDLE_TICKETS)
    ticket = find(session, number, actor)
    part = next((a for a in ticket.assignments if a.department == actor.department), None)
    if part is None:
        raise NotFound("ticket.unknown")
    return ticket, part


def _move(session: Session, ticket: Ticket, then: TicketState, actor: str, why: str = "") -> None:
    before = TicketState(ticket.state)
    check_move(before, then)
    ticket.state = then.value
    note(session, "ticket", ticket.id, actor, then.value, before.value, then.value, why)
    touch(session, "tickets")


def _attach(session: Session, ticket: Ticket, ids: list[int]) -> None:
    if ids:
        session.execute(
            update(Attachment).where(Attachment.id.in_(ids), Attachment.conversation_id == ticket.conversation_id)
            .values(ticket_id=ticket.id)
        )


def _tell(
    session: Session, ticket: Ticket, key: str, buttons: list[Button] | None = None, **facts: str
) -> None:
    conversation = session.get_one(Conversation, ticket.conversation_id)
    moved = note(session, "ticket", ticket.id, "bot", "told", why=key)
    item = item_or_raise(ticket.item).name(conversation.language)
    words = text(key, conversation.language, number=ticket.number, item=item, **facts)
    tell(session, conversation.id, words, f"ticket:{ticket.id}:{moved.id}", buttons)


def _department(part: Assignment, ticket: Ticket) -> str:
    return catalogue().departments[part.department].name_zh


def _next_number(session: Session, moment: datetime) -> str:
    local = moment.astimezone(LOCAL)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Counter).values(name=f"ticket:{local:%Y%m%d}", value=1)
    count = session.scalar(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return format_number(settings().ticket_prefix, local, int(count or 1))


def _when(moment: datetime, language: str) -> str:
    local = moment.astimezone(LOCAL)
    return f"{local:%Y-%m-%d %H:%M}" if language == "en" else f"{local.month}月{local.day}日{local:%H:%M}"
