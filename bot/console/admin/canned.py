"""Canned replies."""

from typing import Any, ClassVar

from starlette.requests import Request

from bot.console.admin import choices
from bot.console.admin.base import Table
from bot.console.admin.fields import choice, line, paragraph, tick
from bot.services.upkeep.canned import CANNED


class CannedView(Table):
    key = "canned"
    noun = CANNED
    show_pk_in_forms = False
    fields: ClassVar[Any] = [
        line("shortcut", True), line("title", True), paragraph("text_zh", True, rows=5), paragraph("text_en", rows=5),
        choice("team", choices.teams), tick("removed"),
    ]
    listed = ("shortcut", "title", "text_zh", "team")
    searched = ("shortcut", "title", "text_zh", "text_en")
    fields_default_sort: ClassVar[Any] = ["shortcut"]

    async def repr(self, obj: Any, request: Request) -> str:
        return f"/{obj.shortcut} {obj.title}"
