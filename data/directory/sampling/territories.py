"""District → street/town → community/village → grid, as one flat table."""

import math

from sampling import draw
from sampling.tables import inputs

COLUMNS = ["code", "level", "parent", "name_zh", "name_en", "former_names", "lat", "lon", "aliases"]
DISTRICT = "haishu"
KM_PER_DEGREE_LAT = 111.2
KM_PER_DEGREE_LON = 96.6  # at 29.85° N
GOLDEN_ANGLE = math.radians(137.508)
NUMERALS = "一二三四"


def build():
    """All territory rows, parents before their children."""
    rows = [district_row()]
    for street in inputs("streets"):
        rows += street_rows(street)
    return rows


def district_row():
    return row(DISTRICT, "district", "", "海曙区", "Haishu District", (29.86, 121.551), "镇明区", "海曙|宁波市海曙区")


def street_rows(street):
    """One street, its communities and their grids."""
    code = f"{DISTRICT}-{street['code']}"
    centre = float(street["lat"]), float(street["lon"])
    names = street["name_zh"], street["name_en"]
    rows = [row(code, "street", DISTRICT, *names, centre, street["former_names"], street["aliases"])]
    communities = [c for c in inputs("communities") if c["street"] == street["code"]]
    places = community_places(communities, centre, float(street["spread_km"]))
    for number, (community, place) in enumerate(zip(communities, places), 1):
        rows += community_rows(f"{code}-{number:02}", code, community, place)
    return rows


def community_places(communities, centre, spread_km):
    """Coordinates: as written by hand, otherwise on a spiral around the street's centre."""
    unplaced = [c["name_zh"] for c in communities if not c["lat"]]
    for community in communities:
        if community["lat"]:
            yield float(community["lat"]), float(community["lon"])
        else:
            index = unplaced.index(community["name_zh"])
            yield moved(centre, spread_km * math.sqrt((index + 0.7) / len(unplaced)), GOLDEN_ANGLE * (index + 1))


def community_rows(code, street_code, community, place):
    """One community and its two to four grids."""
    names = community["name_zh"], community["name_en"]
    rows = [row(code, "community", street_code, *names, place, aliases=community["aliases"])]
    count = draw.whole(2, 4, "grids", code)
    for number in range(1, count + 1):
        spot = moved(place, 0.15, 2 * math.pi * number / count)
        rows.append(row(f"{code}-g{number}", "grid", code, f"第{NUMERALS[number - 1]}网格", f"Grid {number}", spot))
    return rows


def moved(place, km, angle):
    """The place km away in the direction of the angle (radians, anticlockwise from east)."""
    lat, lon = place
    return lat + km * math.sin(angle) / KM_PER_DEGREE_LAT, lon + km * math.cos(angle) / KM_PER_DEGREE_LON


def row(code, level, parent, name_zh, name_en, place, former_names="", aliases=""):
    return dict(zip(COLUMNS, [code, level, parent, name_zh, name_en, former_names, *degrees(place), aliases]))


def degrees(place):
    """Latitude and longitude as text, about one metre fine."""
    return tuple(f"{value:.5f}" for value in place)
