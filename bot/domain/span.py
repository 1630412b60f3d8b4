"""A stretch of local days that a report is about, and the one before it to compare with."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain.calendar import LOCAL
from bot.errors import BadInput

NAMES = ("today", "week", "days30", "month", "custom")
LONGEST = 366
DAYS = {"today": 1, "week": 7, "days30": 30}


@dataclass(frozen=True)
class Span:
    """`first` and `last` are local days, both in it; nothing after `now` is in it."""

    name: str
    first: date
    last: date
    now: datetime

    @property
    def since(self) -> datetime:
        """Its first instant."""
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        """The instant after its last one."""
        return max(self.since, min(midnight(self.last + timedelta(days=1)), self.now))

    @property
    def by_hour(self) -> bool:
        """Short enough to be shown hour by hour."""
        return self.first == self.last

    @property
    def days(self) -> int:
        """How many days, the begun one with them."""
        return (self.last - self.first).days + 1

    def before(self) -> tuple[datetime, datetime]:
        """(since, until) of the stretch before, as far as this one has gone: yesterday until this hour, last month
        until this day."""
        since = midnight(_last_month(self.first)) if self.name == "month" else self.since - timedelta(days=self.days)
        return since, min(since + (self.until - self.since), self.since)


def midnight(day: date) -> datetime:
    """The local day's first instant."""
    return datetime.combine(day, time(), LOCAL)


def span(name: str, now: datetime, first: str = "", last: str = "") -> Span:
    """The span of that name; `custom` has days, ISO. Raises BadInput."""
    today = now.astimezone(LOCAL).date()
    if name == "month":
        return Span(name, *month(first or f"{today:%Y-%m}", today), now)
    if name != "custom":
        return Span(name, today - timedelta(days=DAYS.get(name, 7) - 1), today, now)
    begin, end = day(first), day(last or first)
    if end < begin:
        begin, end = end, begin
    if (end - begin).days >= LONGEST:
        raise BadInput("report.too_long", days=LONGEST)
    return Span(name, begin, end, now)


def day(words: str) -> date:
    """An ISO day. Raises BadInput."""
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise BadInput("report.bad_day", day=words[:20]) from error


def month(words: str, today: date) -> tuple[date, date]:
    """First and last day of `2026-11`, the running month's last day being today. Raises BadInput."""
    first = day(f"{words}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    last = following - timedelta(days=1)
    return first, min(last, today) if first <= today else last


def week(words: str) -> tuple[date, date]:
    """Monday and Sunday of `2026-W47` (ISO 8601). Raises BadInput."""
    monday = day(f"{words}-1")
    return monday, monday + timedelta(days=6)


def _last_month(first: date) -> date:
    return (first.replace(day=1) - timedelta(days=1)).replace(day=1)
