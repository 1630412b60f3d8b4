"""What providers offer, and the people of the volunteer teams."""

from typing import Any, ClassVar

from sqlalchemy import or_, select
from starlette.requests import Request

from bot.console.admin import choices
from bot.console.admin.base import Table, matching
from bot.console.admin.fields import choice, line
from bot.services.upkeep.offers import OFFERS, VOLUNTEERS
from bot.storage import CatalogueRow, Offer, Provider


class Offers(Table):
    """Searched by the provider's name and the item's as well."""

    key = "offers"
    noun = OFFERS
    fields: ClassVar[Any] = [
        choice("provider_id", choices.providers(), True, label="provider", select2=True),
        choice("item", choices.entries("life_services"), True, select2=True), line("price_from"), line("price_unit"),
        line("price_note_zh"), line("radius_km", True, default="10"),
    ]
    listed = ("provider_id", "item", "price_from", "price_unit", "price_note_zh", "radius_km")
    searched = ("provider_id", "item", "price_note_zh")
    fields_default_sort: ClassVar[Any] = ["provider_id", "item"]

    def get_search_query(self, request: Request, term: str) -> Any:
        named = select(Provider.id).where(matching(Provider.name_zh, term))
        about = select(CatalogueRow.code).where(CatalogueRow.table == "life_services",
                                                matching(CatalogueRow.values, term))
        return or_(super().get_search_query(request, term), Offer.provider_id.in_(named), Offer.item.in_(about))

    async def repr(self, obj: Any, request: Request) -> str:
        return f"{obj.provider_id} · {obj.item}"


class Volunteers(Table):
    """志愿者."""

    key = "volunteers"
    noun = VOLUNTEERS
    fields: ClassVar[Any] = [
        line("id", True, label="code"), line("name_zh", True, label="person"),
        choice("team", choices.providers("volunteer_team"), True, label="volunteer_team"),
        choice("skills", choices.entries("life_services", with_code=False), multiple=True),
    ]
    listed = ("name_zh", "team", "skills")
    searched = ("id", "name_zh", "skills", "team")
    fields_default_sort: ClassVar[Any] = ["team", "id"]

    async def repr(self, obj: Any, request: Request) -> str:
        return str(obj.name_zh)
