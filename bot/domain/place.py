"""Where something is: a place as told, and finding it among the district's territories."""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

EARTH_KM = 6371.0
_EXACT = (
    r"\d+\s*(幢|栋|号楼|号|弄|单元|室|座|组|期|楼|层)"
    r"|[\u4e00-\u9fff]{2}((?<![马走一电出修铁公思套道])路|大道|公路|(?<![上逛])街|巷|弄)(口|\d|[与和近边旁北南东西侧上段])?"
)
_ADDRESS = re.compile(
    _EXACT + r"|小区|新村|家园|花园|花苑|嘉苑|公寓|大厦|广场|菜场|市场|学校|小学|中学|幼儿园|医院|公园|地铁站|车站|公交站|大桥|门口|楼下|宿舍|工业区|园区|村口"
    r"|\b(road|street|avenue|lane|building|block|station|park|market|gate)\b|\bst\b|\brd\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Spot:
    """A territory as matching needs it. `names` are all the words it goes by, longest first."""

    code: str
    level: str
    parent: str
    name: str
    names: tuple[str, ...]
    lat: float
    lon: float


@dataclass(frozen=True)
class Place:
    """A place as far as it is known. `street` and `community` are territory codes."""

    text: str = ""
    street: str = ""
    community: str = ""
    lat: float | None = None
    lon: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if v not in ("", None)}

    @property
    def known(self) -> bool:
        """Enough to look for somebody nearby."""
        return bool(self.street or self.lat is not None)


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance (haversine), kilometres."""
    a, b = math.radians(lat1), math.radians(lat2)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(h))


def find_spot(text: str, spots: Sequence[Spot]) -> Spot | None:
    """The most exact territory named in the text: the longest name wins, then the deeper level."""
    folded = text.casefold()
    best: tuple[int, int, Spot] | None = None
    depth = {"district": 0, "street": 1, "community": 2, "grid": 3}
    for spot in spots:
        if spot.level in ("district", "grid"):
            continue
        hit = next((n for n in spot.names if n.casefold() in folded), None)
        if hit and (best is None or (len(hit), depth[spot.level]) > best[:2]):
            best = (len(hit), depth[spot.level], spot)
    return best[2] if best else None


def nearest_spot(lat: float, lon: float, spots: Sequence[Spot], level: str = "community") -> Spot | None:
    """The territory of that level whose centre is closest, within 15 km."""
    near = [(distance_km(lat, lon, s.lat, s.lon), s.code, s) for s in spots if s.level == level]
    best = min(near, default=None)
    return best[2] if best and best[0] <= 15 else None


def looks_like_address(text: str) -> bool:
    """Whether the words point at some place, known to us or not."""
    return bool(_ADDRESS.search(text))


def names_address(text: str) -> bool:
    """Whether the words give an address by themselves, a road or a house number; "我家楼下" does not."""
    return bool(re.search(_EXACT, text))


def place_words(text: str, spot: Spot | None) -> str:
    """The part of a message that says where: the whole of it when it is short, else the clause with the place in it,
    cut behind the last word that belongs to an address."""
    whole = text.strip()
    if len(whole) <= 16:
        return whole
    clauses = [c.strip() for c in re.split(r"[，,。；;！!？?\n]", whole) if c.strip()]
    name = next((n for n in spot.names if n.casefold() in whole.casefold()), "") if spot else ""
    clause = next((c for c in clauses if name and name.casefold() in c.casefold()), "")
    clause = clause or next((c for c in clauses if looks_like_address(c)), whole)
    start = max(clause.casefold().find(name.casefold()), 0) if name else 0
    ends = [m.end() for m in _ADDRESS.finditer(clause) if m.end() > start]
    end = max([start + len(name), *(e for e in ends if e <= start + 24)])
    return clause[start:end].strip() or name or clause[:24]


def name_variants(name: str, aliases: Sequence[str]) -> tuple[str, ...]:
    """The words a territory goes by: its name, the name without its suffix where two signs or more remain, aliases."""
    names = {name, *aliases}
    for suffix in ("街道", "社区", "镇", "乡", "村"):
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            names.add(name.removesuffix(suffix))
    return tuple(sorted((n for n in names if len(n) >= 2), key=lambda n: (-len(n), n)))
