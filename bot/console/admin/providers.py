"""Providers: vendors and public bodies in one view, volunteer teams in another."""

from typing import Any, ClassVar

from starlette.requests import Request

from bot.console.admin import choices
from bot.console.admin.base import Table
from bot.console.admin.fields import choice, line, paragraph, tick
from bot.services.upkeep.providers import KINDS, PROVIDERS, STANDINGS

FIRMS = KINDS[:2]


def _fields(kind: Any) -> list[Any]:
    return [
        line("id", True, label="code"), line("name_zh", True), line("name_en"), *kind, line("phone", True),
        choice("street", choices.territories("street"), True), choice("community", choices.territories("community")),
        line("address_zh"), line("lat", True), line("lon", True), line("hours"),
        choice("standing", choices.words("standing", STANDINGS), True, default="active"),
        paragraph("description_zh"), tick("sample"),
        line("rating", read_only=True, exclude_from_create=True, exclude_from_edit=True),
        line("rating_count", read_only=True, exclude_from_create=True, exclude_from_edit=True), tick("removed"),
    ]


class Providers(Table):
    """加盟企业 and public bodies."""

    key = "providers"
    noun = PROVIDERS
    fields: ClassVar[Any] = _fields([choice("kind", choices.words("kind", FIRMS), True, default="vendor")])
    listed = ("name_zh", "kind", "phone", "street", "hours", "standing", "rating")
    searched = ("id", "name_zh", "name_en", "phone", "address_zh", "description_zh")
    fields_default_sort: ClassVar[Any] = ["name_zh"]

    def _seen(self, request: Request, query: Any) -> Any:
        return super()._seen(request, query).where(self.model.kind.in_(FIRMS))


class VolunteerTeams(Table):
    """志愿队."""

    key = "volunteer-teams"
    noun = PROVIDERS
    fields: ClassVar[Any] = _fields([])
    listed = ("name_zh", "phone", "street", "hours", "standing", "rating")
    searched = Providers.searched
    fields_default_sort: ClassVar[Any] = ["name_zh"]

    def _seen(self, request: Request, query: Any) -> Any:
        return super()._seen(request, query).where(self.model.kind == "volunteer_team")

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        return await super().create(request, {**data, "kind": "volunteer_team"})
