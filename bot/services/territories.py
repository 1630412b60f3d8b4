"""Places: finding the district's territories in words and coordinates."""

import re
import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.message import Button
from bot.domain.place import (
    Place,
    Spot,
    find_spot,
    looks_like_address,
    name_variants,
    names_address,
    nearest_spot,
    place_words,
)
from bot.i18n import text
from bot.storage import Territory, reading

FRESH_SECONDS = 10.0
SHORT = 12
"""Signs up to which a message with one of our places in it is taken to be nothing else."""
_BESIDES = re.compile(r"街道|社区|[镇乡村]|我家?|们|住|就?在|是|[这那]?(里|边|儿)|附近|一带|的|吧|[，,。.、\s]")
_cached: tuple[float, str, list[Spot]] | None = None


def spots() -> list[Spot]:
    """All territories above grids, at most ten seconds old, without removed ones."""
    global _cached
    url = settings().sql_url
    if _cached is None or _cached[1] != url or time.monotonic() - _cached[0] > FRESH_SECONDS:
        with reading() as session:
            rows = session.scalars(select(Territory).where(Territory.level != "grid",
                                                           Territory.removed.is_(False)).order_by(Territory.code)).all()
        _cached = (time.monotonic(), url, [_spot(row) for row in rows])
    return _cached[2]


def forget() -> None:
    """Read the territories anew at the next look."""
    global _cached
    _cached = None


def streets() -> list[Spot]:
    """Streets and towns, for buttons."""
    return [s for s in spots() if s.level == "street"]


def street_buttons(language: str) -> list[Button]:
    """One button per street or town, and one to go on without."""
    buttons = [Button(f"place:{s.code}", s.name) for s in streets()]
    return [*buttons, Button("skip:place", text("button.anywhere", language))]


def from_words(words: str, asked: bool = False) -> Place | None:
    """The place a text names: one of ours, or some address we do not know; None where it names none. Asked for one,
    the vaguer words of a place ("我家楼下") count as well."""
    spot = find_spot(words, spots())
    if spot is None:
        named = looks_like_address(words) if asked else names_address(words)
        return Place(text=place_words(words, None, asked)[:120]) if named else None
    return Place(place_words(words, spot, asked)[:120], *_codes(spot), spot.lat, spot.lon)


def only_place(words: str) -> bool:
    """Whether a short message is nothing but one of our places: "古林这边", "我在西门街道"."""
    spot = find_spot(words, spots())
    if spot is None:
        return False
    rest = words
    while spot is not None:
        rest = re.sub(re.escape(next(n for n in spot.names if n.casefold() in rest.casefold())), "", rest,
                      flags=re.IGNORECASE)
        spot = find_spot(rest, spots())
    return len(words.strip()) <= SHORT or not _BESIDES.sub("", rest)


def from_location(lat: float, lon: float) -> Place:
    """The place at a coordinate; without codes where it lies outside the district."""
    spot = nearest_spot(lat, lon, spots())
    street, community = _codes(spot) if spot else ("", "")
    return Place(f"{lat:.5f},{lon:.5f}" if not spot else name_of(street, "zh"), street, community, lat, lon)


def from_code(code: str) -> Place | None:
    """The place a street button stands for."""
    spot = next((s for s in spots() if s.code == code), None)
    return Place(spot.name, *_codes(spot), spot.lat, spot.lon) if spot else None


def name_of(code: str, language: str = "zh") -> str:
    """A territory's name, or '' where the code is unknown."""
    return next((s.name_en if language == "en" and s.name_en else s.name for s in spots() if s.code == code), "")


def full_name(session: Session, code: str, language: str) -> str:
    """A territory of any level with those it lies in, below the district; '' where the code is unknown."""
    names, row = [], session.get(Territory, code) if code else None
    while row is not None and row.level != "district":
        names.append(row.name_en if language == "en" and row.name_en else row.name_zh)
        row = session.get(Territory, row.parent)
    return (", ".join(names) if language == "en" else "".join(reversed(names)))


def around(session: Session, code: str) -> dict[str, str]:
    """A territory and those it lies in, by level."""
    found, row = {}, session.get(Territory, code) if code else None
    while row is not None:
        found[row.level] = row.code
        row = session.get(Territory, row.parent)
    return found


def grid_of(session: Session, place: dict[str, Any]) -> str:
    """The grid of a place with coordinates of its own: the nearest one of its community. "" where they are only the
    middle of a territory that was named, or the community has no grids."""
    lat, lon, community = place.get("lat"), place.get("lon"), place.get("community")
    if lat is None or lon is None or not community or any((s.lat, s.lon) == (lat, lon) for s in spots()):
        return ""
    rows = session.scalars(select(Territory).where(Territory.level == "grid", Territory.parent == community,
                                                   Territory.removed.is_(False)))
    nearest = nearest_spot(lat, lon, [_spot(row) for row in rows], "grid")
    return nearest.code if nearest else ""


def count(session: Session) -> int:
    """How many territories are stored."""
    return len(session.scalars(select(Territory.code).where(Territory.removed.is_(False))).all())


def _codes(spot: Spot) -> tuple[str, str]:
    return (spot.parent, spot.code) if spot.level == "community" else (spot.code, "")


def _spot(row: Territory) -> Spot:
    words = [w for w in f"{row.former_names}|{row.aliases}".split("|") if w]
    if row.name_en:
        words.append(row.name_en)
    return Spot(row.code, row.level, row.parent, row.name_zh, name_variants(row.name_zh, words), row.lat, row.lon,
                row.name_en)
