"""Emergencies and their likenesses that nobody trains on, by writers who saw no other line.

`emergencies.csv`: 290 and 290, ten and ten for each code, written to be hard: the danger stands among complaints, is told
for somebody else, calmly, in the words of home. `injuries.csv`: 50 people hurt or suddenly ill and 289 who only speak of
accidents, illness and ambulances, most with the item they want. The development set has 67 and 62. Never move a line of
them to data/nlu: write others.
"""

import csv
from functools import cache

import pytest

from bot.config import ROOT
from tests.nlu.conftest import Understand

LINES = {("emergencies", "yes"): 290, ("emergencies", "no"): 290, ("injuries", "yes"): 50, ("injuries", "no"): 289}
LEAST_RAISED = {"emergencies": 0.93, "injuries": 0.92}
MOST_FALSE = {"emergencies": 0.045, "injuries": 0.045}
"""Measured on 2026-11-27, alarm at 0.3: emergencies with two trainings on nearly the same lines 95.5 and 94.5 %, 3.1 and
2.4 %; injuries, two models, 98 and 100 %, 2.4 and 2.8 %. A point and more beyond the worse, as for the development set."""


@cache
def texts(name: str, real: str) -> list[str]:
    with (ROOT / "tests" / "nlu" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return [row["text"] for row in csv.DictReader(handle) if row["real"] == real]


def raised(understand: Understand, name: str, real: str) -> float:
    lines = texts(name, real)
    assert len(lines) == LINES[name, real]
    return sum(bool(understand(text)["emergency"]) for text in lines) / len(lines)


@pytest.mark.parametrize("name", LEAST_RAISED)
def test_real_ones_are_raised(understand: Understand, name: str) -> None:
    assert raised(understand, name, "yes") >= LEAST_RAISED[name]


@pytest.mark.parametrize("name", MOST_FALSE)
def test_likenesses_are_not(understand: Understand, name: str) -> None:
    assert raised(understand, name, "no") <= MOST_FALSE[name]
