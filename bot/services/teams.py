"""Which team a matter belongs to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.services.catalogue import catalogue
from bot.storage import Team


def team_for(session: Session, item: str, emergency: str, language: str) -> str:
    """The team whose topics name the emergency, else the item, its category or department, else the language; "" where
    none does: everybody's."""
    found = catalogue().items.get(item)
    wanted = [emergency, item, found.category if found else "", found.department if found else "", f"lang:{language}"]
    teams = session.scalars(select(Team).where(Team.removed.is_(False)).order_by(Team.code)).all()
    for topic in filter(None, wanted):
        for team in teams:
            if topic in team.topics:
                return team.code
    return ""
