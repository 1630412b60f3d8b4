"""The formulas of the reports against tables worked out by hand."""

from datetime import date, datetime

import pytest

from bot.domain.calendar import LOCAL
from bot.domain.likeness import alike, leaders
from bot.domain.report import Tally, Times, Work, chance, hidden, hot, quantile, ranking, score, shares, times
from bot.domain.span import Span, month, span, week
from bot.errors import BadInput

WEIGHTS = {"on_time": 30, "solved": 30, "satisfied": 15, "first_response": 10, "returns": 5, "cards": 10}
TEN = Tally(received=12, answered=10, on_time=9, late=3, solved=4, not_solved=1, silent=4, rated=5, satisfied=2)
NOON = datetime(2026, 11, 24, 12, tzinfo=LOCAL)


def test_shares_leave_out_who_said_nothing() -> None:
    assert TEN.on_time_rate == 9 / 12
    assert TEN.solved_rate == 4 / 5, "five said something, ten were answered"
    assert TEN.satisfied_rate == 2 / 5
    assert TEN.silent_rate == 4 / 10


def test_of_nothing_there_is_no_share() -> None:
    none = Tally(received=3, answered=2, silent=2)
    assert (none.on_time_rate, none.solved_rate, none.satisfied_rate) == (None, None, None)
    assert none.silent_rate == 1.0, "two silent citizens are silent, not satisfied"


def test_tallies_add_up() -> None:
    assert TEN + Tally(late=1, solved=2) == Tally(12, 0, 10, 9, 4, 6, 1, 4, 5, 2, 0, 0)


@pytest.mark.parametrize(("values", "at", "is_"), [
    ([7], 0.9, 7), ([1, 2, 3, 4], 0.5, 2.5), ([4, 1, 3, 2], 0.9, 3.7), ([10, 20, 30, 40, 50], 0.9, 46), ([1, 9], 0.5, 5),
])
def test_quantiles(values: list[float], at: float, is_: float) -> None:
    assert quantile(values, at) == pytest.approx(is_)


def test_times() -> None:
    assert times([]) == Times()
    assert times([60, 120, 600]) == Times(3, 260.0, 120, pytest.approx(504))


@pytest.mark.parametrize(("now", "before", "is_"), [
    (0, 0, 1.0), (1, 4, 1.0), (3, 4, 0.148032), (5, 0, 0.2**5), (2, 0, 0.04), (5, 5, 0.0327935),
])
def test_chance_is_the_upper_tail_of_a_binomial_of_one_in_five(now: int, before: int, is_: float) -> None:
    assert chance(now, before) == pytest.approx(is_, rel=1e-4)


def test_chance_holds_for_counts_of_a_whole_city() -> None:
    assert chance(3000, 8000) < 1e-50 and 0.3 < chance(2001, 8000) < 0.5


def test_from_one_to_three_is_no_alarm() -> None:
    assert hot({"lamp": (3, 4)}) == {}
    assert hot({"lamp": (3, 0)}) == {}, "too few, whatever the chance"
    assert hot({"lamp": (4, 0)}) == {}
    assert list(hot({"lamp": (5, 0)})) == ["lamp"]


def test_the_bar_rises_with_how_many_are_looked_at() -> None:
    assert list(hot({"lamp": (8, 8)})) == ["lamp"]
    crowd = {f"item {n}": (2, 8) for n in range(60)}
    assert hot({"lamp": (8, 8), **crowd}) == {}
    assert list(hot({"lamp": (20, 8), **crowd})) == ["lamp"]


def test_what_is_large_and_hardly_grown_is_not_hot() -> None:
    assert chance(1300, 4000) < 0.0001 and hot({"noise": (1300, 4000)}) == {}


def test_the_shares_of_a_department() -> None:
    work = Work("a", 20, TEN, accepted_late=2, returns_refused=1, yellow=3, red=1)
    assert shares(work) == {"on_time": 0.75, "solved": 0.8, "satisfied": 0.4, "first_response": 0.9, "returns": 0.95,
                            "cards": 1 - 5 / 20}


def test_where_few_spoke_their_word_is_not_compared() -> None:
    few = Work("a", 20, Tally(on_time=4, solved=4, rated=4, satisfied=4))
    assert (shares(few)["solved"], shares(few)["satisfied"]) == (None, None)
    assert shares(Work("a", 20, Tally(solved=4, not_solved=1)))["solved"] == 0.8


def test_cards_never_take_more_than_all() -> None:
    assert shares(Work("a", 2, Tally(), yellow=2, red=2))["cards"] == 0.0


