"""Where something is: a place as told, and finding it among the district's territories."""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

EARTH_KM = 6371.0
_ROAD = r"(?<![马走一电出修铁公思套道的条这那段])路(?!灯)|(?<![口的条上里区村边下前后个盏排家园旁处侧这那段])路(?=灯)"
"""中山路 and 中山路灯 name a road; 那条路 and 门口路灯 name none."""
_EXACT = (
    r"\d+\s*(幢|栋|号楼|号|弄|单元|室|座|组|期|楼|层)"
    rf"|[\u4e00-\u9fff]{{2}}({_ROAD}|大道|公路|(?<![上逛条这那])街|巷|弄)(口|\d|[与和近边旁北南东西侧上段])?"
)
_ADDRESS = re.compile(
    _EXACT + r"|小区|新村|家园|花园|花苑|嘉苑|公寓|大厦|广场|菜场|市场|学校|小学|中学|幼儿园|医院|公园|地铁站|车站|公交站|大桥|门口|楼下|宿舍|工业区|园区|村口"
    r"|\b(road|street|avenue|lane|building|block|station|park|market|gate)\b|\bst\b|\brd\b",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"(就|就是|是|在|就在)*(我|我们|咱|咱们|阿拉|俺|俺们|自己|自家|本)?的?(家里?|屋里?|住的?地方|单位|公司|店里?|小区|村里?|楼道?|厂里?|学校)?"
    r"(里面?|楼[下上]|门口|门前|外面?|旁边|隔壁|附近|对面|前面|后面|边上|厨房|卫生间|客厅|阳台|这里|这边|那里|那边|里厢)*[的啊呀吧了，,。.!！\s]*"
    r"|(at|in|near|outside|in front of|next to)?\s*(my|our)\s+(home|house|flat|apartment|place|building|door|shop|office|school)[.!\s]*",
    re.IGNORECASE)
_UNIT = r"(幢|栋|号楼|号|弄|单元|室|座|组|期|楼|层)"
_COUNT = r"[0-9A-Za-z〇一二三四五六七八九十百-]+"
_NUMBERS = re.compile(rf"(在|是)?(第?{_COUNT}\s*{_UNIT}\s*([0-9]{{3,4}})?\s*)+[。.!！]?")
_NUMBER = re.compile(rf"{_COUNT}\s*{_UNIT}(?!线)")
_PART = re.compile(rf"{_NUMBER.pattern}|(?<=[幢栋楼元])[0-9]{{3,4}}")
_LEAD = re.compile(r"^((不对|不是|错了|写错了|说错了|嗯|哦|地址|位置|地点)[，,。：:、\s]*)*(就在|我在|是在|应该是|地址是|地址在|是)?(?=..)")

CLOSEST = 3
"""`exactness` of words with a house number."""
Told = Literal["words", "pin", "button"]
"""How a place reached us: in words, as coordinates shared or chosen on a map, as a street's button."""


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
    name_en: str = ""


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


def only_theirs(text: str) -> bool:
    """Whether the words say where only to who knows where the speaker lives or works: "就在我家楼下"."""
    return bool(_THEIRS.fullmatch(text.strip()))


def completes(text: str) -> bool:
    """Whether the words are a house, building or room number and nothing else: "12号", "3幢602室"."""
    return bool(_NUMBERS.fullmatch(text.strip()))


def exactness(text: str) -> int:
    """How closely words say where: CLOSEST by a house number, 2 by a road, 1 by a kind of place ("菜场旁边"), 0 by less. A
    street office's name ("西门街道") is an area, not a road."""
    words = text.replace("街道", "")
    if not names_address(words):
        return int(looks_like_address(words))
    return CLOSEST if _NUMBER.search(words) else 2


def merged(known: Place, new: Place, told: Told, asked: bool) -> Place:
    """One place from what was known and what was told after it.

    Words and a pin for the same place complete each other. A number alone completes the words, or corrects the number
    in them. Other words take the place of earlier ones when they were asked for or say at least as closely where;
    vaguer ones add the territory and never cost what was told."""
    if told == "pin":
        return replace(new, text=known.text or new.text)
    if told == "button":
        return replace(_closer(known, new), text=known.text or new.text)
    if known.text and completes(new.text):
        return replace(_closer(known, new), text=_with_number(known.text, new.text))
    if asked:
        return replace(new if new.known else known, text=new.text)
    if not known.text:
        return replace(_closer(known, new), text=new.text)
    had, said = exactness(known.text), exactness(new.text)
    elsewhere = bool(known.street and new.street and known.street != new.street)
    if said < had or said == had == 0 and not elsewhere:
        return known if elsewhere else replace(_closer(known, new), text=known.text)
    return replace(_closer(known, new), text=new.text)


def _closer(known: Place, new: Place) -> Place:
    """Whichever says more closely which part of the district; the newer one where they contradict each other."""
    if not new.known or (new.street == known.street and new.community in ("", known.community)):
        return known
    return new


def _with_number(words: str, told: str) -> str:
    """The words with each number told in the place of the one with the same unit, or behind them."""
    for new in _PART.finditer(told):
        same = [m for m in _PART.finditer(words) if (m[1] or "室") == (new[1] or "室")]
        words = f"{words[:same[-1].start()]}{new[0]}{words[same[-1].end():]}" if same else f"{words} {new[0]}"
    return words


def place_words(text: str, spot: Spot | None, asked: bool = True) -> str:
    """The part of a message that says where: the whole of it, without "不对，是", when it is short and was asked for or
    is an address to its end, else the clause with the place in it, cut behind the last word of an address."""
    whole = _LEAD.sub("", text.strip())
    clauses = [c.strip() for c in re.split(r"[，,。；;！!？?\n]", whole) if c.strip()]
    address = len(clauses) == 1 and any(m.end() == len(whole) for m in _ADDRESS.finditer(whole))
    if len(whole) <= 16 and (asked or address):
        return whole
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
