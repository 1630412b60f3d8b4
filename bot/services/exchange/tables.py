"""The tables that are exchanged as CSV: columns, keys, and what a cell may say. Columns are those of `data/`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bot.config import settings
from bot.domain.ticket import RequestKind
from bot.services.seeding import READERS
from bot.services.sheets import Row, tidied
from bot.storage import Base, CannedReply, CatalogueRow, Offer, Provider, Territory, Unit, Volunteer

Key = tuple[str, ...]
LEVEL_ABOVE = {"district": "", "street": "district", "community": "street", "grid": "community"}
ITEMS = ("life_services", "government_services")


class Ref(NamedTuple):
    """A column that names rows of other tables, several of them with `sep` between."""

    column: str
    targets: tuple[str, ...]
    sep: str = ""

    def codes(self, row: Row) -> list[str]:
        """The codes named."""
        parts = row[self.column].split(self.sep) if self.sep else [row[self.column]]
        return [part.strip() for part in parts if part.strip()]


class Span(NamedTuple):
    """A number from `low` to `high`."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True)
class Table:
    """One CSV file. `needed` cells are never empty, `codes` have letters, digits, dots and dashes only, `choices` list
    what a cell may say (several with `|`), `private` columns are not written into the history. Not `removable`: the
    model goes on hearing it, and a cry that nobody answers must not happen."""

    name: str
    columns: tuple[str, ...]
    key: Key
    model: type[Base]
    subject: str
    needed: tuple[str, ...] = ()
    codes: tuple[str, ...] = ("code",)
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Mapping[str, Span] = field(default_factory=dict)
    refs: tuple[Ref, ...] = ()
    private: tuple[str, ...] = ()
    removable: bool = True

    @property
    def catalogue(self) -> bool:
        return self.model is CatalogueRow

    def key_of(self, row: Row) -> Key:
        return tuple(row[c] for c in self.key)

    def longest(self, column: str) -> int:
        """How many signs a cell may have; 0 for any number."""
        if self.catalogue:
            return _CODE_LIMIT if column in self.codes else 0
        stored = self.model.__table__.columns.get(_ATTRIBUTES.get(column, column))
        return getattr(stored.type, "length", None) or 0 if stored is not None else 0

    def values(self, row: Row) -> dict[str, Any]:
        """What is stored for a row, by attribute of the model."""
        if self.catalogue:
            return {"values": json.dumps({c: row[c] for c in self.columns}, ensure_ascii=False)}
        return READERS[self.name](row | {"_at": ""}) if self.name in READERS else dict(row)

    def row(self, values: Mapping[str, Any]) -> Row:
        """A row as it is written, from what is stored: the same stored values give the same words."""
        if self.catalogue:
            told = json.loads(values["values"])
            return {c: tidied(told.get(c) or "") for c in self.columns}
        return {c: _words(c, values[_ATTRIBUTES.get(c, c)]) for c in self.columns}


_ATTRIBUTES = {"provider": "provider_id"}


