"""Territories: district → street or town → community → grid."""

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.domain import entry
from bot.errors import BadInput
from bot.services import territories
from bot.services.upkeep.records import Column, Noun, Problems, Use, Values
from bot.storage import Account, Provider, Territory, Unit

LEVELS = ("district", "street", "community", "grid")
LAT, LON = entry.number(-90, 90), entry.number(-180, 180)
SHOWN = 3


class Territories(Noun):
    """A territory lies in one of the level above; a district in none."""

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        problems: Problems = {}
        if row is None and values["code"] and session.get(Territory, values["code"]):
            problems["code"] = BadInput("entry.taken", value=values["code"])
        level, parent = values["level"], session.get(Territory, values["parent"] or "")
        if changed & {"level", "parent"} and level:
            above = LEVELS[LEVELS.index(level) - 1] if level != "district" else ""
            if above and (parent is None or parent.level != above or parent.removed):
                problems["parent"] = BadInput("entry.bad_parent")
            if not above and values["parent"]:
                problems["parent"] = BadInput("entry.no_parent")
        if row is not None and "level" in changed and any(use.count for use in self.uses(session, row)):
            problems["level"] = BadInput("entry.level_fixed")
        return problems

    def uses(self, session: Session, row: Any) -> list[Use]:
        inside = (Territory.parent == row.code, Territory.removed.is_(False))
        there = (or_(Provider.street == row.code, Provider.community == row.code), Provider.removed.is_(False))
        units = (Unit.territory == row.code, Unit.removed.is_(False))
        workers = (Account.territory == row.code, Account.disabled.is_(False))
        return [_counted(session, "territories", Territory, Territory.name_zh, *inside),
                _counted(session, "providers", Provider, Provider.name_zh, *there),
                _counted(session, "units", Unit, Unit.name_zh, *units),
                _counted(session, "accounts", Account, Account.name, *workers)]

    def forget(self) -> None:
        territories.forget()


def _counted(session: Session, what: str, model: Any, name: Any, *where: Any) -> Use:
    count = session.scalar(select(func.count()).select_from(model).where(*where)) or 0
    return Use(what, count, tuple(session.scalars(select(name).where(*where).order_by(name).limit(SHOWN))))


TERRITORIES = Territories("territory", Territory, (
    Column("code", entry.code(), required=True, fixed=True),
    Column("level", entry.one_of(*LEVELS), required=True),
    Column("parent", entry.words(40)),
    Column("name_zh", entry.words(60), required=True),
    Column("name_en", entry.words(80)),
    Column("former_names", entry.barred(200)),
    Column("aliases", entry.barred(300)),
    Column("lat", LAT, required=True),
    Column("lon", LON, required=True),
))
