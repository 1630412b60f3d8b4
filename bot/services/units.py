"""Units: who in a department is responsible for a place (属地管理)."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.domain.assignment import AssignmentRole
from bot.storage import Assignment, Ticket, Unit


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


def visible(actor: Actor) -> list[ColumnElement[bool]]:
    """Which parts a department's actor has to do with: its department's, of its unit where it has one, as long as the
    part is its own."""
    whose = [Assignment.department == actor.department, Assignment.role != AssignmentRole.PAST]
    return [*whose, Assignment.unit == actor.unit] if actor.unit else whose


def name(session: Session, code: str, language: str) -> str:
    """What a unit is called, or "" where there is none."""
    unit = session.get(Unit, code) if code else None
    if unit is None:
        return ""
    return unit.name_en if language == "en" and unit.name_en else unit.name_zh
