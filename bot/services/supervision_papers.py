"""Written supervision (督办单): what departments have to answer, and what supervisors write by hand."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.calendar import DAY_SECONDS, add_working_time
from bot.domain.clock import RED, RUNGS
from bot.domain.ticket import GROUPS, TicketState
from bot.errors import BadInput, Conflict, NotFound
from bot.services import announcing, assignments, units
from bot.services.history import note
from bot.services.provider_standing import SUSPENDED
from bot.services.supervision import MANUAL
from bot.services.workdays import special_days
from bot.storage import Assignment, Extension, Provider, Supervision, Ticket, now, touch

LONGEST_REPLY = 10
"""Working days."""


def unread(session: Session, actor: Actor, level: int = RED, limit: int = 200) -> list[Supervision]:
    """What nobody has acknowledged yet, from that level on, oldest first: a department's own, or all for who
    supervises."""
    query = _theirs(select(Supervision), actor).where(Supervision.acknowledged_at.is_(None), Supervision.level >= level)
    return list(session.scalars(query.order_by(Supervision.id).limit(limit)))


def owed(session: Session, actor: Actor) -> int:
    """How much waits for who looks: papers to answer, and for who supervises calls, returns, more time asked for and
    providers to review."""
    papers = _theirs(select(Supervision), actor).where(Supervision.acknowledged_at.is_(None), Supervision.level >= RED)
    waiting: list[Select[Any]] = [papers]
    if actor.may(Right.SUPERVISE):
        waiting += [select(Ticket.id).where(Ticket.needs_call.is_(True)),
                    select(Ticket.id).where(Ticket.state == TicketState.RETURNED),
                    select(Extension.id).where(Extension.granted.is_(None)),
                    select(Provider.id).where(Provider.standing == SUSPENDED, Provider.suspended_at.is_not(None))]
    return sum(session.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in waiting)


def read(session: Session, actor: Actor, limit: int = 50) -> list[Supervision]:
    """Papers that were acknowledged, newest first."""
    query = _theirs(select(Supervision), actor).where(Supervision.acknowledged_at.is_not(None),
                                                      Supervision.level >= RED)
    return list(session.scalars(query.order_by(Supervision.acknowledged_at.desc()).limit(limit)))


def find(session: Session, paper_id: int, actor: Actor) -> Supervision:
    """A paper the actor has to do with. Raises NotFound."""
    paper = session.scalar(_theirs(select(Supervision), actor).where(Supervision.id == paper_id))
    if paper is None:
        raise NotFound("supervision.unknown")
    return paper


def _theirs(query: Select[tuple[Supervision]], actor: Actor) -> Select[tuple[Supervision]]:
    if actor.may(Right.SUPERVISE):
        return query
    actor.must(Right.HANDLE_TICKETS)
    theirs = query.where(Supervision.department == actor.department)
    if actor.unit:
        theirs = theirs.where(Supervision.ticket_id.in_(select(Assignment.ticket_id).where(*units.visible(actor))))
    return theirs


def of_ticket(session: Session, ticket: Ticket) -> list[Supervision]:
    """All that was written about a ticket, in order."""
    query = select(Supervision).where(Supervision.ticket_id == ticket.id)
    return list(session.scalars(query.order_by(Supervision.id)))


def write(session: Session, number: str, actor: Actor, words: str, days: int) -> Supervision:
    """督办 by hand: a supervisor's own words to the department that has an open ticket, to be answered within so many
    working days. No card is counted for it. Raises BadInput, Conflict."""
    actor.must(Right.SUPERVISE)
    ticket = assignments.held(session, number, actor)
    said = assignments.worded(words, "supervision.no_words")
    if TicketState(ticket.state) not in GROUPS["open"]:
        raise Conflict("ticket.not_open", number=number)
    if not 1 <= days <= LONGEST_REPLY:
        raise BadInput("ticket.bad_days", most=LONGEST_REPLY)
    moment = now()
    until = add_working_time(moment, timedelta(seconds=days * DAY_SECONDS), special_days(session))
    paper = Supervision(ticket_id=ticket.id, department=ticket.lead, kind=MANUAL, level=RED, due_at=moment, at=moment,
                        words=said, written_by=actor.id, reply_due_at=until)
    session.add(paper)
    session.flush()
    note(session, "ticket", ticket.id, actor.id, "supervised", before=MANUAL, after=str(RED), why=said)
    announcing.supervised(session, RUNGS[RED], paper, ticket.number, ticket.item, until)
    touch(session, "tickets")
    return paper


def acknowledge(session: Session, paper_id: int, actor: Actor, reply: str = "") -> bool:
    """Read and understood, with who and when; a department says to a written supervision what it does and by when.
    False where that was said before. Raises NotFound for another's, BadInput without a reply."""
    paper = find(session, paper_id, actor)
    owes_words = paper.level >= RED and not actor.may(Right.SUPERVISE)
    words = assignments.worded(reply, "supervision.no_reply") if owes_words or reply.strip() else ""
    won = session.execute(
        update(Supervision).where(Supervision.id == paper_id, Supervision.acknowledged_at.is_(None))
        .values(acknowledged_at=now(), acknowledged_by=actor.id, reply=words)
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        return False
    note(session, "ticket", paper.ticket_id, actor.id, "acknowledged", before=paper.kind, after=str(paper.level),
         why=words)
    touch(session, "tickets")
    return True
