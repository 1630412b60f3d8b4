"""Providers: vendors, public bodies and volunteer teams, each with where it is and when it is open."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain import entry
from bot.errors import BadInput
from bot.services.upkeep.records import Column, Noun, Problems, Use, Values
from bot.services.upkeep.territories import LAT, LON
from bot.storage import Provider, Referral, Territory, Volunteer

KINDS = ("vendor", "public_body", "volunteer_team")
STANDINGS = ("active", "probation", "suspended")
SHOWN = 3


class Providers(Noun):
    """Suspending takes a provider out of the search at once; removing needs its referrals to have ended."""

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        problems: Problems = {}
        if row is None and values["id"] and session.get(Provider, values["id"]):
            problems["id"] = BadInput("entry.taken", value=values["id"])
        street = session.get(Territory, values["street"] or "")
        if "street" in changed and values["street"] and not _is(street, "street"):
            problems["street"] = BadInput("entry.unknown", value=values["street"])
        community = session.get(Territory, values["community"] or "")
        if changed & {"community", "street"} and values["community"]:
            if not _is(community, "community"):
                problems["community"] = BadInput("entry.unknown", value=values["community"])
            elif community and community.parent != values["street"]:
                problems["community"] = BadInput("entry.not_within", value=community.name_zh)
        if row is not None and "kind" in changed and row.kind == "volunteer_team" and _volunteers(session, row.id):
            problems["kind"] = BadInput("entry.has_volunteers")
        return problems

    def uses(self, session: Session, row: Any) -> list[Use]:
        running = (Referral.provider_id == row.id, Referral.state != "closed")
        items = session.scalars(select(Referral.item).where(*running).distinct().limit(SHOWN)).all()
        count = session.scalar(select(func.count()).select_from(Referral).where(*running)) or 0
        people = session.scalars(select(Volunteer.name_zh).where(Volunteer.team == row.id).limit(SHOWN)).all()
        return [Use("referrals", count, tuple(items)), Use("volunteers", _volunteers(session, row.id), tuple(people))]


def _is(territory: Territory | None, level: str) -> bool:
    return territory is not None and territory.level == level and not territory.removed


def _volunteers(session: Session, team: str) -> int:
    return session.scalar(select(func.count()).select_from(Volunteer).where(Volunteer.team == team)) or 0


PROVIDERS = Providers("provider", Provider, (
    Column("id", entry.code(), required=True, fixed=True),
    Column("kind", entry.one_of(*KINDS), required=True),
    Column("name_zh", entry.words(80), required=True),
    Column("name_en", entry.words(120)),
    Column("phone", entry.phone, required=True),
    Column("street", entry.words(40), required=True),
    Column("community", entry.words(40)),
    Column("address_zh", entry.words(120)),
    Column("lat", LAT, required=True),
    Column("lon", LON, required=True),
    Column("hours", entry.hours),
    Column("standing", entry.one_of(*STANDINGS), required=True),
    Column("description_zh", entry.words(2000)),
    Column("sample", entry.flag),
))
