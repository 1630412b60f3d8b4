"""Facts in a message: what was said is not asked again."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.nlu.conftest import Understand


def facts(understand: Understand, text: str) -> dict[str, str]:
    found = understand(text)["entities"]
    for fact in found:
        assert text[fact["start"]:fact["end"]] == fact["text"]
    return {fact["type"]: fact["value"] for fact in found}


def test_number_phone_and_amount(understand: Understand) -> None:
    found = facts(understand, "HS202611220001 那张单，押金300元，打13900000010")
    assert found["ticket_number"] == "HS202611220001" and found["phone"] == "13900000010" and found["amount"] == "300元"
    assert facts(understand, "老板欠我三万五千块")["amount"] == "三万五千块"
    assert "amount" not in facts(understand, "路上少了一块砖，千万别踩")


def test_a_place_is_a_territory_by_any_of_its_names_or_near_home(understand: Understand) -> None:
    assert facts(understand, "西门街道这边路灯不亮")["place"] == "haishu-ximen"
    assert facts(understand, "妇儿医院门口堵车")["place"] == "haishu-nanmen-01"
    assert facts(understand, "我家楼下烧烤太吵")["place"] == "home"
    assert "place" not in facts(understand, "身份证丢了")


def test_whose_matter_it_is(understand: Understand) -> None:
    assert facts(understand, "我婆婆摔了一跤想找人照顾")["relation"] == "parent_in_law"
    assert facts(understand, "my landlord keeps the deposit")["relation"] == "landlord"


@pytest.mark.parametrize("words, value", [
    ("明天下午三点", "2026-11-26T15:00+08:00/2026-11-26T16:00+08:00"), ("昨晚十一点半", "2026-11-24T23:30+08:00/2026-11-24T23:31+08:00"),
    ("这个周末上午", "2026-11-29T07:00+08:00/2026-11-29T12:00+08:00"), ("国庆", "2026-10-01T00:00+08:00/2026-10-02T00:00+08:00"),
    ("天天半夜", "recurring"), ("一到晚上", "recurring"),
    ("12号下午两点到四点", "2026-11-12T14:00+08:00/2026-11-12T16:00+08:00"), ("每个月15号", "recurring"),
    ("上个礼拜三晚上", "2026-11-18T18:00+08:00/2026-11-19T00:00+08:00"), ("晚上八点以后", "2026-11-25T20:00+08:00/"),
])
def test_times_are_instants_in_shanghai(in_rasa: Callable[[str], Any], words: str, value: str) -> None:
    found = in_rasa(f"""
from datetime import datetime
from nlu.times import LOCAL, times_in
found = times_in({"请" + words + "来人看看"!r}, datetime(2026, 11, 25, 13, 0, tzinfo=LOCAL))""")
    assert [(fact["text"], fact["value"]) for fact in found] == [(words, value)]


ENGLISH = {
    "tomorrow at 3pm": "2026-11-27T15:00+08:00/2026-11-27T16:00+08:00",
    "tomorrow at 3": "2026-11-27T15:00+08:00/2026-11-27T16:00+08:00",
    "this saturday morning": "2026-11-28T06:00+08:00/2026-11-28T12:00+08:00",
    "next Monday": "2026-11-30T00:00+08:00/2026-12-01T00:00+08:00",
    "tonight at 8": "2026-11-26T20:00+08:00/2026-11-26T21:00+08:00",
    "Friday after 2 pm": "2026-11-27T14:00+08:00/",
    "since Monday": "2026-11-23T00:00+08:00/",
    "last night": "2026-11-25T18:00+08:00/2026-11-26T00:00+08:00",
    "the day after tomorrow": "2026-11-28T00:00+08:00/2026-11-29T00:00+08:00",
    "this weekend": "2026-11-28T00:00+08:00/2026-11-30T00:00+08:00",
    "Dec 3rd 10:30": "2026-12-03T10:30+08:00/2026-12-03T11:30+08:00",
    "3 days ago": "2026-11-23T00:00+08:00/2026-11-24T00:00+08:00",
    "in two hours": "2026-11-26T12:00+08:00/2026-11-26T13:00+08:00",
}


def test_english_times_are_instants_in_shanghai(in_rasa: Callable[[str], Any]) -> None:
    found = in_rasa(f"""
from datetime import datetime
from nlu.times import LOCAL, times_in
now = datetime(2026, 11, 26, 10, 0, tzinfo=LOCAL)
found = {{words: times_in(f"please come {{words}} thanks", now) for words in {list(ENGLISH)!r}}}
found["none"] = times_in("the sun burns, the wed cake, i may march", now)""")
    assert found.pop("none") == []
    assert {words: (fact["text"], fact["value"]) for words, (fact,) in found.items()} == {
        words: (words, value) for words, value in ENGLISH.items()}


def test_no_time_where_none_is_said(understand: Understand) -> None:
    for text in ("三个月工资没发", "打不着火", "月嫂多少钱一个月", "五幢六零二"):
        assert "time" not in facts(understand, text)


def test_a_house_s_number_is_no_day(in_rasa: Callable[[str], Any]) -> None:
    found = in_rasa("""
from datetime import datetime
from nlu.times import LOCAL, times_in
now = datetime(2026, 11, 26, 10, 0, tzinfo=LOCAL)
words = ["西门街道永丰西路12号", "恒春街12号", "3号楼的灯", "地铁1号线", "丽雅苑5号", "尹江岸路3号，昨天晚上", "12号来的", "本月12号下午三点"]
found = [[one["text"] for one in times_in(text, now)] for text in words]""")
    assert found == [[], [], [], [], [], ["昨天晚上"], ["12号"], ["本月12号下午三点"]]
