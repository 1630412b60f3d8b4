"""Clocks of co-handlers: each part has an acceptance and an answer of its own, with less time than the lead has."""

from sqlalchemy.orm import Session

from bot.domain import clock as rules
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.clock import ClockKind
from bot.domain.setting import ladder
from bot.domain.ticket import RESTING
from bot.services import clock_rows
from bot.services.catalogue import item_or_raise
from bot.services.settings import value
from bot.storage import Assignment, Ticket

SUBJECT = "assignment"
SHARE = 0.75
"""Of the item's time limit: the lead needs the rest to put the answers together."""


def follow(session: Session, ticket: Ticket, part: Assignment) -> None:
    """The co-handler's part has moved: its clocks go with it."""
    if part.role != AssignmentRole.CO:
        clock_rows.stop(session, SUBJECT, part.id)
    elif part.state == AssignmentState.DISPATCHED:
        _start(session, ticket, part)
    elif part.state == AssignmentState.ACCEPTED:
        clock_rows.stop(session, SUBJECT, part.id, ClockKind.ACCEPT)
    else:
        clock_rows.stop(session, SUBJECT, part.id)


def pause(session: Session, ticket: Ticket) -> None:
    """The whole ticket rests."""
    for part in _co(ticket):
        clock_rows.pause(session, SUBJECT, part.id)


def resume(session: Session, ticket: Ticket) -> None:
    """It goes on."""
    for part in _co(ticket):
        clock_rows.resume(session, SUBJECT, part.id)


def stop(session: Session, ticket: Ticket) -> None:
    """The ticket is answered or over: nobody owes a part of it any more."""
    for part in ticket.assignments:
        if part.role != AssignmentRole.LEAD:  # whose own were stopped when it was made that
            clock_rows.stop(session, SUBJECT, part.id)


def _co(ticket: Ticket) -> list[Assignment]:
    return [part for part in ticket.assignments if part.role == AssignmentRole.CO]


def _start(session: Session, ticket: Ticket, part: Assignment) -> None:
    hours, steps = item_or_raise(ticket.item).sla_hours, ladder(value(session, "supervision"))
    for kind in (ClockKind.ACCEPT, ClockKind.ANSWER):
        whole = rules.limit_of(kind, hours, steps)
        limit = whole if kind == ClockKind.ACCEPT else rules.share(whole, SHARE)
        clock_rows.start(session, SUBJECT, part.id, kind, limit, part.department)
    if ticket.state in RESTING:
        clock_rows.pause(session, SUBJECT, part.id)