def _words(column: str, value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return _number(column, value)
    return "" if value is None else tidied(str(value))


def _number(column: str, value: float) -> str:
    if column == "rating" and not value:
        return ""
    if column in ("lat", "lon") and round(value, 5) == value:
        return f"{value:.5f}"
    return str(int(value)) if value == int(value) and column != "rating" else repr(value)


_CODE_LIMIT = 32
"""Of the catalogue, as the history keeps them."""
_PLACE = {"lat": Span(-90, 90), "lon": Span(-180, 180)}
_SAMPLE = frozenset({"0", "1"})


def _catalogue(name: str, subject: str, columns: str, key: str = "code", optional: str = "", **more: Any) -> Table:
    names = tuple(columns.split())
    return Table(name, names, (key,), CatalogueRow, subject, tuple(c for c in names if c not in optional.split()),
                 codes=("code",) if key == "code" else (), **more)


_CATALOGUE = (
    _catalogue("categories", "category", "code name_zh name_en description_zh", optional="description_zh"),
    _catalogue("departments", "department", "code name_zh name_en remit_zh hotline", optional="remit_zh hotline"),
    _catalogue("life_services", "item", "code category name_zh name_en source aliases_zh price_note_zh",
               optional="aliases_zh price_note_zh", refs=(Ref("category", ("categories",)),),
               choices={"source": frozenset({"market", "volunteer", "both"})}),
    _catalogue("government_services", "item",
               "code department name_zh name_en request_kinds sla_hours cross_department aliases_zh",
               optional="cross_department aliases_zh", numbers={"sla_hours": Span(1, 720, whole=True)},
               choices={"request_kinds": frozenset(RequestKind)},
               refs=(Ref("department", ("departments",)), Ref("cross_department", ("departments",), ","))),
    _catalogue("emergencies", "emergency",
               "code name_zh name_en number_to_call instruction_zh aliases_zh instruction_en aliases_en",
               optional="aliases_zh aliases_en", removable=False),
    _catalogue("ambiguities", "ambiguity", "words question_zh question_en items", key="question_zh",
               refs=(Ref("items", ITEMS, "|"),)),
    _catalogue("neighbours", "neighbour", "items question_zh question_en", key="question_zh",
               refs=(Ref("items", ITEMS, "|"),)),
    _catalogue("safety_questions", "safety", "item emergency question_zh question_en safe_words danger_words",
               key="item", refs=(Ref("item", ITEMS), Ref("emergency", ("emergencies",)))),
    _catalogue("guides", "guide", "item bring_zh where_zh time_zh bring_en where_en time_en", key="item",
               optional="bring_zh where_zh time_zh bring_en where_en time_en", refs=(Ref("item", ITEMS),)),
)
_DIRECTORY = (
    Table("providers",
          ("id", "kind", "name_zh", "name_en", "phone", "street", "community", "address_zh", "lat", "lon", "hours",
           "rating", "rating_count", "standing", "description_zh", "sample"),
          ("id",), Provider, "provider", ("id", "kind", "name_zh", "lat", "lon", "standing"), ("id",),
          choices={"kind": frozenset({"vendor", "volunteer_team", "public_body"}), "sample": _SAMPLE,
                   "standing": frozenset({"active", "probation", "suspended"})},
          numbers=_PLACE | {"rating": Span(0, 5), "rating_count": Span(0, 2**31 - 1, whole=True)},
          refs=(Ref("street", ("territories",)), Ref("community", ("territories",)))),
    Table("offers", ("provider", "item", "price_note_zh", "price_from", "price_unit", "radius_km"),
          ("provider", "item"), Offer, "offer", ("provider", "item"), (),
          numbers={"price_from": Span(0, 1_000_000), "radius_km": Span(0.1, 200)},
          refs=(Ref("provider", ("providers",)), Ref("item", ("life_services",)))),
    Table("volunteers", ("id", "team", "name_zh", "skills", "sample"), ("id",), Volunteer, "volunteer",
          ("id", "team", "name_zh"), ("id",), choices={"sample": _SAMPLE}, private=("name_zh",),
          refs=(Ref("team", ("providers",)), Ref("skills", ("life_services",), "|"))),
)
_TERRITORIES = Table(
    "territories", ("code", "level", "parent", "name_zh", "name_en", "former_names", "lat", "lon", "aliases"),
    ("code",), Territory, "territory", ("code", "level", "name_zh", "lat", "lon"),
    choices={"level": frozenset(LEVEL_ABOVE)}, numbers=_PLACE, refs=(Ref("parent", ("territories",)),),
)
_UNITS = Table(
    "units", ("code", "department", "territory", "name_zh", "name_en"), ("code",), Unit, "unit",
    ("code", "department", "territory", "name_zh"),
    refs=(Ref("department", ("departments",)), Ref("territory", ("territories",))),
)
_CANNED = Table(
    "canned_replies", ("shortcut", "title", "text_zh", "text_en", "team"), ("shortcut",), CannedReply, "canned",
    ("shortcut", "title", "text_zh"), (), refs=(Ref("team", ("teams",)),),
)
WHATS: dict[str, tuple[Table, ...]] = {
    "catalogue": _CATALOGUE, "directory": _DIRECTORY, "territories": (_TERRITORIES,),
    "units": (_UNITS,), "canned-replies": (_CANNED,),
}
TABLES = {table.name: table for tables in WHATS.values() for table in tables}


def file_name(table: Table) -> str:
    """The name of its file, as in `data/`: territories and units go by their district."""
    return f"{settings().district if table in (_TERRITORIES, _UNITS) else table.name}.csv"
