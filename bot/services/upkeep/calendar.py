"""Days that differ from the official calendar."""

from typing import Any

from sqlalchemy.orm import Session

from bot.domain import entry
from bot.errors import BadInput
from bot.services.upkeep.records import Column, Noun, Problems, Values
from bot.storage import SpecialDay


class SpecialDays(Noun):
    """Deadlines given from now on and the staffed hours go by them."""

    def find(self, session: Session, key: Any) -> SpecialDay | None:
        try:
            return session.get(SpecialDay, entry.day(key))
        except BadInput:
            return None

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        if row is None and values["day"] and session.get(SpecialDay, values["day"]):
            return {"day": BadInput("entry.taken", value=values["day"].isoformat())}
        return {}


SPECIAL_DAYS = SpecialDays("special_day", SpecialDay, (
    Column("day", entry.day, required=True, fixed=True),
    Column("working", entry.flag),
    Column("name", entry.words(40), required=True),
))
