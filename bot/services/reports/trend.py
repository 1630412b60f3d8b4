"""How much came in, was answered and closed, day by day or hour by hour, by local time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.domain.calendar import LOCAL
from bot.domain.span import Span, midnight
from bot.services.reports.counts import Reach, condition, reaching
from bot.storage import Ticket, now

FORMS = {True: "%Y-%m-%d %H", False: "%Y-%m-%d"}
LINES = ("received", "answered", "closed")


@dataclass(frozen=True)
class Point:
    """A day or an hour (its first instant), and how many."""

    at: datetime
    received: int = 0
    answered: int = 0
    closed: int = 0


def trend(session: Session, span: Span, reach: Reach) -> list[Point]:
    """Every day or hour of the span, those in which nothing happened too."""
    counted = {line: _counts(session, span, reach, line) for line in LINES}
    step = timedelta(hours=1) if span.by_hour else timedelta(days=1)
    steps = 24 if span.by_hour else span.days
    points = []
    for n in range(steps):
        at = span.since + n * step if span.by_hour else midnight(span.first + n * step)
        key = f"{at:{FORMS[span.by_hour]}}"
        points.append(Point(at, *(counted[line].get(key, 0) for line in LINES)))
    return points


def _counts(session: Session, span: Span, reach: Reach, line: str) -> dict[str, int]:
    columns = {"received": Ticket.received_at, "answered": Ticket.answered_at, "closed": Ticket.closed_at}
    key = _local(session, columns[line], span.by_hour)
    where = condition(line, span.since, span.until, now())
    query = reaching(select(key, func.count()).select_from(Ticket).where(where), reach).group_by(key)
    return {row[0] if isinstance(row[0], str) else f"{row[0]:{FORMS[span.by_hour]}}": row[1]
            for row in session.execute(query)}


def _local(session: Session, column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
           by_hour: bool) -> ColumnElement[Any]:
    """The local day or hour: its first instant on PostgreSQL, in words on SQLite. There is no summer time in China."""
    if session.get_bind().dialect.name == "postgresql":
        return func.date_trunc("hour" if by_hour else "day", func.timezone(LOCAL.key, column))
    return func.strftime(FORMS[by_hour], column, "+8 hours")
