"""Units: a department's offices for streets, towns and communities."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain import entry
from bot.errors import BadInput
from bot.services.upkeep.catalogue import live
from bot.services.upkeep.records import Column, Noun, Problems, Use, Values
from bot.storage import Account, Territory, Unit


class Units(Noun):
    """One unit for a department and territory."""

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        problems: Problems = {}
        if row is None and values["code"] and session.get(Unit, values["code"]):
            problems["code"] = BadInput("entry.taken", value=values["code"])
        if "department" in changed and not live(session, "departments", values["department"] or ""):
            problems["department"] = BadInput("entry.unknown", value=values["department"] or "")
        place = session.get(Territory, values["territory"] or "")
        if "territory" in changed and (place is None or place.removed):
            problems["territory"] = BadInput("entry.unknown", value=values["territory"] or "")
        if changed & {"department", "territory"} and _other(session, values, row):
            problems["territory"] = BadInput("entry.unit_there")
        return problems

    def uses(self, session: Session, row: Any) -> list[Use]:
        there = (Account.unit == row.code, Account.disabled.is_(False))
        count = session.scalar(select(func.count()).select_from(Account).where(*there)) or 0
        return [Use("accounts", count, tuple(session.scalars(select(Account.name).where(*there).limit(3))))]


def _other(session: Session, values: Values, row: Any) -> bool:
    query = select(Unit.code).where(Unit.department == values["department"], Unit.territory == values["territory"])
    return session.scalar(query if row is None else query.where(Unit.code != row.code)) is not None


UNITS = Units("unit", Unit, (
    Column("code", entry.code(), required=True, fixed=True),
    Column("name_zh", entry.words(60), required=True),
    Column("name_en", entry.words(100)),
    Column("department", entry.words(32), required=True),
    Column("territory", entry.words(40), required=True),
))
