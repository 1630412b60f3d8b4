"""The hours in which nobody is woken for news that can wait."""

from datetime import datetime, time, timedelta

from bot.domain.calendar import LOCAL


def until(moment: datetime, by_day: tuple[time, time] | None) -> datetime | None:
    """When the night is over that the moment lies in; None by day, and where there is no night. `by_day` is from when
    to when news are told, local time."""
    if by_day is None:
        return None
    begins, ends = by_day
    local = moment.astimezone(LOCAL)
    if begins <= local.time() < ends:
        return None
    morning = local.date() if local.time() < begins else local.date() + timedelta(days=1)
    return datetime.combine(morning, begins, LOCAL).astimezone(moment.tzinfo)
