"""The catalogue, one view for each of its tables, with the columns of its file as fields.

Its rows are JSON in one table of ours, few enough to be read whole: search, filters and order are done here in memory.
"""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from anyio.to_thread import run_sync
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette_admin.fields import BooleanField, EnumField, StringField
from starlette_admin.filters import BaseFilter, FilterApplyContext, FilterGroup, FilterRegistry, FilterRule
from starlette_admin.filters.boolean import IsFalseFilter, IsTrueFilter
from starlette_admin.filters.enum import InFilter
from starlette_admin.filters.generic import EqualFilter
from starlette_admin.filters.string import ContainsFilter, NotContainsFilter
from starlette_admin.views import BaseModelView

from bot.console.admin import choices
from bot.console.admin.base import Kept
from bot.console.admin.fields import choice, line, paragraph, phrases, tick
from bot.domain import entry
from bot.domain.ticket import RequestKind
from bot.services.upkeep import catalogue as upkeep
from bot.services.upkeep.catalogue import Entries

GOVERNMENT, LIFE = "government_services", "life_services"
_NAMES = (line("name_zh", True), line("name_en", True))


class Contains(ContainsFilter):
    def apply(self, ctx: FilterApplyContext) -> bool:
        return str(ctx.value).casefold() in str(ctx.query).casefold()


class NotContains(NotContainsFilter):
    def apply(self, ctx: FilterApplyContext) -> bool:
        return str(ctx.value).casefold() not in str(ctx.query).casefold()


class Equal(EqualFilter):
    def apply(self, ctx: FilterApplyContext) -> bool:
        return bool(ctx.query == ctx.value or ctx.value in entry.several(ctx.query))


class OneOf(InFilter):
    def apply(self, ctx: FilterApplyContext) -> bool:
        return bool(set(ctx.value) & {ctx.query, *entry.several(ctx.query)})


class Yes(IsTrueFilter):
    def apply(self, ctx: FilterApplyContext) -> bool:
        return bool(ctx.query)


class No(IsFalseFilter):
    def apply(self, ctx: FilterApplyContext) -> bool:
        return not ctx.query


FILTERS: dict[Any, Sequence[type[BaseFilter]]] = {
    EnumField: (Equal, OneOf), BooleanField: (Yes, No), StringField: (Contains, NotContains, Equal),
}


class Rows(Kept, BaseModelView):
    """One table of the catalogue. The library's key is the row's own, whatever its file calls it."""

    noun: Entries
    pk_attr = "key"
    fields_default_sort: ClassVar[Any] = ["position"]

    def __init__(self, noun: Entries, fields: Sequence[Any], listed: tuple[str, ...]) -> None:
        self.noun, self.listed, self.key = noun, listed, noun.table.replace("_", "-")
        shown = [*fields, *([tick("removed")] if noun.removable else [])]
        self.fields = [line("key", read_only=True), line("position", read_only=True), *shown]
        names = [f.name for f in self.fields]
        self.searchable_fields = [n for n in names if n not in ("key", "position")]
        self.exclude_fields_from_create = ["key", "position", "removed"]
        self.exclude_fields_from_edit = [*self.exclude_fields_from_create, *(c.name for c in noun.columns if c.fixed)]
        self.exclude_fields_from_detail = ["key", "position"]
        super().__init__()
        self.label()

    def get_filter_registry(self) -> FilterRegistry:
        return FilterRegistry(FILTERS)

    async def find_all(
        self, request: Request, skip: int = 0, limit: int = 100, q: str | None = None,
        sorts: Sequence[tuple[str, str]] | None = None, filters: FilterGroup | None = None,
    ) -> Sequence[Any]:
        found = await self._matching(request, q, filters)
        for name, direction in reversed(list(sorts or [])):
            found.sort(key=lambda row: _order(getattr(row, name, "")), reverse=direction == "desc")  # noqa: B023
        return found[skip:skip + limit] if limit > 0 else found[skip:]

    async def count(self, request: Request, q: str | None = None, filters: FilterGroup | None = None) -> int:
        return len(await self._matching(request, q, filters))

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        found = await run_sync(self.noun.find, request.state.session, pk)
        return self._shown(found) if found else None

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Any]:
        return [row for row in [await self.find_by_pk(request, pk) for pk in pks] if row is not None]

    async def change(self, request: Request, act: Callable[[Session, Any], Any]) -> Any:
        return self._shown(await super().change(request, act))

    async def act(self, request: Request, act: Callable[[Session, Any], Any]) -> Any:
        return self._shown(await super().act(request, act))

    async def repr(self, obj: Any, request: Request) -> str:
        return choices.named(obj) if hasattr(obj, "name_zh") else str(getattr(obj, "question_zh", obj.key))

    async def _matching(self, request: Request, q: str | None, filters: FilterGroup | None) -> list[Any]:
        rows = await run_sync(upkeep.rows, request.state.session, self.noun.table)
        seen = [self._shown(row) for row in rows if not row.removed or self.shows_removed(request)]
        term = (q or "").casefold()
        return [row for row in seen if (not term or term in row.everything) and self._fits(filters, row)]

    def _fits(self, node: Any, row: Any) -> bool:
        if isinstance(node, FilterRule):
            field = next(f for f in self.fields if f.name == node.field)
            kind = self.get_filter_registry().get_filter(field, node.filter)
            query = getattr(row, node.field, "")
            return bool(kind and kind().apply(FilterApplyContext(query, node.field, node.value, node.value2)))
        if node is None or node.is_empty():
            return True
        return (any if node.logic == "or" else all)(self._fits(rule, row) for rule in node.rules)

    def _shown(self, row: Any) -> Any:
        """The row with its file's columns as attributes."""
        values = self.noun.values(row)
        everything = " ".join([row.code, *map(str, values.values())]).casefold()
        return SimpleNamespace(**{"code": row.code, **values}, key=row.code, position=row.position,
                               removed=row.removed, everything=everything, row=row)

    def story(self, request: Request, row: Any) -> list[dict[str, Any]]:
        return super().story(request, row.row)


