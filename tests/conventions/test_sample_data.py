"""The sample district is what its generator gives, and complete enough to try every service on."""

import csv
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
LEVEL_ABOVE = {"street": "district", "community": "street", "grid": "community"}
DAY = "(MO|TU|WE|TH|FR|SA|SU)"
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
HOURS_RULE = re.compile(rf"{DAY}([-,]{DAY})*" r" ([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")


def table(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def territories():
    return {row["code"]: row for row in table("territories/haishu")}


@pytest.fixture(scope="module")
def providers():
    return {row["id"]: row for row in table("directory/providers")}


@pytest.fixture(scope="module")
def offers():
    return table("directory/offers")


@pytest.fixture(scope="module")
def volunteers():
    return table("directory/volunteers")


@pytest.fixture(scope="module")
def items():
    return {row["code"]: row for row in table("catalogue/life_services")}


@pytest.fixture(scope="module")
def active(providers, offers):
    """{(item, kind): providers in good standing that offer it}"""
    found = defaultdict(list)
    for offer in offers:
        provider = providers[offer["provider"]]
        if provider["standing"] == "active":
            found[offer["item"], provider["kind"]].append(provider)
    return found


def test_files_are_what_the_generator_gives():
    command = [sys.executable, str(DATA / "directory" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_are_utf8_with_plain_line_ends():
    for name in ("territories/haishu", "directory/providers", "directory/offers", "directory/volunteers"):
        content = (DATA / f"{name}.csv").read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf") and b"\r" not in content and content.endswith(b"\n")


def test_ids_are_unique(territories, providers, offers, volunteers):
    assert len(territories) == len(table("territories/haishu"))
    assert len(providers) == len(table("directory/providers"))
    assert len({v["id"] for v in volunteers}) == len(volunteers)
    assert len({(o["provider"], o["item"]) for o in offers}) == len(offers)


def test_the_district_is_big_enough(territories, providers, volunteers):
    kinds = Counter(p["kind"] for p in providers.values())
    levels = Counter(t["level"] for t in territories.values())
    assert kinds["vendor"] >= 850 and kinds["volunteer_team"] >= 66 and kinds["public_body"] == 24
    assert levels["district"] == 1 and levels["street"] == 17 and levels["community"] >= 17 * 6
    assert len(volunteers) >= 1000


def test_every_parent_exists_one_level_above(territories):
    for territory in territories.values():
        if territory["level"] == "district":
            assert territory["parent"] == ""
        else:
            assert territories[territory["parent"]]["level"] == LEVEL_ABOVE[territory["level"]]
            assert territory["code"].startswith(territory["parent"] + "-")


def test_every_street_has_communities_and_every_community_grids(territories):
    children = Counter(t["parent"] for t in territories.values())
    for territory in territories.values():
        if territory["level"] == "street":
            assert 6 <= children[territory["code"]] <= 12, territory["name_zh"]
        if territory["level"] == "community":
            assert 2 <= children[territory["code"]] <= 4, territory["name_zh"]


def test_a_name_or_alias_means_one_place(territories):
    said = Counter()
    for territory in territories.values():
        if territory["level"] != "grid":
            said.update({territory["name_zh"], *filter(None, territory["aliases"].split("|"))})
    assert [name for name, times in said.items() if times > 1] == []


def test_coordinates_are_in_the_district(territories, providers):
    for row in [*territories.values(), *providers.values()]:
        assert 29.65 <= float(row["lat"]) <= 29.95, row
        assert 121.08 <= float(row["lon"]) <= 121.58, row


def test_providers_stand_in_an_existing_community(territories, providers):
    for provider in providers.values():
        assert territories[provider["community"]]["parent"] == provider["street"]


def test_nothing_can_be_taken_for_real(providers, volunteers):
    for provider in providers.values():
        assert provider["sample"] == "1" and provider["name_zh"].startswith("示例·")
        assert re.fullmatch(r"0574-0000\d{4}", provider["phone"])
    for column in ("phone", "name_zh"):
        assert len({provider[column] for provider in providers.values()}) == len(providers)
    assert all(v["sample"] == "1" and re.fullmatch(r"志愿者\d{4}", v["name_zh"]) for v in volunteers)


def test_standing_and_rating(providers):
    standings = Counter(p["standing"] for p in providers.values())
    assert set(standings) == {"active", "probation", "suspended"}
    assert standings["suspended"] < standings["probation"] < standings["active"] / 10
    for provider in providers.values():
        count = int(provider["rating_count"])
        assert 0 <= count <= 400
        assert 3.2 <= float(provider["rating"]) <= 5.0 if count else provider["rating"] == ""


def test_opening_hours_can_be_read(providers):
    for provider in providers.values():
        rules = provider["hours"].split(";")
        assert all(HOURS_RULE.fullmatch(rule) for rule in rules), provider["hours"]
        named = [day for rule in rules for day in days(rule.split(" ")[0])]
        assert named and len(named) == len(set(named)), provider["hours"]


def days(words):
    """MO-WE,SU is MO TU WE SU."""
    for word in words.split(","):
        first, _, last = word.partition("-")
        yield from DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


def test_every_department_has_its_window(providers):
    windows = {p["id"] for p in providers.values() if p["kind"] == "public_body"}
    assert windows == {f"window-{department['code']}" for department in table("catalogue/departments")}


def test_every_offer_fits_its_provider_and_item(providers, offers, items):
    allowed = {"vendor": {"market", "both"}, "volunteer_team": {"volunteer", "both"}}
    for offer in offers:
        kind = providers[offer["provider"]]["kind"]
        assert items[offer["item"]]["source"] in allowed[kind], offer


def test_every_offer_says_its_price_and_reach(providers, offers):
    for offer in offers:
        assert offer["price_note_zh"] and "{" not in offer["price_note_zh"] and 1 <= int(offer["radius_km"]) <= 30
        assert bool(offer["price_from"]) == bool(offer["price_unit"])
        if offer["price_from"]:
            assert float(offer["price_from"]) > 0 and offer["price_from"] in offer["price_note_zh"]
            assert providers[offer["provider"]]["kind"] == "vendor", "volunteers ask nothing"


def test_vendors_keep_to_one_category(providers, offers, items):
    offered = defaultdict(list)
    for offer in offers:
        offered[offer["provider"]].append(items[offer["item"]]["category"])
    vendors = [p for p in providers if providers[p]["kind"] == "vendor"]
    assert all(len(set(offered[vendor])) == 1 for vendor in vendors)
    assert sum(2 <= len(offered[vendor]) <= 5 for vendor in vendors) > len(vendors) / 2


def test_every_item_is_covered(active, items):
    for code, item in items.items():
        if item["source"] in ("market", "both"):
            assert len(active[code, "vendor"]) >= 4, code
        if item["source"] in ("volunteer", "both"):
            assert len(active[code, "volunteer_team"]) >= 4, code


def test_common_items_are_found_in_every_street(active, territories):
    streets = {code for code, territory in territories.items() if territory["level"] == "street"}
    common = table("directory/inputs/common_items")
    assert len(common) == 25
    for line in common:
        vendors = active[line["item"], "vendor"]
        assert len(vendors) >= 15 and {vendor["street"] for vendor in vendors} == streets, line["item"]


def test_volunteers_do_what_their_team_offers(providers, offers, volunteers):
    offered = defaultdict(set)
    for offer in offers:
        offered[offer["provider"]].add(offer["item"])
    for volunteer in volunteers:
        assert providers[volunteer["team"]]["kind"] == "volunteer_team"
        skills = volunteer["skills"].split("|")
        assert skills and set(skills) <= offered[volunteer["team"]]
