"""The formulas of all reports: shares, times, what counts as hot, how departments are compared (docs/reports.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import exp, lgamma, log

SATISFIED_FROM = 4
"""Stars that count as satisfied, of five."""
HIDDEN_BELOW = 5
"""Counts from 1 to 4 are not shown in public: whoever knows a case could recognise it."""
WEEKS_BEFORE = 4
HOT_FROM = 5
"""Fewer in a week are never called hot."""
HOT_TIMES = 1.5
"""Nor is what has grown by less than half."""
FALSE_ALARMS = 0.05
"""The share of false alarms put up with among what is called hot (Benjamini and Hochberg 1995)."""
RATED_FROM = 5
"""A department's citizens who spoke; below that what they said is not compared."""
PARTS = ("on_time", "solved", "satisfied", "first_response", "returns", "cards")
"""What the ranking is made of, in the order it is shown."""
RED_WEIGHS = 2
"""A red card counts as two yellow ones."""


@dataclass(frozen=True)
class Tally:
    """Tickets counted; each field says which in docs/reports.md. Those who said nothing are `silent`: they are in no
    other count of what citizens said."""

    received: int = 0
    closed: int = 0
    answered: int = 0
    on_time: int = 0
    late: int = 0
    solved: int = 0
    not_solved: int = 0
    silent: int = 0
    rated: int = 0
    satisfied: int = 0
    reopened: int = 0
    urged: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def on_time_rate(self) -> float | None:
        """Answered before the deadline, of those that were answered before it or missed it."""
        return share(self.on_time, self.on_time + self.late)

    @property
    def solved_rate(self) -> float | None:
        """Of those who said whether it is solved."""
        return share(self.solved, self.solved + self.not_solved)

    @property
    def satisfied_rate(self) -> float | None:
        """Four or five stars, of those who gave any."""
        return share(self.satisfied, self.rated)

    @property
    def silent_rate(self) -> float | None:
        """Answered tickets whose citizen neither gave stars nor said whether it is solved."""
        return share(self.silent, self.answered)


@dataclass(frozen=True)
class Times:
    """Seconds: how many were measured, mean, median and the ninth decile; None where none was."""

    count: int = 0
    mean: float | None = None
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True)
class Work:
    """What a department did in a month, as the ranking reads it."""

    department: str
    tickets: int
    tally: Tally
    accepted_late: int = 0
    returns_refused: int = 0
    yellow: int = 0
    red: int = 0
    acceptance: Times = Times()


@dataclass(frozen=True)
class Ranked:
    """A department with its shares (None where there is nothing to go by), its score of 100, and its place; those with
    too few tickets have neither."""

    work: Work
    shares: Mapping[str, float | None]
    score: float | None
    place: int | None


def share(part: int, whole: int) -> float | None:
    """Part of whole, None of nothing."""
    return part / whole if whole else None


def times(seconds: Sequence[float]) -> Times:
    """Mean, median and ninth decile of what was measured."""
    if not seconds:
        return Times()
    return Times(len(seconds), sum(seconds) / len(seconds), quantile(seconds, 0.5), quantile(seconds, 0.9))


def quantile(values: Sequence[float], at: float) -> float:
    """Linear between the neighbours, as PostgreSQL's `percentile_cont` (Hyndman and Fan 1996, type 7)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * at
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def chance(now: int, before: int, weeks: int = WEEKS_BEFORE) -> float:
    """How likely this many or more would be in a week like the `weeks` before, which had `before` together: the
    conditional test of two Poisson counts (Przyborowski and Wilenski 1940), one-sided. Given that `now + before` came,
    `now` is binomial with probability 1 / (weeks + 1)."""
    together, one = now + before, 1 / (weeks + 1)
    if now <= together * one:
        return 1.0
    sure = lgamma(together + 1)
    return min(1.0, sum(exp(sure - lgamma(k + 1) - lgamma(together - k + 1) + k * log(one)
                            + (together - k) * log(1 - one)) for k in range(now, together + 1)))


def hot(counts: Mapping[str, tuple[int, int]], weeks: int = WEEKS_BEFORE) -> dict[str, float]:
    """Those of {what: (this week, the weeks before together)} that came clearly more often than before, with their
    chance, the least likely first. As many are looked at, the bar rises with their number (Benjamini and Hochberg)."""
    looked = {what: chance(now, before, weeks) for what, (now, before) in counts.items() if now or before}
    ordered = sorted(looked, key=lambda what: (looked[what], -counts[what][0], what))
    passed = max((n for n, what in enumerate(ordered, 1) if looked[what] <= FALSE_ALARMS * n / len(ordered)), default=0)
    return {what: looked[what] for what in ordered[:passed] if _grown(*counts[what], weeks)}


def _grown(now: int, before: int, weeks: int) -> bool:
    return now >= HOT_FROM and now >= HOT_TIMES * before / weeks


def shares(work: Work) -> dict[str, float | None]:
    """What of 1 a department reaches in each part, None where there is nothing to go by."""
    tally, cards = work.tally, work.yellow + RED_WEIGHS * work.red
    spoke = {"solved": tally.solved + tally.not_solved, "satisfied": tally.rated}
    said = {"solved": tally.solved_rate, "satisfied": tally.satisfied_rate}
    return {
        "on_time": tally.on_time_rate,
        **{part: said[part] if spoke[part] >= RATED_FROM else None for part in said},
        "first_response": _kept(work.accepted_late, work.tickets),
        "returns": _kept(work.returns_refused, work.tickets),
        "cards": _kept(cards, work.tickets),
    }


def score(reached: Mapping[str, float | None], weights: Mapping[str, int]) -> float | None:
    """The weighted mean of what is known, of 100, to one decimal; a part without anything to go by weighs nothing."""
    known = {part: value for part, value in reached.items() if value is not None and weights[part]}
    weight = sum(weights[part] for part in known)
    return round(100 * sum(weights[part] * value for part, value in known.items()) / weight, 1) if weight else None


def ranking(works: Sequence[Work], weights: Mapping[str, int], least: int) -> list[Ranked]:
    """Best first; equal scores share a place and the next one is left out (1, 2, 2, 4). Departments with fewer than
    `least` tickets come last, without a place."""
    found = []
    for work in works:
        reached = shares(work)
        found.append((work, reached, score(reached, weights) if work.tickets >= least else None))
    scores = [points for _, _, points in found if points is not None]
    made = [Ranked(work, reached, points, None if points is None else 1 + sum(other > points for other in scores))
            for work, reached, points in found]
    return sorted(made, key=lambda one: (one.place is None, one.place or 0, -one.work.tickets, one.work.department))


def hidden(counts: Mapping[str, int]) -> dict[str, int | None]:
    """What may be shown in public beside its total: None for counts from 1 to 4, and where that hides a single one, for
    the next smallest too, as it could be told from the total."""
    small = {what for what, count in counts.items() if 0 < count < HIDDEN_BELOW}
    if len(small) == 1:
        others = [what for what, count in counts.items() if count >= HIDDEN_BELOW]
        small |= {min(others, key=lambda what: (counts[what], what))} if others else set()
    return {what: None if what in small else count for what, count in counts.items()}


def _kept(lost: int, whole: int) -> float | None:
    return max(0.0, 1 - lost / whole) if whole else None
