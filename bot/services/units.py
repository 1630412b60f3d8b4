"""Units: who in a department is responsible for a place (属地管理)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import Ticket, Unit


def responsible(session: Session, department: str, ticket: Ticket) -> str:
    """The code of the department's unit for the ticket's territories, the nearest one upwards; "" where the department
    has none there, or the place is not known."""
    places = [code for code in (ticket.grid, ticket.community, ticket.street) if code]
    if not places:
        return ""
    found = session.execute(
        select(Unit.territory, Unit.code).where(Unit.department == department, Unit.territory.in_(places),
                                                Unit.removed.is_(False))
    ).tuples()
    by_place = dict(found.all())
    return next((by_place[place] for place in places if place in by_place), "")


def of_department(session: Session, department: str) -> list[Unit]:
    """A department's units, by code."""
    query = select(Unit).where(Unit.department == department, Unit.removed.is_(False)).order_by(Unit.code)
    return list(session.scalars(query))


def name(session: Session, code: str, language: str) -> str:
    """What a unit is called, or "" where there is none."""
    unit = session.get(Unit, code) if code else None
    if unit is None:
        return ""
    return unit.name_en if language == "en" and unit.name_en else unit.name_zh
