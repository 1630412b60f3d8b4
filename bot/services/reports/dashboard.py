"""All figures of a span and of the one before it."""

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.access import Actor
from bot.domain.report import Tally, Times
from bot.domain.span import Span
from bot.services.catalogue import catalogue
from bot.services.reports import durations
from bot.services.reports.counts import Reach, reach_of, standing, tallies
from bot.services.reports.durations import Waiting
from bot.services.reports.trend import Point, trend
from bot.storage import now

GROUPS = ("kind", "item", "street", "department", "channel")
MANY, KEPT_SECONDS = 20_000, 60
_kept: dict[tuple[str, object, object, Reach], tuple[float, "Dashboard"]] = {}
"""So many tickets take long to count: they are shown again for a minute; the page says as of when it is."""


@dataclass(frozen=True)
class Dashboard:
    """`groups` are {group: {key: Tally}}, with `category` made from items; `person` is None for a department."""

    at: datetime
    tally: Tally
    before: Tally
    standing: dict[str, int]
    answer: Times
    acceptance: Times
    person: Waiting | None
    groups: dict[str, dict[str, Tally]]
    trend: list[Point]


def read(session: Session, span: Span, actor: Actor, department: str = "") -> Dashboard:
    """As it stands. Raises NotAllowed."""
    reach = reach_of(actor, department)
    key, begun = (settings().sql_url, (span.name, span.first), span.last, reach), time.monotonic()
    if key in _kept and begun - _kept[key][0] < KEPT_SECONDS:
        return _kept[key][1]
    made = _counted(session, span, reach)
    if made.tally.received + made.tally.answered > MANY:
        for old in [k for k, (at, _) in _kept.items() if begun - at > KEPT_SECONDS]:
            _kept.pop(old, None)
        _kept[key] = time.monotonic(), made
    return made


def _counted(session: Session, span: Span, reach: Reach) -> Dashboard:
    _for_large_tables(session)
    found = tallies(session, span.since, span.until, reach, GROUPS)
    total = found.pop("")[""]
    return Dashboard(
        at=now(), tally=total, before=tallies(session, *span.before(), reach)[""][""],
        standing=standing(session, reach), answer=durations.until_answer(session, span.since, span.until, reach),
        acceptance=durations.until_accepted(session, span.since, span.until, reach).get("", Times()),
        person=None if reach.department else durations.until_person(session, span.since, span.until),
        groups=found | {"category": categories(found["item"])}, trend=trend(session, span, reach),
    )


def _for_large_tables(session: Session) -> None:
    """PostgreSQL's defaults are for small machines: the groups shall fit into memory; compiling costs more than it
    saves. Until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL work_mem = '64MB'"))
        session.execute(text("SET LOCAL jit = off"))


def categories(items: dict[str, Tally]) -> dict[str, Tally]:
    """Items summed: life services by their category, government matters by the department in charge of them."""
    summed: dict[str, Tally] = {}
    for code, tally in items.items():
        category = category_of(code)
        summed[category] = summed.get(category, Tally()) + tally
    return summed


def category_of(item: str) -> str:
    """The code of an item's category, or of the department in charge; "" for one that is unknown."""
    known = catalogue()
    found = known.items.get(item) or known.gone.get(item)
    return (found.category or found.department) if found else ""
