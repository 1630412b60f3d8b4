"""How much came in, was answered and closed, day by day or hour by hour, by local time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.domain.calendar import LOCAL
from bot.domain.span import Span, midnight
from bot.services.reports.counts import Reach, condition, reaching
from bot.storage import Ticket, now

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
        key = f"{at:%Y-%m-%d %H}" if span.by_hour else f"{at:%Y-%m-%d}"
        points.append(Point(at, *(counted[line].get(key, 0) for line in LINES)))
    return points


def _counts(session: Session, span: Span, reach: Reach, line: str) -> dict[str, int]:
    columns = {"received": Ticket.received_at, "answered": Ticket.answered_at, "closed": Ticket.closed_at}
    key = _local(session, columns[line], span.by_hour)
    where = condition(line, span.since, span.until, now())
    query = reaching(select(key, func.count()).select_from(Ticket).where(where), reach).group_by(key)
    return {row[0]: row[1] for row in session.execute(query)}


def _local(session: Session, column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
           by_hour: bool) -> ColumnElement[str]:
    """The local day or hour in words, the same on both databases. There is no summer time in China."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone(LOCAL.key, column), "YYYY-MM-DD HH24" if by_hour else "YYYY-MM-DD")
    return func.strftime("%Y-%m-%d %H" if by_hour else "%Y-%m-%d", column, "+8 hours")
