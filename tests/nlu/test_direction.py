"""Who offers and who needs, and on which side of a matter somebody stands."""

from collections.abc import Callable
from typing import Any

import pytest

InRasa = Callable[[str], Any]

SAID = {
    "我是做保洁的，想接单": ["working", None],
    "我想当志愿者": ["working", None],
    "can I volunteer? I can teach English": ["working", None],
    "我有套房子要出租": ["offering", None],
    "想把旧沙发卖掉": ["offering", None],
    "想捐一批旧衣服": ["offering", None],
    "想请个家教": ["needing", None],
    "哪里有房子出租": ["needing", None],
    "我不是想卖房，是想问过户税": ["needing", None],
    "租客三个月不交房租": ["needing", "landlord"],
    "房东不退押金": ["needing", "tenant"],
    "老板拖欠工资": ["needing", "worker"],
}


@pytest.fixture(scope="module")
def read(in_rasa: InRasa) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = in_rasa(
        f"from nlu.direction import direction\nfound = {{t: direction(t) for t in {list(SAID)!r}}}"
    )
    return found


@pytest.mark.parametrize("text", SAID)
def test_direction_and_side(read: dict[str, list[Any]], text: str) -> None:
    assert read[text] == SAID[text]
