"""Days that differ from the official calendar."""

from typing import Any, ClassVar

from anyio.to_thread import run_sync
from starlette.requests import Request

from bot.console.admin.base import Table
from bot.console.admin.fields import line, tick
from bot.services.upkeep.calendar import SPECIAL_DAYS


class SpecialDaysView(Table):
    key = "calendar"
    noun = SPECIAL_DAYS
    fields: ClassVar[Any] = [
        line("day", True, input_type="date"), tick("working"), line("name", True, label="occasion"),
    ]
    listed = ("day", "working", "name")
    searched = ("day", "name")
    fields_default_sort: ClassVar[Any] = [("day", True)]

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        return await run_sync(self.noun.find, request.state.session, pk)

    async def repr(self, obj: Any, request: Request) -> str:
        return f"{obj.day.isoformat()} {obj.name}"
