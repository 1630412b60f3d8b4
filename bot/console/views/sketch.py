"""Where a pin lies, as a small map of dots: the streets and towns around it, a scale bar and north. No map service sees
where a citizen is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.domain.place import Spot, distance_km, nearest_spot
from bot.i18n import text

WIDTH, HEIGHT, EDGE = 300, 190, 14
LABEL_HEIGHT, SIGN_WIDTH = 13, 11.5
"""Of a Chinese sign at the drawing's type size; anything else is taken as 0.58 of it."""
NEIGHBOURS, SMALLEST_KM, HERE_KM = 4, 0.8, 0.1
BARS_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
KM_PER_DEGREE = 111.195
QUARTERS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Sketch:
    """The drawing, and the same in words."""

    svg: Markup
    words: str


def sketch(lat: float, lon: float, spots: Sequence[Spot], language: str) -> Sketch:
    """The surroundings of a pin. `spots` are the district's territories above grids."""
    words = in_words(lat, lon, spots, language)
    streets = [s for s in spots if s.level == "street"]
    reach = _reach(lat, lon, streets)
    drawn = _dots(lat, lon, streets, reach)
    body = Markup("").join([_bar(reach, language), _north(language), *drawn, _pin()])
    svg = Markup('<svg class="sketch" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, words, body)
    return Sketch(svg, words)


def in_words(lat: float, lon: float, spots: Sequence[Spot], language: str) -> str:
    """`约 0.4 公里到车站社区（南门街道），在它的东北面`; outside the district the nearest street or town is named."""
    community = nearest_spot(lat, lon, spots)
    near = community or min((s for s in spots if s.level == "street"), default=None,
                            key=lambda s: distance_km(lat, lon, s.lat, s.lon))
    if near is None:
        return text("console.sketch_nowhere", language)
    street = next((s.name for s in spots if s.code == near.parent and s.level == "street"), "")
    name = text("console.sketch_name", language, name=near.name, street=street) if street else near.name
    km = distance_km(lat, lon, near.lat, near.lon)
    if km < HERE_KM:
        return text("console.sketch_here", language, name=name)
    quarter = text(f"console.sketch_{_quarter(near, lat, lon)}", language)
    key = "console.sketch_near" if community else "console.sketch_outside"
    return text(key, language, km=_km(km), name=name, quarter=quarter)


def _reach(lat: float, lon: float, streets: Sequence[Spot]) -> float:
    """Kilometres from the pin to the upper edge: far enough for its nearest neighbours."""
    away = sorted(distance_km(lat, lon, s.lat, s.lon) for s in streets)[:NEIGHBOURS]
    return max([SMALLEST_KM, *(km * 1.25 for km in away)])


def _dots(lat: float, lon: float, streets: Sequence[Spot], reach: float) -> list[Markup]:
    """Dots of the streets in view, the nearest first; a name that would lie on something else is left out."""
    taken: list[Box] = [(0, HEIGHT - 26, 110, HEIGHT), (WIDTH - 26, 0, WIDTH, 34),
                        (WIDTH / 2 - 9, HEIGHT / 2 - 21, WIDTH / 2 + 9, HEIGHT / 2 + 4)]
    drawn = []
    places = [(_at(s, lat, lon, reach), s.name) for s in sorted(
        streets, key=lambda s: (distance_km(lat, lon, s.lat, s.lon), s.code))]
    seen = [(at, name) for at, name in places if EDGE <= at[0] <= WIDTH - EDGE and EDGE <= at[1] <= HEIGHT - EDGE]
    taken += [_around(*at, 3.5) for at, _ in seen]
    for (x, y), name in seen:
        drawn.append(Markup('<circle class="spot" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(x, y))
        place = next((p for p in _label_places(x, y, name) if not any(_meet(p, other) for other in taken)), None)
        if place is not None:
            taken.append(place)
            drawn.append(Markup('<text class="spot-name" x="{:.1f}" y="{:.1f}">{}</text>').format(
                place[0], place[3] - 3, name))
    return drawn


def _at(spot: Spot, lat: float, lon: float, reach: float) -> tuple[float, float]:
    """Where a spot stands in the drawing, the pin in its middle."""
    per_km = HEIGHT / 2 / reach
    east = (spot.lon - lon) * KM_PER_DEGREE * math.cos(math.radians(lat))
    return WIDTH / 2 + east * per_km, HEIGHT / 2 - (spot.lat - lat) * KM_PER_DEGREE * per_km


def _label_places(x: float, y: float, name: str) -> list[Box]:
    """Right of the dot, left, above, below, as far as inside the drawing."""
    width = sum(1.0 if ord(c) > 0x2E80 else 0.58 for c in name) * SIGN_WIDTH
    half = LABEL_HEIGHT / 2
    boxes = [(x + 6, y - half, x + 6 + width, y + half), (x - 6 - width, y - half, x - 6, y + half),
             (x - width / 2, y - 5 - LABEL_HEIGHT, x + width / 2, y - 5),
             (x - width / 2, y + 5, x + width / 2, y + 5 + LABEL_HEIGHT)]
    return [b for b in boxes if b[0] >= 2 and b[1] >= 2 and b[2] <= WIDTH - 2 and b[3] <= HEIGHT - 2]


def _bar(reach: float, language: str) -> Markup:
    per_km = HEIGHT / 2 / reach
    km = max((k for k in BARS_KM if k * per_km <= 80), default=BARS_KM[0])
    end, y = EDGE + km * per_km, HEIGHT - 10
    label = text("console.sketch_km", language, km=f"{km:g}")
    drawing = '<path class="bar" d="M{0} {2}v4h{1:.1f}v-4"/><text class="bar-name" x="{0}" y="{3}">{4}</text>'
    return Markup(drawing).format(EDGE, end - EDGE, y, y - 4, label)


def _north(language: str) -> Markup:
    drawing = '<path class="north" d="M{0} 8l5 13-5-3-5 3z"/><text class="north-name" x="{0}" y="32">{1}</text>'
    return Markup(drawing).format(WIDTH - EDGE, text("console.sketch_north", language))


def _pin() -> Markup:
    return Markup('<path class="pin" d="M{} {}c-9-10-8-18 0-18s9 8 0 18z"/>').format(WIDTH // 2, HEIGHT // 2)


def _quarter(of: Spot, lat: float, lon: float) -> str:
    """In which direction from the spot the pin lies."""
    east = (lon - of.lon) * math.cos(math.radians(lat))
    angle = math.degrees(math.atan2(east, lat - of.lat)) % 360
    return QUARTERS[round(angle / 45) % 8]


def _km(km: float) -> str:
    return f"{km:.1f}" if km < 10 else f"{km:.0f}"


def _around(x: float, y: float, half: float) -> Box:
    return x - half, y - half, x + half, y + half


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
