"""What providers offer, at what price and how far they come; and the people of volunteer teams with their skills."""

from typing import Any

from sqlalchemy.orm import Session

from bot.domain import entry
from bot.errors import BadInput, HotlineError
from bot.services.upkeep.catalogue import live
from bot.services.upkeep.records import Column, Noun, Problems, Values
from bot.storage import Offer, Provider, Volunteer


class Offers(Noun):
    """One provider and one item; deleting is deleting, the history keeps what it said."""

    def key(self, row: Any) -> str:
        return f"{row.provider_id} {row.item}"

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        if row is not None:
            return {}
        problems: Problems = {}
        provider = session.get(Provider, values["provider_id"] or "")
        if values["provider_id"] and (provider is None or provider.removed):
            problems["provider_id"] = BadInput("entry.unknown", value=values["provider_id"])
        if values["item"] and not live(session, "life_services", values["item"]):
            problems["item"] = BadInput("entry.unknown", value=values["item"])
        elif session.get(Offer, (values["provider_id"] or "", values["item"] or "")):
            problems["item"] = BadInput("entry.offered_already")
        return problems


class Volunteers(Noun):
    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        problems: Problems = {}
        if row is None and values["id"] and session.get(Volunteer, values["id"]):
            problems["id"] = BadInput("entry.taken", value=values["id"])
        team = session.get(Provider, values["team"] or "")
        if "team" in changed and values["team"] and not (team and team.kind == "volunteer_team" and not team.removed):
            problems["team"] = BadInput("entry.unknown", value=values["team"])
        unknown = _unknown_skill(session, values) if "skills" in changed else None
        return {**problems, "skills": unknown} if unknown else problems


def _unknown_skill(session: Session, values: Values) -> HotlineError | None:
    skills = entry.several(values["skills"])
    wrong = [s for s in skills if not live(session, "life_services", s)]
    return BadInput("entry.unknown", value=", ".join(wrong)) if wrong else None


OFFERS = Offers("offer", Offer, (
    Column("provider_id", entry.words(40), required=True, fixed=True),
    Column("item", entry.words(48), required=True, fixed=True),
    Column("price_from", entry.number(0, 1_000_000)),
    Column("price_unit", entry.words(12)),
    Column("price_note_zh", entry.words(160)),
    Column("radius_km", entry.number(0.1, 200), required=True),
))
VOLUNTEERS = Volunteers("volunteer", Volunteer, (
    Column("id", entry.code(), required=True, fixed=True),
    Column("team", entry.words(40), required=True),
    Column("name_zh", entry.words(40), required=True),
    Column("skills", entry.barred(300)),
    Column("sample", entry.flag),
))
