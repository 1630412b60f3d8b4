"""The parts of nlu/ that are rules: request kind, plain facts."""

import pytest

from nlu.entities import entities_in
from nlu.kind import kind_of


@pytest.mark.parametrize("words, kinds, kind", [
    ("身份证丢了怎么补办", ["consult", "help"], "consult"), ("楼上天天半夜拖椅子", ["help", "complaint"], "complaint"),
    ("能不能增加一个公交站", ["suggestion"], "suggestion"), ("井盖坏了快派人来", ["help", "complaint"], "help"),
    ("失业金被拒绝了", ["consult"], "consult"), ("餐馆油烟太臭了", ["complaint"], "complaint"),
])
def test_kind_from_the_words_else_the_items_usual_one(words: str, kinds: list[str], kind: str) -> None:
    assert kind_of(words, kinds, life=False) == kind


def test_a_life_service_is_help_unless_the_price_is_asked() -> None:
    assert kind_of("马桶堵了", [], life=True) == "help" and kind_of("通马桶多少钱", [], life=True) == "consult"


def test_entities() -> None:
    found = {e["type"]: e["value"] for e in entities_in("HS202611220001 那张单，押金300元，打13900000010")}
    assert found == {"ticket_number": "HS202611220001", "phone": "13900000010", "amount": "300元"}
    assert entities_in("五幢六零二") == []
