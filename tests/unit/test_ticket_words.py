"""What words say of tickets: adding, taking back, confidence, what was wrong."""

import pytest

from bot.domain.contact import wants_confidence
from bot.domain.rating import Complaint, Rating, Verdict, complaint, half, reopens, verdict
from bot.domain.ticket_words import adds, numbers, only_says_so, takes_back


@pytest.mark.parametrize(("words", "only"), [
    ("补充一下", True), ("我想补充一下情况", True), ("我还有照片要补，补张照片", False), ("给工单加张照片", True),
    ("补充一点：楼道灯也不亮了", False), ("我再说一点，车牌是浙B12345", False), ("HS2026112200079 补充一下", True),
    ("I want to add something", True), ("please add this: the lamp is out too", False),
])
def test_words_that_add(words: str, only: bool) -> None:
    assert adds(words) and only_says_so(words) is only


@pytest.mark.parametrize("words", ["补充医疗保险怎么交", "劳动合同要签补充协议吗", "路灯不亮", "我要修空调", "加一张床多少钱"])
def test_words_that_do_not_add(words: str) -> None:
    assert not adds(words)


def test_numbers_and_taking_back() -> None:
    assert numbers("ｈｓ2026112200079 怎么样") == ["HS2026112200079"]
    assert takes_back("那个工单不用处理了") and not takes_back("算了")


@pytest.mark.parametrize(("words", "wish"), [
    ("请给我保密", True), ("不要让他们知道是我举报的", True), ("别告诉物业是我说的", True), ("不用保密了", False),
    ("keep my name confidential please", True), ("保密协议怎么签", None), ("路灯不亮", None), ("别告诉我没人管", None),
])
def test_confidence(words: str, wish: bool | None) -> None:
    assert wants_confidence(words) is wish


@pytest.mark.parametrize(("words", "kind"), [
    ("昨天修的今天又坏了", Complaint.CAME_BACK), ("根本没人来", Complaint.UNDONE), ("接电话的人态度太差", Complaint.MANNER),
    ("答非所问", Complaint.BESIDE), ("没解决", None), ("1分", None),
])
def test_what_was_wrong(words: str, kind: Complaint | None) -> None:
    assert complaint(words) is kind


def test_a_low_score_alone_says_half() -> None:
    assert half(Rating(2, None)) and reopens(Rating(2, None)) and not half(Rating(2, True)) and not reopens(Rating(1, True))
    assert not half(Rating(3, None)) and reopens(Rating(5, False))


def test_silence_is_no_verdict() -> None:
    assert [verdict(solved) for solved in (None, True, False)] == [Verdict.UNANSWERED, Verdict.SOLVED, Verdict.NOT_SOLVED]
