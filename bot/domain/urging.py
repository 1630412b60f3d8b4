"""催办: how often a citizen may urge, once on each working day."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from bot.domain.calendar import LOCAL, NONE_SPECIAL, is_workday


def next_urge(last: datetime | None, moment: datetime, special: Mapping[date, bool] = NONE_SPECIAL) -> datetime | None:
    """From when on it may be urged again: the beginning of the working day after the last time. None: now. `special`
    are an admin's own working days and days off."""
    if last is None:
        return None
    day = last.astimezone(LOCAL).date() + timedelta(days=1)
    while not special.get(day, is_workday(day)):
        day += timedelta(days=1)
    again = datetime.combine(day, time(), LOCAL).astimezone(moment.tzinfo)
    return again if moment < again else None
