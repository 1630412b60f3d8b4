"""The inbox: which tickets lie in which of its boxes."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentState
from bot.services import ticket_search
from bot.services.ticket_search import Filter, Page
from bot.storage import now

SOON = timedelta(hours=24)
"""A deadline this near is worth a box of its own."""
OF_A_DEPARTMENT = ("open", "to_accept", "in_hand", "late", "back", "answered", "closed")
OF_THE_DESK = ("open", "late", "returned", "answered", "closed")
OVER = frozenset({"answered", "closed"})
"""Shown newest first; the others by deadline."""


def boxes(actor: Actor) -> tuple[str, ...]:
    """The boxes the actor has, in order."""
    return OF_THE_DESK if actor.may(Right.SEE_ALL_TICKETS) else OF_A_DEPARTMENT


def narrowed(wanted: Filter, box: str) -> Filter:
    """The filter within a box; open where there is no such box."""
    if box == "to_accept":
        return replace(wanted, state="open", part=AssignmentState.DISPATCHED.value)
    if box == "in_hand":
        return replace(wanted, state="open", part=AssignmentState.ACCEPTED.value)
    if box == "late":
        return replace(wanted, due_before=now() + SOON)
    if box == "back":
        return replace(wanted, state="open", back=True)
    return replace(wanted, state=box if box in (*OF_THE_DESK, *OF_A_DEPARTMENT) else "open")


def counts(session: Session, actor: Actor, wanted: Filter) -> dict[str, int]:
    """How many lie in each box that is worth counting; of those answered, and of all where there are many, as far as
    COUNTED."""
    if ticket_search.many_live(session, actor, wanted):
        return {box: ticket_search.count(session, actor, narrowed(wanted, box)) for box in boxes(actor)
                if box != "closed"}
    known = ticket_search.open_counts(session, actor, wanted, now() + SOON)
    known["answered"] = ticket_search.count(session, actor, narrowed(wanted, "answered"))
    return {box: known[box] for box in boxes(actor) if box in known}


def page(session: Session, actor: Actor, wanted: Filter, box: str, after: str = "", limit: int = 50) -> Page:
    """A page of a box."""
    return ticket_search.find(session, actor, narrowed(wanted, box), after, limit, newest=box in OVER)
