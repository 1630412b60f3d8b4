"""An assignment's life: one department's part of a ticket, and its standing among the other parts."""

from enum import StrEnum

from bot.errors import Conflict


class AssignmentRole(StrEnum):
    """A ticket has exactly one lead, also while it is returned. `past` is a lead that gave it back and was replaced: it
    is kept with its reason and sees the ticket no more."""

    LEAD = "lead"
    CO = "co"
    PAST = "past"


class AssignmentState(StrEnum):
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    RETURNED = "returned"


_A = AssignmentState
NEXT: dict[AssignmentState, frozenset[AssignmentState]] = {
    _A.DISPATCHED: frozenset({_A.ACCEPTED, _A.RETURNED}),
    _A.ACCEPTED: frozenset({_A.ANSWERED, _A.RETURNED, _A.DISPATCHED}),  # dispatched: a co-handler is made the lead
    _A.ANSWERED: frozenset({_A.DISPATCHED}),
    _A.RETURNED: frozenset({_A.DISPATCHED}),
}


def check_move(now: AssignmentState, then: AssignmentState) -> None:
    """Raise Conflict where `then` may not follow `now`."""
    if then not in NEXT[now]:
        raise Conflict("assignment.cannot_move", now=now.value, then=then.value)