def views() -> list[Rows]:
    """All tables, in the order of the menu."""
    code, department = line("code", True), choices.entries("departments", with_code=False)
    question = (paragraph("question_zh", True, rows=2), paragraph("question_en", True, rows=2))
    return [
        Rows(upkeep.LIFE_SERVICES, (
            code, *_NAMES, choice("category", choices.entries("categories", with_code=False), True),
            choice("source", choices.words("source", upkeep.SOURCES), True), phrases("aliases_zh"),
            line("price_note_zh"),
        ), ("name_zh", "name_en", "category", "source", "price_note_zh")),
        Rows(upkeep.GOVERNMENT_SERVICES, (
            code, *_NAMES, choice("department", department, True),
            choice("request_kinds", choices.words("kind", tuple(RequestKind)), True, multiple=True),
            line("sla_hours", True), choice("cross_department", department, multiple=True), phrases("aliases_zh"),
        ), ("name_zh", "name_en", "department", "request_kinds", "sla_hours")),
        Rows(upkeep.CATEGORIES, (code, *_NAMES, line("description_zh")), ("name_zh", "name_en", "description_zh")),
        Rows(upkeep.DEPARTMENTS, (code, *_NAMES, paragraph("remit_zh"), line("hotline")),
             ("name_zh", "name_en", "hotline", "remit_zh")),
        Rows(upkeep.GUIDES, (
            choice("item", choices.entries(GOVERNMENT), True, select2=True),
            *(paragraph(f"{part}_{lang}", rows=2) for lang in ("zh", "en") for part in ("bring", "where", "time")),
        ), ("item", "bring_zh", "where_zh", "time_zh")),
        Rows(upkeep.EMERGENCIES, (
            code, *_NAMES, phrases("number_to_call", True), paragraph("instruction_zh", True),
            paragraph("instruction_en", True), phrases("aliases_zh"), phrases("aliases_en"),
        ), ("name_zh", "name_en", "number_to_call", "instruction_zh")),
        Rows(upkeep.SAFETY_QUESTIONS, (
            choice("item", choices.entries(GOVERNMENT), True, select2=True),
            choice("emergency", choices.entries("emergencies", with_code=False), True), *question,
            phrases("safe_words", True), phrases("danger_words", True),
        ), ("item", "emergency", "question_zh")),
        Rows(upkeep.AMBIGUITIES, (
            phrases("words", True), *question, choice("items", choices.entries(LIFE, GOVERNMENT), True, multiple=True),
        ), ("words", "question_zh", "items")),
        Rows(upkeep.NEIGHBOURS, (
            choice("items", choices.entries(LIFE, GOVERNMENT), True, multiple=True), *question,
        ), ("items", "question_zh")),
    ]


def _order(value: Any) -> tuple[int, float, str]:
    """Numbers by size, words by sign."""
    text = str(value)
    return (0, float(text), "") if text.replace(".", "", 1).isdigit() else (1, 0.0, text.casefold())
