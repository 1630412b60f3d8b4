"""Emergencies and their likenesses that nobody trains on: 290 and 290, by one writer who saw no other line.

Written to be hard: the danger stands among complaints, is told for somebody else, calmly, in the words of home. The
development set has 67 and 62. Never move a line of it to data/nlu: write others.
"""

import csv
from functools import cache

from bot.config import ROOT
from tests.nlu.conftest import Understand

LEAST_RAISED, MOST_FALSE = 0.93, 0.045
"""Measured on 2026-11-27 with two trainings on nearly the same lines, alarm at 0.3: 95.5 and 94.5 %, 3.1 and 2.4 %; a
point and more beyond the worse, as for the development set."""


@cache
def rows() -> list[dict[str, str]]:
    with (ROOT / "tests" / "nlu" / "emergencies.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def raised(understand: Understand, real: str) -> float:
    texts = [row["text"] for row in rows() if row["real"] == real]
    assert len(texts) == 290
    return sum(bool(understand(text)["emergency"]) for text in texts) / len(texts)


def test_real_ones_are_raised(understand: Understand) -> None:
    assert raised(understand, "yes") >= LEAST_RAISED


def test_likenesses_are_not(understand: Understand) -> None:
    assert raised(understand, "no") <= MOST_FALSE
