"""What the hotline itself does when nobody does anything: it reminds a citizen once, and ends what is never answered.

The clock is the ticket's `follow_up`; what its end means depends on what the ticket waits for: a verdict on the answer,
material from the citizen, or the end of a suspension.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.clock import ClockKind
from bot.domain.message import Button
from bot.domain.ticket import Outcome, TicketState
from bot.services import assignments
from bot.services.history import note
from bot.services.referrals import rating_buttons
from bot.storage import Clock, Conversation, Ticket

REMIND, END = 0, 1
BATCH = 100


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
    key, buttons = "", list[Button]()
    if ticket.state == TicketState.ANSWERED:
        language = session.get_one(Conversation, ticket.conversation_id).language
        key, buttons = "ticket.rate_reminder", rating_buttons(f"T{ticket.id}", language)
    elif ticket.state == TicketState.WAITING:
        key = "ticket.material_reminder"
    if key:
        note(session, "ticket", ticket.id, "clock", "asked_again")
        assignments.tell_citizen(session, ticket, key, ticket.lead, buttons)


def _end(session: Session, ticket: Ticket) -> None:
    if ticket.state == TicketState.ANSWERED:
        assignments.close(session, ticket, "clock", "follow-up expired")
    elif ticket.state == TicketState.WAITING:
        ticket.outcome = Outcome.UNREACHABLE.value
        assignments.move(session, ticket, TicketState.CLOSED, "clock", "no material came")
        assignments.tell_citizen(session, ticket, "ticket.closed_unreachable", ticket.lead)
    elif ticket.state == TicketState.SUSPENDED:
        assignments.move(session, ticket, TicketState.ACCEPTED, "clock", "suspension is over")
