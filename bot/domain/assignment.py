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
    _A.DISPATCHED: frozenset({_A.ACCEPTED, _A.RETURNED}),
    _A.ACCEPTED: frozenset({_A.ANSWERED, _A.RETURNED, _A.DISPATCHED}),  # dispatched: a co-handler is made the lead
    _A.ANSWERED: frozenset({_A.DISPATCHED}),
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


def startable(parts: Sequence[SomePart]) -> list[SomePart]:
    """Queued co-handlers whose turn it is: nobody of an earlier step still has to answer."""
    waiting = [p for p in parts if p.role == AssignmentRole.CO and p.state not in _SETTLED]
    now = min((p.step for p in waiting), default=0)
    return [p for p in waiting if p.state == AssignmentState.QUEUED and p.step == now]


def missing(parts: Sequence[SomePart]) -> list[SomePart]:
    """Co-handlers that the lead's answer should wait for."""
    return [p for p in parts if p.role == AssignmentRole.CO and p.state not in _SETTLED]
