"""A handoff from the bot to a human: waiting → active → returned | ended."""

from enum import StrEnum

from bot.errors import Conflict


class HandoffState(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    RETURNED = "returned"
    ENDED = "ended"


class Reason(StrEnum):
    """Why a human is wanted; the queue shows it."""

    ASKED = "asked"
    EMERGENCY = "emergency"
    UNCLEAR = "unclear"
    FAILURE = "failure"
    VOICE = "voice"
    ANGRY = "angry"
    DISTRESSED = "distressed"
    FORM = "form"
    NOT_SOLVED = "not_solved"
    ITEM = "item"
    OPERATOR = "operator"


_H = HandoffState
NEXT: dict[HandoffState, frozenset[HandoffState]] = {
    _H.WAITING: frozenset({_H.ACTIVE, _H.RETURNED, _H.ENDED}),
    _H.ACTIVE: frozenset({_H.WAITING, _H.RETURNED, _H.ENDED}),
    _H.RETURNED: frozenset(),
    _H.ENDED: frozenset(),
}
OPEN = (HandoffState.WAITING, HandoffState.ACTIVE)
PRIORITY = {Reason.EMERGENCY: 100, Reason.DISTRESSED: 40, Reason.FAILURE: 20}
"""Emergencies first, then people in distress and those a failure of ours left alone; all others by their wait."""
RELEASED = 15
"""Whose operator vanished has waited once already: before all ordinary ones."""
WARN_AFTER_SECONDS = 180
ESCALATE_AFTER_SECONDS = 300


def check_move(now: HandoffState, then: HandoffState) -> None:
    """Raise Conflict where `then` may not follow `now`."""
    if then not in NEXT[now]:
        raise Conflict("handoff.cannot_move", now=now.value, then=then.value)


def priority(reason: Reason) -> int:
    """Place in the queue: higher first, then who waits longest."""
    return PRIORITY.get(reason, 10)


class Outcome(StrEnum):
    """How a human's help ended, as the operator says it."""

    SOLVED = "solved"
    TICKET = "ticket"
    REFERRAL = "referral"
    EXPLAINED = "explained"
    UNREACHABLE = "unreachable"
