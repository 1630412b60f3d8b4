"""Days that differ from the official calendar, as an admin has set them; a deadline in words."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.calendar import LOCAL
from bot.storage import SpecialDay
from bot.storage.session import once


def special_days(session: Session) -> dict[date, bool]:
    """Day → whether it is worked."""
    days = select(SpecialDay.day, SpecialDay.working)
    return once(session, "special_days", lambda: dict(session.execute(days).tuples().all()))


def when_in_words(moment: datetime, language: str) -> str:
    """A deadline as a citizen reads it."""
    local = moment.astimezone(LOCAL)
    return f"{local:%Y-%m-%d %H:%M}" if language == "en" else f"{local.month}月{local.day}日{local:%H:%M}"


def day_in_words(moment: datetime, language: str) -> str:
    """A day as a citizen reads it."""
    local = moment.astimezone(LOCAL)
    return f"{local:%Y-%m-%d}" if language == "en" else f"{local.month}月{local.day}日"
