"""Days that differ from the official calendar, as an admin has set them."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import SpecialDay


def special_days(session: Session) -> dict[date, bool]:
    """Day → whether it is worked."""
    return {row.day: row.working for row in session.scalars(select(SpecialDay))}
