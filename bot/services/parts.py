"""The departments' parts of a ticket: who has one from the beginning, whose turn is next."""

from typing import Any

from sqlalchemy.orm import Session

from bot.domain.assignment import AssignmentRole, AssignmentState, anew, check_move, premature, startable
from bot.domain.catalogue import Item
from bot.services import part_clocks, territories, units
from bot.services.history import note
from bot.storage import Assignment, Ticket, touch


def begin(session: Session, ticket: Ticket, item: Item, reported_in: str = "") -> None:
    """A new ticket's parts: the item's department leads, those it crosses help from the start. `reported_in` is the
    territory of a community worker who reports it: theirs, where the place is not said to be elsewhere."""
    ticket.assignments = [Assignment(department=item.department, role=AssignmentRole.LEAD.value)]
    ticket.assignments += [Assignment(department=code, role=AssignmentRole.CO.value)
                           for code in item.cross if code != item.department]
    locate(session, ticket, reported_in)


def locate(session: Session, ticket: Ticket, reported_in: str = "") -> None:
    """The territories of the ticket's place, and the unit of each department that is responsible there."""
    ticket.street = str(ticket.place.get("street") or "")
    ticket.community = str(ticket.place.get("community") or "")
    ticket.grid = territories.grid_of(session, ticket.place)
    if reported_in:
        _within(ticket, territories.around(session, reported_in))
    for part in ticket.assignments:
        part.unit = units.responsible(session, part.department, ticket)


def _within(ticket: Ticket, known: dict[str, str]) -> None:
    """From the outside in, as far as what is known of the place does not speak against it."""
    for level in ("street", "community", "grid"):
        told = getattr(ticket, level)
        if told and told != known.get(level):
            return
        setattr(ticket, level, known.get(level, ""))


def moved_to(session: Session, ticket: Ticket, place: dict[str, Any]) -> None:
    """The citizen has shown where it is: the words told before stay, the territories and units follow."""
    ticket.place = {**place, **{k: v for k, v in ticket.place.items() if k == "text" and v}}
    locate(session, ticket)


def started(session: Session, ticket: Ticket) -> None:
    """The ticket is dispatched: the clocks of co-handlers whose turn it is begin."""
    for part in ticket.assignments:
        if part.role == AssignmentRole.CO and part.state == AssignmentState.DISPATCHED:
            part_clocks.follow(session, ticket, part)


def again(session: Session, ticket: Ticket) -> None:
    """The ticket is reopened: co-handlers begin anew, in their order."""
    for part in anew(ticket.assignments):
        part.accepted_at = part.answered_at = None
        _queue(session, ticket, part)
    next_in_line(session, ticket)


def reorder(session: Session, ticket: Ticket) -> None:
    """The order has changed: who comes too early waits, whose turn it is begins."""
    for part in premature(ticket.assignments):
        _queue(session, ticket, part)
    next_in_line(session, ticket)


def next_in_line(session: Session, ticket: Ticket) -> None:
    """Co-handlers that waited for others and need not wait any more (串联)."""
    for part in startable(ticket.assignments):
        part.state = AssignmentState.DISPATCHED.value
        part_clocks.follow(session, ticket, part)
        note(session, "ticket", ticket.id, "bot", "co_dispatched", why=part.department)
        touch(session, "tickets")


def _queue(session: Session, ticket: Ticket, part: Assignment) -> None:
    if part.state != AssignmentState.QUEUED:
        check_move(AssignmentState(part.state), AssignmentState.QUEUED)
        part.state = AssignmentState.QUEUED.value
        part_clocks.follow(session, ticket, part)
