"""What an answer to "is anybody in danger?" says."""

import csv
from pathlib import Path

import pytest

from bot.domain.catalogue import SafetyQuestion

ROWS = Path(__file__).parents[2] / "data/catalogue/safety_questions.csv"


def question(item: str) -> SafetyQuestion:
    with ROWS.open(encoding="utf-8", newline="") as file:
        row = next(r for r in csv.DictReader(file) if r["item"] == item)
    return SafetyQuestion(item, row["emergency"], row["question_zh"], row["question_en"],
                          tuple(row["safe_words"].split("|")), tuple(row["danger_words"].split("|")))


@pytest.mark.parametrize(("item", "words"), [
    ("elevator-fault", "里面没有人，门开着关不上"),
    ("elevator-fault", "没有人被困"),
    ("elevator-fault", "打了三个电话没有人接，不过轿厢没人"),
    ("elevator-fault", "The lift is dead, but nobody is inside"),
    ("road-waterlogging", "没有人困在水里，就是积水"),
    ("domestic-violence-warning", "他走了，没回来"),
])
def test_nobody_in_danger_is_heard(item: str, words: str) -> None:
    asked = question(item)
    assert asked.says_safe(words)


@pytest.mark.parametrize(("item", "words"), [
    ("elevator-fault", "电梯坏了三天没有人来修"),
    ("elevator-fault", "报了物业没有人管"),
    ("elevator-fault", "The lift broke and nobody is coming"),
    ("elevator-fault", "nobody is even answering the intercom"),
    ("road-waterlogging", "积水没有人处理"),
    ("domestic-violence-warning", "他走了又回来砸门"),
])
def test_that_nobody_comes_says_nothing_of_danger(item: str, words: str) -> None:
    asked = question(item)
    assert not asked.says_safe(words)


def test_that_nobody_comes_is_no_danger_either() -> None:
    asked = question("elevator-fault")
    assert not asked.says_danger("电梯坏了三天没有人来修")
    assert not asked.says_danger("电梯坏了三天没人修")
    assert asked.says_danger("里面有人，没有人来修")
    assert asked.says_danger("someone is in there")
    assert question("mental-illness-support").says_danger("他喊不要杀他，又说要杀我们")
    assert question("mental-illness-support").says_danger("叫他不要放火，他不听")
