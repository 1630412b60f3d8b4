"""A ticket's life: which state follows which, and what a closing may honestly say (DESIGN §2)."""

from datetime import datetime
from enum import StrEnum

from bot.errors import Conflict


class TicketState(StrEnum):
    RECEIVED = "received"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WAITING = "waiting_for_citizen"
    SUSPENDED = "suspended"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What closing a ticket says about it."""

    SOLVED = "solved"
    EXPLAINED = "explained"
    OUT_OF_REMIT = "out_of_remit"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


class RequestKind(StrEnum):
    CONSULT = "consult"
    HELP = "help"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"


_S = TicketState
NEXT: dict[TicketState, frozenset[TicketState]] = {
    _S.RECEIVED: frozenset({_S.DISPATCHED, _S.WITHDRAWN, _S.MERGED}),
    _S.DISPATCHED: frozenset({_S.ACCEPTED, _S.RETURNED, _S.WITHDRAWN, _S.MERGED}),
    _S.ACCEPTED: frozenset({_S.ANSWERED, _S.RETURNED, _S.WAITING, _S.SUSPENDED, _S.WITHDRAWN, _S.MERGED}),
    _S.RETURNED: frozenset({_S.DISPATCHED, _S.WITHDRAWN, _S.CLOSED}),
    _S.WAITING: frozenset({_S.ACCEPTED, _S.ANSWERED, _S.WITHDRAWN, _S.CLOSED}),
    _S.SUSPENDED: frozenset({_S.ACCEPTED, _S.WITHDRAWN}),
    _S.ANSWERED: frozenset({_S.CONFIRMED, _S.REOPENED}),
    _S.CONFIRMED: frozenset({_S.CLOSED}),
    _S.REOPENED: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.WITHDRAWN}),
    _S.CLOSED: frozenset({_S.REOPENED}),
    _S.MERGED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
DONE = frozenset({_S.ANSWERED, _S.CONFIRMED})
ENDED = frozenset({_S.CLOSED, _S.MERGED, _S.WITHDRAWN})
OPEN = frozenset(_S) - ENDED
IN_HAND = frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.WAITING, _S.SUSPENDED})
RESTING = frozenset({_S.WAITING, _S.SUSPENDED})
"""While somebody else is waited for the answer's clock stands still: such a ticket is neither due soon nor late."""
GROUPS = {"open": OPEN - DONE, "returned": frozenset({_S.RETURNED}), "answered": DONE, "closed": ENDED}
"""What lists are made of: `open` is what departments and operators still have to do."""
OLD_DIGITS = 12
CONTACT_OPTIONAL = frozenset({RequestKind.SUGGESTION})


def check_move(now: TicketState, then: TicketState) -> None:
    """Raise Conflict where `then` may not follow `now`."""
    if then not in NEXT[now]:
        raise Conflict("ticket.cannot_move", now=now.value, then=then.value)


def check_in_hand(now: TicketState) -> None:
    """Raise Conflict where no department is at work on the ticket."""
    if now not in IN_HAND:
        raise Conflict("ticket.not_in_hand", now=now.value)


def format_number(prefix: str, day: datetime, count: int) -> str:
    """`HS2026112200079`: prefix, local day, at least four digits of counting, check digit."""
    digits = f"{day:%Y%m%d}{count:04d}"
    return f"{prefix}{digits}{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """ISO/IEC 7064 MOD 11,10 (a hybrid system: the check character is a digit too). Finds every single wrong digit
    and nearly all swapped neighbours."""
    rest = 10
    for digit in digits:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return (11 - rest) % 10


def check_number(number: str) -> bool:
    """Whether a ticket may have this number; False means that it has a typing error. Numbers from before there was a
    check digit have twelve digits and only their day is looked at."""
    digits = number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    try:
        datetime.strptime(digits[:8], "%Y%m%d")
    except ValueError:
        return False
    return len(digits) == OLD_DIGITS or (len(digits) > OLD_DIGITS and check_digit(digits[:-1]) == int(digits[-1]))
