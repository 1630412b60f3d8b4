"""A referral: a life-service request given to a provider, followed until the citizen rates it."""

from datetime import timedelta
from enum import StrEnum

from bot.errors import Conflict


class ReferralState(StrEnum):
    OPEN = "open"
    ASKED = "asked"
    CLOSED = "closed"


class ReferralOutcome(StrEnum):
    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    EXPIRED = "expired"


NEXT: dict[ReferralState, frozenset[ReferralState]] = {
    ReferralState.OPEN: frozenset({ReferralState.ASKED, ReferralState.CLOSED}),
    ReferralState.ASKED: frozenset({ReferralState.CLOSED, ReferralState.OPEN}),
    ReferralState.CLOSED: frozenset({ReferralState.OPEN}),
}
FOLLOW_UP_AFTER = timedelta(hours=24)
REMIND_AFTER = timedelta(days=3)
EXPIRES_AFTER = timedelta(days=7)


def check_move(now: ReferralState, then: ReferralState) -> None:
    """Raise Conflict where `then` may not follow `now`."""
    if then not in NEXT[now]:
        raise Conflict("referral.cannot_move", now=now.value, then=then.value)
