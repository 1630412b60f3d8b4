"""An assignment's life: one department's part of a ticket, and its standing among the other parts."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from bot.errors import Conflict


class AssignmentRole(StrEnum):
    """A ticket has exactly one lead, also while it is returned. `past` is a lead that gave it back and was replaced: it
    is kept with its reason and sees the ticket no more."""

    LEAD = "lead"
    CO = "co"
    PAST = "past"


class AssignmentState(StrEnum):
    """`queued`: a co-handler whose turn comes when those of earlier steps have answered (串联)."""

    QUEUED = "queued"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    RETURNED = "returned"


_A = AssignmentState
NEXT: dict[AssignmentState, frozenset[AssignmentState]] = {
    _A.QUEUED: frozenset({_A.DISPATCHED}),
    _A.DISPATCHED: frozenset({_A.ACCEPTED, _A.RETURNED, _A.QUEUED}),  # queued: put behind others, or all begins anew
    _A.ACCEPTED: frozenset({_A.ANSWERED, _A.RETURNED, _A.DISPATCHED, _A.QUEUED}),  # dispatched: it is made the lead
    _A.ANSWERED: frozenset({_A.DISPATCHED, _A.QUEUED}),
    _A.RETURNED: frozenset({_A.DISPATCHED}),
}


def check_move(now: AssignmentState, then: AssignmentState) -> None:
    """Raise Conflict where `then` may not follow `now`."""
    if then not in NEXT[now]:
        raise Conflict("assignment.cannot_move", now=now.value, then=then.value)


class Part(Protocol):
    """What these rules look at."""

    role: str
    state: str
    step: int


SomePart = TypeVar("SomePart", bound=Part)
_SETTLED = frozenset({AssignmentState.ANSWERED, AssignmentState.RETURNED})
NOT_BEGUN = frozenset({AssignmentState.QUEUED, AssignmentState.DISPATCHED})
"""Nobody has taken such a part on: its turn may still change."""
LAST_STEP = 9


def startable(parts: Sequence[SomePart]) -> list[SomePart]:
    """Queued co-handlers whose turn it is: nobody of an earlier step still has to answer."""
    waiting = missing(parts)
    now = min((p.step for p in waiting), default=0)
    return [p for p in waiting if p.state == AssignmentState.QUEUED and p.step == now]


def premature(parts: Sequence[SomePart]) -> list[SomePart]:
    """Co-handlers dispatched, but not at work yet, who have to wait after all: others come before them now."""
    owing = missing(parts)
    first = min((p.step for p in owing), default=0)
    return [p for p in owing if p.state == AssignmentState.DISPATCHED and p.step > first]


def anew(parts: Sequence[SomePart]) -> list[SomePart]:
    """Co-handlers who have their part to do once more when the ticket is reopened, in their order; who gave theirs back
    has not."""
    return [p for p in parts if p.role == AssignmentRole.CO and p.state != AssignmentState.RETURNED]


def step_of(others: Sequence[Part], after: bool) -> int:
    """The step of one more co-handler: behind all the `others`, or beside the first of those who still have to
    answer."""
    if after:
        return min(max((p.step for p in others), default=-1) + 1, LAST_STEP)
    return min((p.step for p in others if p.state not in _SETTLED), default=min((p.step for p in others), default=0))


def missing(parts: Sequence[SomePart]) -> list[SomePart]:
    """Co-handlers that the lead's answer should wait for."""
    return [p for p in parts if p.role == AssignmentRole.CO and p.state not in _SETTLED]
