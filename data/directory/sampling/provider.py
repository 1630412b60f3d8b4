"""What vendors, volunteer teams and public bodies have in common: the provider row."""

import math

from sampling import draw
from sampling.tables import inputs
from sampling.territories import degrees, moved

COLUMNS = [
    "id", "kind", "name_zh", "name_en", "phone", "street", "community", "address_zh", "lat", "lon",
    "hours", "rating", "rating_count", "standing", "description_zh", "sample",
]  # fmt: skip
RATING_RANGE = {"active": (3.6, 5.0), "probation": (3.2, 4.1), "suspended": (3.2, 3.7)}


class Places:
    """Looks up streets and communities in the territory rows."""

    def __init__(self, territories):
        self.streets = [t for t in territories if t["level"] == "street"]
        self.communities = {s["code"]: [] for s in self.streets}
        for territory in territories:
            if territory["level"] == "community":
                self.communities[territory["parent"]].append(territory)

    def weighted_streets(self):
        """(street, weight) pairs: how many providers a street has compared with the others."""
        return [(street, int(line["weight"])) for street, line in zip(self.streets, inputs("streets"))]


def row(places, provider_id, kind, street, name, hours, description, standing="active"):
    """A provider row without its phone, which is numbered at the end; name is (Chinese stem, English stem)."""
    community = draw.one_of(places.communities[street["code"]], "community", provider_id)
    place = moved(position(community), 0.25 * draw.fraction("km", provider_id), turn(provider_id))
    lat, lon = degrees(place)
    rating, count = rated(provider_id, standing)
    return {
        "id": provider_id, "kind": kind, "name_zh": f"示例·{name[0]}", "name_en": f"Sample · {name[1]}",
        "street": street["code"], "community": community["code"], "address_zh": address(street, community, provider_id),
        "lat": lat, "lon": lon, "hours": hours, "rating": rating, "rating_count": count,
        "standing": standing, "description_zh": description, "sample": 1,
    }  # fmt: skip


def position(territory):
    return float(territory["lat"]), float(territory["lon"])


def turn(provider_id):
    return 2 * math.pi * draw.fraction("angle", provider_id)


def address(street, community, provider_id):
    """An address nobody lives at: the lane is called "sample lane"."""
    return f"海曙区{street['name_zh']}{community['name_zh']}示例弄{draw.whole(1, 199, 'number', provider_id)}号"


def rated(provider_id, standing):
    """(rating, how many rated); nobody rated means no rating."""
    count = int(401 * draw.fraction("ratings", provider_id) ** 2.2)
    low, high = RATING_RANGE[standing]
    rating = high - (high - low) * draw.fraction("rating", provider_id) ** 1.6
    return (f"{rating:.1f}" if count else ""), count


def hours(profile, provider_id):
    """Opening hours drawn from a profile of inputs/hours.csv."""
    lines = [(line["hours"], int(line["weight"])) for line in inputs("hours") if line["profile"] == profile]
    return draw.weighted(lines, "hours", provider_id)


def short(street):
    """西门 for 西门街道, 高桥 for 高桥镇; Ximen for Ximen Subdistrict."""
    zh = street["name_zh"].removesuffix("街道").removesuffix("镇").removesuffix("乡")
    return zh, street["name_en"].split()[0]


def numbered(providers):
    """Gives each provider a landline of the right shape that cannot ring: no subscriber number begins with 0."""
    return [
        {column: (f"0574-0000{number:04}" if column == "phone" else provider[column]) for column in COLUMNS}
        for number, provider in enumerate(providers, 1)
    ]
