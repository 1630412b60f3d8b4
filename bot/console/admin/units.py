"""Units: which office of a department is responsible where."""

from typing import Any, ClassVar

from bot.console.admin import choices
from bot.console.admin.base import Table
from bot.console.admin.fields import choice, line, tick
from bot.services.upkeep.units import UNITS


class UnitsView(Table):
    key = "units"
    noun = UNITS
    fields: ClassVar[Any] = [
        line("code", True), line("name_zh", True), line("name_en"),
        choice("department", choices.entries("departments", with_code=False), True),
        choice("territory", choices.territories("street", "community"), True, select2=True), tick("removed"),
    ]
    listed = ("name_zh", "name_en", "department", "territory")
    searched = ("code", "name_zh", "name_en")
    fields_default_sort: ClassVar[Any] = ["code"]
