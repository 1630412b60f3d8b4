"""Working time in mainland China.

Holidays and make-up working days come from `chinesecalendar` (the State Council's yearly notices); a year it does
not cover yet falls back to Monday to Friday, which `covers()` lets the caller say.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

LOCAL = ZoneInfo("Asia/Shanghai")
SHIFTS = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))
DAY_SECONDS = 7.5 * 3600
NONE_SPECIAL: Mapping[date, bool] = {}


def covers(day: date) -> bool:
    """Whether the official calendar for that day's year is known."""
    return day.year in {d.year for d in chinese_calendar.holidays}


def is_workday(day: date) -> bool:
    """A day offices work, make-up days included."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_working_time(start: datetime, amount: timedelta, special: Mapping[date, bool] = NONE_SPECIAL) -> datetime:
    """The instant at which `amount` of working time has passed since `start` (aware in, UTC out). `special` are days
    that are worked or not whatever the official calendar says."""
    left = amount
    moment = start.astimezone(LOCAL)
    while True:
        for opens, closes in _shifts_of(moment.date(), special):
            begin = max(moment, opens)
            if begin >= closes:
                continue
            if left <= closes - begin:
                return (begin + left).astimezone(UTC)
            left -= closes - begin
            moment = closes
        moment = datetime.combine(moment.date() + timedelta(days=1), time(), LOCAL)


def _shifts_of(day: date, special: Mapping[date, bool]) -> list[tuple[datetime, datetime]]:
    if not special.get(day, is_workday(day)):
        return []
    return [(datetime.combine(day, a, LOCAL), datetime.combine(day, b, LOCAL)) for a, b in SHIFTS]
