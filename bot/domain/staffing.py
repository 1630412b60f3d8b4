"""When people are at the desk: hours on working days and days off, by the official calendar and an admin's own days."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from bot.domain.calendar import LOCAL, is_workday
from bot.domain.setting import span

LOOK_AHEAD_DAYS = 30


def hours_on(day: date, workday: str, restday: str, special: Mapping[date, bool]) -> tuple[datetime, datetime] | None:
    """(opens, closes) of that day, aware; None where nobody is there."""
    working = special.get(day, is_workday(day))
    found = span(workday if working else restday)
    return (datetime.combine(day, found[0], LOCAL), datetime.combine(day, found[1], LOCAL)) if found else None


def staffed(moment: datetime, workday: str, restday: str, special: Mapping[date, bool]) -> bool:
    """Whether that instant lies within the hours."""
    found = hours_on(moment.astimezone(LOCAL).date(), workday, restday, special)
    return found is not None and found[0] <= moment < found[1]


def next_staffed(moment: datetime, workday: str, restday: str, special: Mapping[date, bool]) -> datetime | None:
    """The next opening after that instant, or None within a month."""
    today = datetime.combine(moment.astimezone(LOCAL).date(), time(), LOCAL)
    for ahead in range(LOOK_AHEAD_DAYS):
        found = hours_on((today + timedelta(days=ahead)).date(), workday, restday, special)
        if found and found[0] > moment:
            return found[0]
    return None
