"""What everybody may see: this month's totals, small counts hidden, no figure that could point to somebody."""

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.report import HIDDEN_BELOW, Tally, Times, hidden
from bot.domain.span import span
from bot.services.reports import durations
from bot.services.reports.counts import Reach, tallies
from bot.services.reports.dashboard import categories
from bot.storage import now

KEPT_SECONDS = 300
_kept: dict[str, tuple[float, "Totals"]] = {}


@dataclass(frozen=True)
class Totals:
    """`received`, `answered` None where fewer than five; shares None where fewer than five are behind them."""

    at: datetime
    since: datetime
    received: int | None
    answered: int | None
    solved: float | None
    satisfied: float | None
    on_time: float | None
    silent: float | None
    days: Times
    categories: dict[str, int | None]


def totals(session: Session) -> Totals:
    """This month's, at most five minutes old."""
    url = settings().sql_url
    if url not in _kept or time.monotonic() - _kept[url][0] > KEPT_SECONDS:
        _kept[url] = time.monotonic(), counted(session)
    return _kept[url][1]


def forget() -> None:
    """Count anew at the next look."""
    _kept.clear()


def counted(session: Session) -> Totals:
    """As it is now."""
    moment = now()
    month = span("month", moment)
    found = tallies(session, month.since, month.until, Reach(), ("item",))
    total: Tally = found[""][""]
    days = durations.until_answer(session, month.since, month.until, Reach())
    shown = hidden({code: tally.received for code, tally in categories(found["item"]).items() if tally.received})
    return Totals(
        at=moment, since=month.since, received=_enough(total.received), answered=_enough(total.answered),
        solved=_of(total.solved_rate, total.solved + total.not_solved),
        satisfied=_of(total.satisfied_rate, total.rated),
        on_time=_of(total.on_time_rate, total.on_time + total.late), silent=_of(total.silent_rate, total.answered),
        days=days if days.count >= HIDDEN_BELOW else Times(),
        categories=dict(sorted(shown.items(), key=lambda one: (one[1] is None, -(one[1] or 0), one[0]))),
    )


def _enough(count: int) -> int | None:
    return None if 0 < count < HIDDEN_BELOW else count


def _of(rate: float | None, count: int) -> float | None:
    return rate if count >= HIDDEN_BELOW else None
