"""The departments' parts of a ticket: who has one from the beginning, whose turn is next."""

from sqlalchemy.orm import Session

from bot.domain.assignment import AssignmentRole, AssignmentState, startable
from bot.domain.catalogue import Item
from bot.services import part_clocks, units
from bot.services.history import note
from bot.storage import Assignment, Ticket, touch


def begin(session: Session, ticket: Ticket, item: Item) -> None:
    """A new ticket's parts: the item's department leads, those it crosses help from the start."""
    ticket.assignments = [Assignment(department=item.department, role=AssignmentRole.LEAD.value)]
    ticket.assignments += [Assignment(department=code, role=AssignmentRole.CO.value)
                           for code in item.cross if code != item.department]
    locate(session, ticket)


def locate(session: Session, ticket: Ticket) -> None:
    """The territories of the ticket's place, and the unit of each department that is responsible there."""
    ticket.street = str(ticket.place.get("street") or "")
    ticket.community = str(ticket.place.get("community") or "")
    for part in ticket.assignments:
        part.unit = units.responsible(session, part.department, ticket)


def started(session: Session, ticket: Ticket) -> None:
    """The ticket is dispatched: the clocks of co-handlers whose turn it is begin."""
    for part in ticket.assignments:
        if part.role == AssignmentRole.CO and part.state == AssignmentState.DISPATCHED:
            part_clocks.follow(session, ticket, part)


def next_in_line(session: Session, ticket: Ticket) -> None:
    """Co-handlers that waited for others and need not wait any more (串联)."""
    for part in startable(ticket.assignments):
        part.state = AssignmentState.DISPATCHED.value
        part_clocks.follow(session, ticket, part)
        note(session, "ticket", ticket.id, "bot", "co_dispatched", why=part.department)
        touch(session, "tickets")
