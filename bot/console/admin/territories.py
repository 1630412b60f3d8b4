"""Territories: district, streets and towns, communities, grids."""

from typing import Any, ClassVar

from bot.console.admin import choices
from bot.console.admin.base import Table
from bot.console.admin.fields import choice, line, phrases, tick
from bot.services.upkeep.territories import LEVELS, TERRITORIES


class TerritoriesView(Table):
    key = "territories"
    noun = TERRITORIES
    fields: ClassVar[Any] = [
        line("code", True), line("name_zh", True), line("name_en"),
        choice("level", choices.words("level", LEVELS), True),
        choice("parent", choices.territories("district", "street", "community"), select2=True),
        phrases("former_names"), phrases("aliases"), line("lat", True), line("lon", True), tick("removed"),
    ]
    listed = ("name_zh", "name_en", "level", "parent", "aliases")
    searched = ("code", "name_zh", "name_en", "former_names", "aliases")
    fields_default_sort: ClassVar[Any] = ["code"]
