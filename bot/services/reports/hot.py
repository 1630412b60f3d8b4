"""What came in clearly more often in the last seven days than in the four weeks before."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.report import WEEKS_BEFORE, hot
from bot.services.reports.counts import Reach, condition, counting, reaching
from bot.storage import Ticket

WEEK = timedelta(days=7)
SHOWN = 20


@dataclass(frozen=True)
class Hot:
    """An item, or an item in one street: `now` in the week, `mean` a week before; `chance` that so many came by
    accident."""

    item: str
    street: str
    now: int
    mean: float
    chance: float


def issues(session: Session, until: datetime, reach: Reach) -> tuple[list[Hot], list[Hot]]:
    """(items, items by street) of the seven days that end then."""
    weeks = _weeks(session, until, reach)
    items: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (item, _), (now, before) in weeks.items():
        items[item, ""] = (items[item, ""][0] + now, items[item, ""][1] + before)
    return _hot(items), _hot({key: found for key, found in weeks.items() if key[1]})


def _hot(counts: dict[tuple[str, str], tuple[int, int]]) -> list[Hot]:
    named = {"\n".join(key): found for key, found in counts.items()}
    found = []
    for name, chance in list(hot(named).items())[:SHOWN]:
        item, street = name.split("\n")
        now, before = named[name]
        found.append(Hot(item, street, now, before / WEEKS_BEFORE, chance))
    return sorted(found, key=lambda one: -one.now)


def _weeks(session: Session, until: datetime, reach: Reach) -> dict[tuple[str, str], tuple[int, int]]:
    """{(item, street): (in the week, in the four before)}."""
    since = until - WEEK
    recent = counting(Ticket.received_at >= since)
    where = condition("received", since - WEEKS_BEFORE * WEEK, until, until)
    query = reaching(select(Ticket.item, Ticket.street, recent, func.count()).select_from(Ticket).where(where), reach)
    return {(item, street): (now, count - now)
            for item, street, now, count in session.execute(query.group_by(Ticket.item, Ticket.street))}
