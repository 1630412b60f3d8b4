"""More time for an answer: a department asks, the desk decides."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole
from bot.domain.ticket import TicketState
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.services import clocks
from bot.services.assignments import held, part_of, tell_citizen, worded
from bot.services.history import note
from bot.storage import Extension, Ticket, now, touch

MOST_DAYS = 30


def ask(session: Session, number: str, actor: Actor, days: int, why: str) -> Extension:
    """The lead asks for so many working days more, before the deadline, and not while another request is open."""
    ticket, part = part_of(session, number, actor)
    if part.role != AssignmentRole.LEAD:
        raise NotAllowed("ticket.lead_only")
    reason = worded(why, "ticket.no_extension_reason")
    if not 1 <= days <= MOST_DAYS:
        raise BadInput("ticket.bad_days", most=MOST_DAYS)
    if ticket.state != TicketState.ACCEPTED or ticket.due_at <= now():
        raise Conflict("ticket.extension_late")
    if session.scalar(select(Extension.id).where(Extension.ticket_id == ticket.id, Extension.granted.is_(None))):
        raise Conflict("ticket.extension_open")
    asked = Extension(ticket_id=ticket.id, department=actor.department, days=days, why=reason, asked_by=actor.id)
    session.add(asked)
    session.flush()
    note(session, "ticket", ticket.id, actor.id, "extension_asked", after=str(days), why=reason)
    touch(session, "tickets")
    return asked


def decide(session: Session, extension_id: int, actor: Actor, granted: bool, words: str = "") -> Ticket:
    """Granted, the deadline moves and the citizen is told the new one; refused, it stays, and the reason is given. Of
    two at once one decides; the other gets Conflict."""
    actor.must(Right.DISPATCH_TICKETS)
    found = session.execute(
        select(Extension, Ticket.number).join(Ticket, Ticket.id == Extension.ticket_id)
        .where(Extension.id == extension_id)
    ).one_or_none()
    if found is None:
        raise NotFound("ticket.no_extension")
    asked, number = found
    ticket = held(session, number, actor)
    reply = words.strip()[:1000] if granted else worded(words, "ticket.no_refusal_reason")
    won = session.execute(
        update(Extension).where(Extension.id == extension_id, Extension.granted.is_(None))
        .values(granted=granted, decided_by=actor.id, decided_at=now(), reply=reply)
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        raise Conflict("ticket.extension_decided")
    what = "extended" if granted else "extension_refused"
    note(session, "ticket", ticket.id, actor.id, what, after=str(asked.days), why=reply or asked.why)
    touch(session, "tickets")
    if granted:
        _grant(session, ticket, asked)
    return ticket


def _grant(session: Session, ticket: Ticket, asked: Extension) -> None:
    """Moves the deadline, if there is still one: what was answered meanwhile needs no time."""
    before = ticket.due_at
    clocks.extend(session, ticket, asked.days)
    if ticket.due_at != before:
        tell_citizen(session, ticket, "ticket.extended", asked.department, why=asked.why)


def of_ticket(session: Session, ticket: Ticket) -> list[Extension]:
    """All that were asked for, in order."""
    return list(session.scalars(select(Extension).where(Extension.ticket_id == ticket.id).order_by(Extension.id)))


def waiting(session: Session, limit: int = 200) -> list[Extension]:
    """Those that nobody has decided on, oldest first."""
    query = select(Extension).where(Extension.granted.is_(None)).order_by(Extension.id)
    return list(session.scalars(query.limit(limit)))


def counts(session: Session) -> dict[str, int]:
    """How many were granted, by department."""
    query = select(Extension.department, func.count()).where(Extension.granted.is_(True)).group_by(Extension.department)
    return dict(session.execute(query).tuples().all())
