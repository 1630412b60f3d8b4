"""A provider's standing: what verdicts are in stars, how the mean follows, which words are a grievance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.matching import trusted_rating
from bot.domain.standing import bad, complains, rated, stars, unreached

STARS = st.one_of(st.none(), st.integers(1, 5))


@pytest.mark.parametrize(("came", "solved", "score", "worth", "counts"), [
    (True, True, 5, 5, False), (None, True, 3, 3, False), (True, True, None, None, False), (False, None, None, 1, True),
    (False, None, 5, 1, True), (True, False, None, 1, True), (True, False, 4, 4, True), (True, True, 2, 2, True),
    (None, None, None, None, False),
])
def test_verdicts(came: bool | None, solved: bool | None, score: int | None, worth: int | None, counts: bool) -> None:
    assert stars(came, solved, score) == worth and bad(came, solved, score) is counts


@given(st.lists(STARS, max_size=30))
def test_the_mean_is_that_of_all_verdicts_whatever_was_changed_on_the_way(given_: list[int | None]) -> None:
    rating, count, before = 0.0, 0, None
    for then in given_:  # one citizen who changes their mind
        rating, count = rated(rating, count, before, then)
        before = then
    assert (rating, count) == ((float(before), 1) if before else (0.0, 0))


@given(st.floats(1, 5), st.integers(1, 500), st.integers(1, 5))
def test_more_good_never_lowers_and_more_bad_never_raises(rating: float, count: int, star: int) -> None:
    then, number = rated(rating, count, None, star)
    assert number == count + 1 and 1 <= then <= 5
    assert (then >= rating - 1e-9) if star >= rating else (then <= rating + 1e-9)


def test_one_five_does_not_beat_two_hundred_at_4_8() -> None:
    assert trusted_rating(5.0, 1) < trusted_rating(4.8, 200)


@pytest.mark.parametrize("words", [
    "你们介绍的师傅乱收费", "上门的师傅态度差得很", "那个师傅约好了没来", "你们推荐的那家店是骗人的", "你派来的人把管子弄坏了",
    "the plumber you sent overcharged me",
])
def test_grievances(words: str) -> None:
    assert complains(words)


@pytest.mark.parametrize("words", [
    "你们介绍一个师傅吧", "隔壁饭店乱收费", "师傅什么时候来", "那个师傅手艺很好", "投诉楼上噪音", "有人骗我转钱",
])
def test_other_words(words: str) -> None:
    assert not complains(words)


@pytest.mark.parametrize("words, so", [
    ("电话打不通", True), ("打了几遍都没人接", True), ("那家电话停机了，换一家", True), ("他们不接电话", True), ("nobody answers", True),
    ("I can't reach them", True), ("12345打不通", False), ("物业电话打不通", False), ("网不通了", False), ("下水道不通", False), ("没人接孩子", False),
])
def test_nobody_answers_the_telephone(words: str, so: bool) -> None:
    assert unreached(words) is so
