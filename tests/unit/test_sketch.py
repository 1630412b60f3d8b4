"""The map sketch of a location: words first, dots where they belong, no name over another."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from bot.console.views import sketch as view
from bot.console.views.sketch import in_words, sketch
from bot.domain.place import Spot


def spot(code: str, level: str, parent: str, name: str, lat: float, lon: float) -> Spot:
    return Spot(code, level, parent, name, (name,), lat, lon)


NANMEN = spot("nanmen", "street", "haishu", "南门街道", 29.8595, 121.5365)
XIMEN = spot("ximen", "street", "haishu", "西门街道", 29.8780, 121.5370)
GULIN = spot("gulin", "street", "haishu", "古林镇", 29.8500, 121.4600)
STATION = spot("station", "community", "nanmen", "车站社区", 29.8622, 121.5325)
DISTRICT = [NANMEN, XIMEN, GULIN, STATION, spot("haishu", "district", "", "海曙区", 29.86, 121.551)]


def drawn(svg: str) -> dict[str, tuple[float, float]]:
    """Name → where it is written."""
    texts = re.findall(r'<text class="spot-name" x="([\d.]+)" y="([\d.]+)">([^<]+)</text>', svg)
    return {name: (float(x), float(y)) for x, y, name in texts}


@pytest.mark.parametrize(("north", "east", "said"), [
    (0.0036, 0, "约 0.4 公里到车站社区（南门街道），在它的北面"),
    (0, 0.0042, "约 0.4 公里到车站社区（南门街道），在它的东面"),
    (-0.0027, -0.0031, "约 0.4 公里到车站社区（南门街道），在它的西南面"),
    (0, 0, "就在车站社区（南门街道）"),
])
def test_the_words_name_the_nearest_community_and_the_way_to_it(north: float, east: float, said: str) -> None:
    assert in_words(29.8622 + north, 121.5325 + east, DISTRICT, "zh") == said


def test_outside_the_district_the_words_say_so() -> None:
    assert in_words(29.9, 121.0, DISTRICT, "zh") == "不在本区。约 45 公里到古林镇，在它的西面"
    assert in_words(29.9, 121.0, DISTRICT, "en").startswith("Outside the district. About 45 km from 古林镇")
    assert in_words(29.9, 121.0, [], "zh") == "没有可对照的地名"


def test_north_is_up_and_east_is_right() -> None:
    found = drawn(sketch(29.8690, 121.5250, DISTRICT, "zh").svg)
    assert found["西门街道"][1] < view.HEIGHT / 2 < found["南门街道"][1]
    assert found["古林镇"][0] < view.WIDTH / 2 < found["南门街道"][0]


def test_the_drawing_says_its_words_and_its_scale() -> None:
    made = sketch(29.8690, 121.5250, DISTRICT, "zh")
    root = ElementTree.fromstring(made.svg)
    assert root.get("role") == "img" and root.get("aria-label") == made.words
    assert any(re.fullmatch(r"[\d.]+ 公里", t.text or "") for t in root.iter("text"))
    assert "style" not in made.svg, "the page's policy allows no inline style"


def test_no_name_lies_over_another_even_where_streets_crowd() -> None:
    crowd = [spot(f"s{n}", "street", "haishu", f"第{n}号街道", 29.86 + n % 5 * 0.002, 121.53 + n // 5 * 0.003)
             for n in range(20)]
    svg = sketch(29.866, 121.537, crowd, "zh").svg
    boxes = [(x, y - 10, x + len(name) * view.SIGN_WIDTH * 0.9, y + 2) for name, (x, y) in drawn(svg).items()]
    assert len(boxes) >= 3 and svg.count("<circle") == 20
    assert not any(a is not b and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
                   for a in boxes for b in boxes)


def test_a_name_cannot_be_markup() -> None:
    evil = spot("x", "street", "haishu", "<script>&", 29.8690, 121.5300)
    assert "<script>" not in sketch(29.8690, 121.5250, [evil], "zh").svg
