"""What the hotline itself does when nobody does anything: it reminds a citizen once, and ends what is never answered.

The clock is the ticket's `follow_up`; what its end means depends on what the ticket waits for: a verdict on the answer,
material from the citizen, or the end of a suspension.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.clock import YELLOW, ClockKind
from bot.domain.rating import REOPEN_WITHIN, Rating, half
from bot.domain.ticket import Outcome, TicketState
from bot.services import assignments
from bot.services.history import note
from bot.services.telling import tell_citizen, verdict_buttons
from bot.storage import Clock, Supervision, Ticket

REMIND, END = 0, 1
BATCH = 100
NOT_ANSWERED = "follow-up expired"
"""Why a ticket was closed that its citizen never judged: `solved` stays empty, which no report takes for satisfied."""
LATE_IN = (TicketState.DISPATCHED, TicketState.ACCEPTED, TicketState.RETURNED)


def run(session: Session, moment: datetime, limit: int = BATCH) -> int:
    """Follow-ups that are due by then, one step each, earliest first. Returns how many steps were taken. The ticket is
    locked before its clock, in the order in which everybody else does it; one in somebody's hands is left for the next
    time."""
    query = (
        select(Clock.id, Clock.subject_id).where(Clock.next_at <= moment, Clock.subject == "ticket",
                                                 Clock.kind == ClockKind.FOLLOW_UP.value)
        .order_by(Clock.next_at, Clock.id).limit(limit)
    )
    return sum(_step(session, clock_id, ticket_id, moment) for clock_id, ticket_id in session.execute(query).all())


def tell_late(session: Session, moment: datetime, limit: int = BATCH) -> int:
    """Citizens whose answer has just become overdue are told so, once; not where it came, or got more time, meanwhile,
    nor when a co-handler's part is late, which has a deadline of its own. Returns how many were looked at."""
    query = select(Supervision).where(Supervision.told_at.is_(None), Supervision.level == YELLOW,
                                      Supervision.kind == ClockKind.ANSWER.value)
    papers = session.scalars(query.order_by(Supervision.id).limit(limit).with_for_update(skip_locked=True)).all()
    for paper in papers:
        paper.told_at = moment
        ticket = session.get_one(Ticket, paper.ticket_id)
        if ticket.state in LATE_IN and ticket.due_at == paper.due_at:
            tell_citizen(session, ticket, "ticket.overdue", ticket.lead)
    return len(papers)


def _step(session: Session, clock_id: int, ticket_id: int, moment: datetime) -> bool:
    held = select(Ticket).where(Ticket.id == ticket_id).with_for_update(key_share=True, skip_locked=True)
    ticket = session.scalar(held.execution_options(populate_existing=True))
    clock = session.get(Clock, clock_id, populate_existing=True)
    if ticket is None or clock is None or clock.next_at is None:
        return False
    level = clock.level
    if not _won(session, clock, moment):
        return False
    if level == REMIND:
        _remind(session, ticket)
    else:
        _end(session, ticket)
    return True


def _won(session: Session, clock: Clock, moment: datetime) -> bool:
    """The step is ours, if the clock is still where it was seen. After a reminder that came late, because the machine
    was off, the citizen has as long to answer as after one in time."""
    level, notice = clock.level, timedelta(seconds=clock.notice_seconds)
    end = max(clock.due_at, moment + notice)
    then = {"due_at": end, "next_at": end} if level == REMIND else {"next_at": None}
    changed = session.execute(
        update(Clock).where(Clock.id == clock.id, Clock.level == level, Clock.next_at <= moment)
        .values(level=level + 1, **then)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _remind(session: Session, ticket: Ticket) -> None:
    if ticket.state == TicketState.ANSWERED and half(Rating(ticket.score, ticket.solved)):
        _unsolved(session, ticket)
    elif ticket.state == TicketState.ANSWERED:
        note(session, "ticket", ticket.id, "clock", "asked_again")
        tell_citizen(session, ticket, "ticket.rate_reminder", ticket.lead, verdict_buttons, judged=False)
    elif ticket.state == TicketState.WAITING:
        note(session, "ticket", ticket.id, "clock", "asked_again")
        tell_citizen(session, ticket, "ticket.material_reminder", ticket.lead)


def _end(session: Session, ticket: Ticket) -> None:
    if ticket.state == TicketState.ANSWERED and half(Rating(ticket.score, ticket.solved)):
        _unsolved(session, ticket)
    elif ticket.state == TicketState.ANSWERED:
        assignments.close(session, ticket, "clock", NOT_ANSWERED)
        tell_citizen(session, ticket, "ticket.closed_unanswered", ticket.lead, judged=False,
                     days=str(REOPEN_WITHIN.days))
    elif ticket.state == TicketState.WAITING:
        ticket.outcome = Outcome.UNREACHABLE.value
        assignments.move(session, ticket, TicketState.CLOSED, "clock", "no material came")
        tell_citizen(session, ticket, "ticket.closed_unreachable", ticket.lead, days=str(REOPEN_WITHIN.days))
    elif ticket.state == TicketState.SUSPENDED:
        assignments.move(session, ticket, TicketState.ACCEPTED, "clock", "suspension is over")
        tell_citizen(session, ticket, "ticket.resumed", ticket.lead)


def _unsolved(session: Session, ticket: Ticket) -> None:
    """A low score, and no word on whether it is solved: taken for what it most likely means."""
    ticket.solved = False
    assignments.send_back(session, ticket, "", "clock")
    tell_citizen(session, ticket, "ticket.reopened_low", ticket.lead)
