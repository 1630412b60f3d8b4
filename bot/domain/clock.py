"""Deadlines of tickets."""

from datetime import datetime, timedelta

from bot.domain.calendar import add_working_time

AROUND_THE_CLOCK_HOURS = 2
"""An item whose time limit is this short (an open manhole, a road under water) is due by day and by night."""


def due_at(received: datetime, sla_hours: int) -> datetime:
    """When a ticket received then is due: working hours, or plain hours for the most urgent items. UTC."""
    limit = timedelta(hours=sla_hours)
    if sla_hours <= AROUND_THE_CLOCK_HOURS:
        return received + limit
    return add_working_time(received, limit)
