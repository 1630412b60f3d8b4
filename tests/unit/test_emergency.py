"""Whom to call first in an emergency."""

import pytest

from bot.domain.catalogue import Emergency
from bot.domain.emergency import numbers

CRY = Emergency("call-for-help", "紧急呼救", "Cry for help", ("110", "120", "119"))


@pytest.mark.parametrize("words, first", [
    ("救命", "110"), ("快叫救护车", "120"), ("打120啊", "120"), ("call an ambulance", "120"), ("快报警", "110"), ("消防车快来", "119"),
    ("fire brigade please", "119"), ("13812000000救命", "110"), ("", "110"), ("医生说他警觉性差", "110"),
])
def test_who_is_cried_for_comes_first(words: str, first: str) -> None:
    assert numbers(CRY, words)[0] == first and sorted(numbers(CRY, words)) == ["110", "119", "120"]


def test_only_the_numbers_of_that_emergency_are_named() -> None:
    lift = Emergency("elevator-trapped", "电梯困人", "Trapped in a lift", ("119",))
    assert numbers(lift, "困电梯里了快报警叫救护车") == ("119",)


def test_the_helpline_stays_before_the_ambulance() -> None:
    thoughts = Emergency("suicidal-thoughts", "有轻生念头", "Suicidal thoughts", ("12356", "110", "120"))
    assert numbers(thoughts, "不想活了，别叫救护车") == ("12356", "110", "120")
