"""Working time in mainland China.

Holidays and make-up working days come from `chinesecalendar` (the State Council's yearly notices); a year it does
not cover yet falls back to Monday to Friday, which `covers()` lets the caller say.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

LOCAL = ZoneInfo("Asia/Shanghai")
SHIFTS = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))
DAY_SECONDS = 7.5 * 3600
NONE_SPECIAL: Mapping[date, bool] = {}


def covers(day: date) -> bool:
    """Whether the official calendar for that day's year is known."""
    return day.year in {d.year for d in chinese_calendar.holidays}


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """A day offices work, make-up days included."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_working_time(start: datetime, amount: timedelta, special: Mapping[date, bool] = NONE_SPECIAL) -> datetime:
    """The first instant at which `amount` of working time has passed since `start` (aware in, UTC out). `special` are
    days that are worked or not whatever the official calendar says."""
    left = amount
    moment = start.astimezone(LOCAL)
    while True:
        for opens, closes in _shifts_of(moment.date(), special):
            begin = max(moment, opens)
            if begin > closes:
                continue
            if left <= closes - begin:
                return (begin + left).astimezone(UTC)
            left -= closes - begin
            moment = closes
        moment = datetime.combine(moment.date() + timedelta(days=1), time(), LOCAL)


def subtract_working_time(end: datetime, amount: timedelta, special: Mapping[date, bool] = NONE_SPECIAL) -> datetime:
    """The last instant from which `amount` of working time passes until `end` (aware in, UTC out)."""
    left = amount
    moment = end.astimezone(LOCAL)
    while True:
        for opens, closes in reversed(_shifts_of(moment.date(), special)):
            finish = min(moment, closes)
            if finish < opens:
                continue
            if left <= finish - opens:
                return (finish - left).astimezone(UTC)
            left -= finish - opens
            moment = opens
        moment = datetime.combine(moment.date(), time(), LOCAL) - timedelta(microseconds=1)


def working_time(start: datetime, end: datetime, special: Mapping[date, bool] = NONE_SPECIAL) -> timedelta:
    """How much working time lies between the two; less than nothing where `end` is before `start`."""
    if end < start:
        return -working_time(end, start, special)
    first, last = start.astimezone(LOCAL), end.astimezone(LOCAL)
    total, day = timedelta(), first.date()
    while day <= last.date():
        for opens, closes in _shifts_of(day, special):
            total += max(min(closes, last) - max(opens, first), timedelta())
        day += timedelta(days=1)
    return total


def _shifts_of(day: date, special: Mapping[date, bool]) -> list[tuple[datetime, datetime]]:
    if not special.get(day, is_workday(day)):
        return []
    return [(datetime.combine(day, a, LOCAL), datetime.combine(day, b, LOCAL)) for a, b in SHIFTS]
