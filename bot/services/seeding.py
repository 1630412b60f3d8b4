"""Filling an empty database from `data/`: catalogue, territories, units, sample directory, canned replies."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bot.domain import hours
from bot.errors import BadInput
from bot.services import catalogue, sheets
from bot.storage import CannedReply, CatalogueRow, Offer, Provider, Territory, Unit, Volunteer

Progress = Callable[[str, int], None]


def seed(session: Session, data: Path, progress: Progress = lambda what, count: None) -> dict[str, int]:
    """Fill what is empty and leave alone what is not. Returns the rows added by table."""
    added = {}
    if not session.scalar(select(func.count()).select_from(CatalogueRow)):
        added["catalogue"] = catalogue.replace(session, catalogue.read_folder(data / "catalogue"))
    for name, model, path in (
        ("territories", Territory, data / "territories"),
        ("units", Unit, data / "units"),
        ("providers", Provider, data / "directory" / "providers.csv"),
        ("offers", Offer, data / "directory" / "offers.csv"),
        ("volunteers", Volunteer, data / "directory" / "volunteers.csv"),
        ("canned_replies", CannedReply, data / "directory" / "canned_replies.csv"),
    ):
        if not session.scalar(select(func.count()).select_from(model)):
            rows = [READERS[name](row) for file in _files(path) for row in _rows(file)]
            session.execute(insert(model), rows)
            added[name] = len(rows)
        progress(name, added.get(name, 0))
    return added


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.csv")) if path.is_dir() else [path]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    for line, row in sheets.rows(path):
        yield {**row, "_at": f"{path.name}:{line}"}


def _territory(row: dict[str, str]) -> dict[str, Any]:
    names = ("code", "level", "parent", "name_zh", "name_en", "former_names", "aliases")
    return {k: row[k] for k in names} | {"lat": _number(row, "lat"), "lon": _number(row, "lon")}


def _unit(row: dict[str, str]) -> dict[str, Any]:
    return {k: row[k] for k in ("code", "department", "territory", "name_zh", "name_en")}


def _provider(row: dict[str, str]) -> dict[str, Any]:
    names = ("id", "kind", "name_zh", "name_en", "phone", "street", "community", "address_zh", "hours", "standing",
             "description_zh")
    try:
        hours.parse(row["hours"])
    except BadInput as error:
        raise BadInput(error.key, hours=f"{row['hours']} ({row['_at']})") from error
    return {k: row[k] for k in names} | {
        "lat": _number(row, "lat"), "lon": _number(row, "lon"), "rating": _number(row, "rating", 0.0),
        "rating_count": int(_number(row, "rating_count", 0)), "sample": row["sample"] == "1",
    }


def _offer(row: dict[str, str]) -> dict[str, Any]:
    return {
        "provider_id": row["provider"], "item": row["item"], "price_note_zh": row["price_note_zh"],
        "price_from": _number(row, "price_from", None), "price_unit": row["price_unit"],
        "radius_km": _number(row, "radius_km", 10.0),
    }


def _volunteer(row: dict[str, str]) -> dict[str, Any]:
    return {k: row[k] for k in ("id", "team", "name_zh", "skills")} | {"sample": row["sample"] == "1"}


def _canned(row: dict[str, str]) -> dict[str, Any]:
    return {k: row[k] for k in ("shortcut", "title", "text_zh", "text_en", "team")}


READERS: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "territories": _territory, "units": _unit, "providers": _provider, "offers": _offer, "volunteers": _volunteer,
    "canned_replies": _canned,
}
_REQUIRED = object()


def _number(row: dict[str, str], name: str, empty: Any = _REQUIRED) -> Any:
    if not row[name] and empty is not _REQUIRED:
        return empty
    try:
        return float(row[name])
    except ValueError as error:
        raise BadInput("import.not_a_number", column=name, value=row[name], at=row["_at"]) from error
