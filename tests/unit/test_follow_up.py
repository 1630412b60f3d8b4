"""Questions on the last answer, and questions that are their own."""

import pytest

from bot.domain.follow_up import facet
from bot.domain.typed import typed_choice

ANSWER = ([{"id": "ticket:residence-permit", "title": "帮我登记反映"}, {"id": "human", "title": "转人工"}], [])
AGAIN = ([{"id": "ticket:x:HS2026112700019", "title": "再登记一次"}, {"id": "ticket", "title": "先登记事情"}], [])


@pytest.mark.parametrize("words, part", [
    ("要多久", "time"), ("那要多久才能办下来？", "time"), ("大概几天", "time"), ("and how long does it take", "time"), ("要带什么", "bring"),
    ("需要哪些材料呢", "bring"), ("在哪办", "where"), ("那去哪里办理啊", "where"), ("where do I go", "where"), ("要钱吗", "cost"), ("电话多少", "phone"),
    ("护照要多久", ""), ("路灯多久能修好", ""), ("哪里有厕所", ""), ("你们在哪里", ""), ("多久来水", ""), ("", ""), ("where is the hospital", ""),
    ("我家在哪里你知道吗", ""), ("那网上能办吗", "where"), ("几天到账", "time"), ("手机上可不可以办", "where"), ("网上怎么卖东西", ""),
])
def test_which_part_is_asked_for(words: str, part: str) -> None:
    assert facet(words) == part


def test_only_after_an_answer() -> None:
    assert typed_choice("要多久", [ANSWER]) == "explain:residence-permit" == typed_choice("带什么材料", [([], []), ANSWER])
    assert typed_choice("要多久", []) == typed_choice("要多久", [AGAIN]) == typed_choice("护照要多久", [ANSWER]) == ""
