"""Teams of operators."""

from typing import Any, ClassVar

from bot.console.admin import choices
from bot.console.admin.base import Table
from bot.console.admin.fields import choice, line, tick
from bot.services.upkeep.teams import TEAMS, members


class TeamsView(Table):
    key = "teams"
    noun = TEAMS
    fields: ClassVar[Any] = [
        line("code", True), line("name_zh", True), line("name_en"), choice("topics", choices.topics, multiple=True),
        choice("members", choices.people, multiple=True, getter=lambda request, team: members(team)), tick("removed"),
    ]
    listed = ("name_zh", "name_en", "topics", "members")
    searched = ("code", "name_zh", "name_en")
    fields_default_sort: ClassVar[Any] = ["code"]