def test_the_score_is_the_weighted_mean_of_what_is_known() -> None:
    reached = {"on_time": 0.75, "solved": 0.8, "satisfied": 0.4, "first_response": 0.9, "returns": 0.95, "cards": 0.75}
    assert score(reached, WEIGHTS) == 73.8  # 22.5 + 24 + 6 + 9 + 4.75 + 7.5 = 73.75
    assert score({**reached, "solved": None, "satisfied": None}, WEIGHTS) == 79.5  # 43.75 of 55
    assert score(dict.fromkeys(WEIGHTS), WEIGHTS) is None
    assert score(reached, {**dict.fromkeys(WEIGHTS, 0), "solved": 1}) == 80.0


def test_equal_scores_share_a_place_and_few_tickets_have_none() -> None:
    def of(code: str, on_time: int, tickets: int = 20) -> Work:
        return Work(code, tickets, Tally(on_time=on_time, late=10 - on_time))

    only = {**dict.fromkeys(WEIGHTS, 0), "on_time": 1}
    found = ranking([of("c", 7), of("a", 8), of("b", 9), of("d", 8, 25), of("few", 10, 19)], only, 20)
    assert [(one.work.department, one.place, one.score) for one in found] == [
        ("b", 1, 90.0), ("d", 2, 80.0), ("a", 2, 80.0), ("c", 4, 70.0), ("few", None, None)]


def test_small_counts_are_hidden_and_cannot_be_told_from_the_total() -> None:
    assert hidden({"a": 9, "b": 4, "c": 0, "d": 3}) == {"a": 9, "b": None, "c": 0, "d": None}
    assert hidden({"a": 9, "b": 4, "c": 7}) == {"a": 9, "b": None, "c": None}, "20 - 16 would tell it"
    assert hidden({"a": 9, "c": 5}) == {"a": 9, "c": 5}
    assert hidden({"a": 2}) == {"a": None}


def test_a_span_and_the_one_before_go_equally_far() -> None:
    today = span("today", NOON)
    assert (today.since, today.until) == (datetime(2026, 11, 24, tzinfo=LOCAL), NOON) and today.by_hour
    assert today.before() == (datetime(2026, 11, 23, tzinfo=LOCAL), datetime(2026, 11, 23, 12, tzinfo=LOCAL))
    assert (span("week", NOON).first, span("week", NOON).days) == (date(2026, 11, 18), 7)
    assert span("days30", NOON).first == date(2026, 10, 26)
    this_month = span("month", NOON)
    assert this_month.before() == (datetime(2026, 10, 1, tzinfo=LOCAL), datetime(2026, 10, 24, 12, tzinfo=LOCAL))
    assert span("month", NOON, "2026-03").before()[1] == datetime(2026, 3, 1, tzinfo=LOCAL), "February has no 31 days"


def test_days_of_ones_choice() -> None:
    turned = span("custom", NOON, "2026-11-05", "2026-11-01")
    assert (turned.first, turned.last, turned.days) == (date(2026, 11, 1), date(2026, 11, 5), 5)
    for first, last in (("soon", ""), ("2026-02-30", ""), ("2020-01-01", "2026-01-01")):
        with pytest.raises(BadInput):
            span("custom", NOON, first, last)
    assert Span("custom", date(2026, 12, 1), date(2026, 12, 1), NOON).until == datetime(2026, 12, 1, tzinfo=LOCAL)


def test_weeks_and_months_by_name() -> None:
    assert week("2026-W47") == (date(2026, 11, 16), date(2026, 11, 22))
    assert week("2026-W01")[0] == date(2025, 12, 29)
    assert month("2026-02", date(2026, 11, 24)) == (date(2026, 2, 1), date(2026, 2, 28))
    assert month("2026-11", date(2026, 11, 24))[1] == date(2026, 11, 24)
    for bad in ("2026-W60", "2026-13-", "W47"):
        with pytest.raises(BadInput):
            week(bad)


def test_leaders_make_no_chains() -> None:
    assert leaders([0, 4, 8, 12], lambda a, b: abs(a - b) <= 4) == [[0, 1], [2, 3]]


def test_similar_words_come_together_and_others_do_not() -> None:
    said = ["小区停水一整天了没人管", "我们小区停水一整天没人管", "路灯坏了三天没人修", "停水一整天了，小区没人管啊", "电梯又困人了", "想咨询落户政策"]
    assert alike(said) == [[0, 1, 3], [2], [4], [5]]
    assert alike(["", "。", "水"]) == [[0], [1], [2]]
