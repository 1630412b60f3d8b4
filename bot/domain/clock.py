"""Deadlines of tickets."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot.domain.calendar import NONE_SPECIAL, add_working_time

AROUND_THE_CLOCK_HOURS = 2
"""An item whose time limit is this short (an open manhole, a road under water) is due by day and by night."""


def due_at(received: datetime, sla_hours: int, special: Mapping[date, bool] = NONE_SPECIAL) -> datetime:
    """When a ticket received then is due: working hours, or plain hours for the most urgent items. UTC. `special` are
    an admin's own working days and days off."""
    limit = timedelta(hours=sla_hours)
    if sla_hours <= AROUND_THE_CLOCK_HOURS:
        return received + limit
    return add_working_time(received, limit, special)
