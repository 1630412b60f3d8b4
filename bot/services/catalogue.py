"""The catalogue in force: read from SQL, kept for a few seconds in the process."""

import json
import time
from collections.abc import Iterable
from dataclasses import replace as with_fields
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.domain.catalogue import (
    Ambiguity,
    Catalogue,
    Category,
    Department,
    Emergency,
    Guide,
    Item,
    SafetyQuestion,
)
from bot.errors import BadInput, NotFound
from bot.services import sheets
from bot.storage import CatalogueRow, reading

FILES = (
    "categories", "departments", "life_services", "government_services", "emergencies", "ambiguities",
    "neighbours", "safety_questions", "guides",
)
FRESH_SECONDS = 10.0
_cached: tuple[float, str, Catalogue] | None = None
Row = dict[str, str]


def catalogue() -> Catalogue:
    """The catalogue, at most ten seconds old, without what was removed."""
    global _cached
    from bot.config import settings

    url = settings().sql_url
    if _cached is None or _cached[1] != url or time.monotonic() - _cached[0] > FRESH_SECONDS:
        with reading() as session:
            rows = session.scalars(select(CatalogueRow).order_by(CatalogueRow.position)).all()
        there = build(_by_table(r for r in rows if not r.removed))
        gone = _items(_by_table(r for r in rows if r.removed))
        _cached = (time.monotonic(), url, with_fields(there, gone=gone))
    return _cached[2]


def forget() -> None:
    """Read the catalogue anew at the next look."""
    global _cached
    _cached = None


def item_or_raise(code: str) -> Item:
    """The item of that code, one taken out of service too: tickets may be about it. Raises NotFound."""
    known = catalogue()
    item = known.items.get(code) or known.gone.get(code)
    if item is None:
        raise NotFound("catalogue.no_item", item=code)
    return item


def read_folder(folder: Path) -> dict[str, list[Row]]:
    """The catalogue's CSV files, as rows by file. Raises BadInput where one is missing or a code occurs twice."""
    tables = {}
    for name in FILES:
        path = folder / f"{name}.csv"
        if not path.exists():
            raise BadInput("catalogue.no_file", file=path.name)
        tables[name] = [row for _, row in sheets.rows(path)]
    _check(tables)
    return tables


def replace(session: Session, tables: dict[str, list[Row]]) -> int:
    """Put these rows in the place of all that were there; returns how many."""
    session.execute(delete(CatalogueRow))
    rows = [
        CatalogueRow(table=name, code=row.get("code") or row.get("item") or str(n), position=n,
                     values=json.dumps(row, ensure_ascii=False))
        for name, table in tables.items()
        for n, row in enumerate(table)
    ]
    session.add_all(rows)
    forget()
    return len(rows)


def build(tables: dict[str, list[Row]]) -> Catalogue:
    """Rows to objects."""
    return Catalogue(
        categories={r["code"]: Category(r["code"], r["name_zh"], r["name_en"], r["description_zh"])
                    for r in tables["categories"]},
        departments={r["code"]: Department(r["code"], r["name_zh"], r["name_en"], r["remit_zh"], r["hotline"])
                     for r in tables["departments"]},
        items=_items(tables),
        emergencies={r["code"]: _emergency(r) for r in tables["emergencies"]},
        ambiguities=tuple(
            Ambiguity(_split(r["words"]), r["question_zh"], r["question_en"], _split(r["items"]))
            for r in tables["ambiguities"]
        ),
        neighbours=tuple(
            Ambiguity((), r["question_zh"], r["question_en"], _split(r["items"])) for r in tables["neighbours"]
        ),
        safety={r["item"]: SafetyQuestion(r["item"], r["emergency"], r["question_zh"], r["question_en"],
                                          _split(r["safe_words"]), _split(r["danger_words"]))
                for r in tables["safety_questions"]},
        guides={r["item"]: Guide(**r) for r in tables["guides"]},
    )


def _items(tables: dict[str, list[Row]]) -> dict[str, Item]:
    life = {r["code"]: _life(r) for r in tables["life_services"]}
    return life | {r["code"]: _government(r) for r in tables["government_services"]}


def _life(row: Row) -> Item:
    return Item(row["code"], row["name_zh"], row["name_en"], category=row["category"], kinds=("help", "consult"),
                aliases=_split(row["aliases_zh"]), price_note_zh=row["price_note_zh"], source=row["source"])


def _government(row: Row) -> Item:
    cross = tuple(c.strip() for c in row["cross_department"].split(",") if c.strip())
    return Item(row["code"], row["name_zh"], row["name_en"], department=row["department"],
                kinds=_split(row["request_kinds"]), sla_hours=int(row["sla_hours"]), cross=cross,
                aliases=_split(row["aliases_zh"]))


def _emergency(row: Row) -> Emergency:
    words = (*_split(row["aliases_zh"]), *_split(row["aliases_en"]))
    return Emergency(row["code"], row["name_zh"], row["name_en"], _split(row["number_to_call"]),
                     row["instruction_zh"], row["instruction_en"], words)


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split("|") if part.strip())


def _by_table(rows: Iterable[CatalogueRow]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {name: [] for name in FILES}
    for row in rows:
        tables[row.table].append(json.loads(row.values))
    return tables


def _check(tables: dict[str, list[Row]]) -> None:
    codes = [r["code"] for name in ("life_services", "government_services") for r in tables[name]]
    twice = {c for c in codes if codes.count(c) > 1} if len(set(codes)) < len(codes) else set()
    if twice:
        raise BadInput("catalogue.twice", codes=", ".join(sorted(twice)))
    departments = {r["code"] for r in tables["departments"]}
    for row in tables["government_services"]:
        named = {row["department"], *(c.strip() for c in row["cross_department"].split(",") if c.strip())}
        if not named <= departments:
            raise BadInput("catalogue.no_department", item=row["code"], department=", ".join(named - departments))
