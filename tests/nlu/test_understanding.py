"""What the trained model makes of plain sentences. The sentences are this file's own: the figures on the development
set are in test_development_figures.py."""

import csv

import pytest

from bot.config import ROOT
from tests.nlu.conftest import Understand


@pytest.mark.parametrize("text, item", [
    ("厕所下不去水了要人来通一下", "toilet-unclogging"), ("找个专门带两岁宝宝的育儿嫂", "infant-nanny"),
    ("身份证掉了要重新办一张", "id-card-renewal"), ("公司拖了我两个月工资不给", "wage-arrears"),
    ("門口路燈壞了好幾天", "streetlight-out"), ("my passport expires next month, where do I renew it", "passport"),
])
def test_the_item_is_found_in_many_ways_of_speaking(understand: Understand, text: str, item: str) -> None:
    heard = understand(text)
    assert heard["act"] == "request" and item in [ranked["item"] for ranked in heard["ranking"][:3]]


@pytest.mark.parametrize("text, code", [
    ("厨房里一股煤气味，头都晕了", "gas-leak"), ("我爸突然倒在地上没有呼吸了", "cardiac-arrest"),
    ("电梯停在半当中我们三个人出不去", "elevator-trapped"), ("我刚刚转了五万块给骗子，还能追回来吗", "fraud-transfer"),
    ("我不想活了", "suicidal-thoughts"), ("there is a fire in my kitchen", "fire-outbreak"),
])
def test_an_emergency_is_raised_with_its_code(understand: Understand, text: str, code: str) -> None:
    heard = understand(text)
    assert heard["emergency"] == code and heard["act"] == "request"
    assert heard["item"] is None and heard["ranking"] == [], "an emergency is no service besides"


@pytest.mark.parametrize("text", [
    "救命", "救命啊救命", "帮我叫救护车", "快打120", "出人命了快来人", "SOS", "🆘", "need an ambulance", "中毒了", "杀人了", "困电梯里了",
])
def test_a_bare_cry_is_an_emergency(understand: Understand, text: str) -> None:
    assert understand(text)["emergency"]


@pytest.mark.parametrize("text", [
    "救命这也太好笑了", "120的救护车费能报销吗", "急急急厕所堵了", "快来人修一下空调", "房号110的客人要加床", "谢谢你们的救命之恩",
])
def test_a_cry_in_jest_or_for_a_plumber_is_none(understand: Understand, text: str) -> None:
    assert understand(text)["emergency"] is None


@pytest.mark.parametrize("text", [
    "今天热死人了", "灭火器过期了去哪里换", "去年家里着过火，现在想申请补助", "煤气费在哪里交", "这部电影里的人跳楼了，太难过了",
    "电梯坏了三天，里面没有人，就是没人修", "my phone battery died, where can I get it repaired",
])
def test_words_of_danger_alone_raise_nothing(understand: Understand, text: str) -> None:
    assert understand(text)["emergency"] is None


@pytest.mark.parametrize("text, act", [
    ("转人工", "human"), ("0", "human"), ("按0", "human"), ("👌", "affirm"), ("/cancel", "cancel"), ("/help", "help_menu"),
    ("/restart", "out_of_scope"), ("/restart@hotline_bot", "out_of_scope"), ("谢谢", "thanks"), ("。。。", "out_of_scope"),
    ("\x00", "out_of_scope"), ("我的工单办到哪一步了", "status"), ("换一批", "more"), ("把我的信息都删掉", "privacy"),
    ("帮我写一篇关于春天的作文", "out_of_scope"), ("勾股定理怎么证明", "out_of_scope"),
])
def test_acts(understand: Understand, text: str, act: str) -> None:
    heard = understand(text)
    assert heard["act"] == act and heard["item"] is None and heard["ranking"] == []


def test_an_unsure_model_names_no_item_but_keeps_its_candidates(understand: Understand) -> None:
    heard = understand("漏水")
    assert heard["act"] == "request" and len(heard["ranking"]) == 5
    assert heard["item"] is None or heard["confidence"] >= 0.5
    chances = [ranked["confidence"] for ranked in heard["ranking"]]
    assert chances == sorted(chances, reverse=True) and 0 < sum(chances) <= 1.001


@pytest.mark.parametrize("text, item, also", [
    ("马桶堵了要人来通，另外家里路由器没网了要修", "toilet-unclogging", ["home-network-setup"]),
    ("两件事，一是楼下垃圾房臭得不行，二是小区门口违停把路堵死", "refuse-collection", ["road-illegal-parking"]),
    ("第一医院门口那排路灯不亮，第二盏一直闪", "streetlight-out", []), ("万一是燃气灶打不着火找谁修", "gas-stove-repair", []),
])
def test_two_needs_in_one_message(understand: Understand, text: str, item: str, also: list[str]) -> None:
    heard = understand(text)
    assert heard["also"] == also and heard["ranking"][0]["item"] == item


def test_needs_with_no_word_between_them(understand: Understand) -> None:
    """tests/nlu/two_needs.csv: 90 messages with two needs, 90 hard ones with one, by one writer, never trained on.
    Measured on 2026-11-27: 36 and 1; 40 and 2 with another draw of the nets."""
    with (ROOT / "tests" / "nlu" / "two_needs.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    heard = [(row, understand(row["text"])) for row in rows]
    found = [{h["item"], *h["also"]} == {row["first"], row["second"]} for row, h in heard if row["second"]]
    wrong = [row["text"] for row, h in heard if not row["second"] and h["also"]]
    assert len(found) == 90 and sum(found) >= 30 and len(wrong) <= 4, (sum(found), wrong)


@pytest.mark.parametrize("text, kind", [
    ("楼上天天半夜拖椅子吵得睡不着，你们管不管", "complaint"), ("办居住证要带什么材料", "consult"),
    ("建议在我们小区门口加一个公交站", "suggestion"), ("路口井盖没了快来人处理一下", "help"),
])
def test_kind(understand: Understand, text: str, kind: str) -> None:
    assert understand(text)["kind"] == kind


def test_a_text_of_100_kilobytes_is_read_in_part_and_costs_little(understand: Understand) -> None:
    heard = understand("路灯坏了。" * 20_000)
    assert heard["act"] == "request" and len(heard["entities"]) < 10
    assert understand("🔥" * 5_000)["act"] == "out_of_scope"


def test_fields_of_the_design(understand: Understand) -> None:
    heard = understand("身份证丢了怎么补办")
    assert set(heard) == {"text", "act", "kind", "item", "category", "department", "direction", "side", "emergency",
                          "confidence", "ranking", "also", "entities"}
    assert heard["department"] == "public-security" and heard["category"] is None
