"""Deadlines around Spring Festival and National Day, worked out by hand.

Days off and make-up days are those of the State Council's notices for 2024 (国办发明电〔2023〕7号), 2025 (国办发明电
〔2024〕12号) and 2026 (国办发明电〔2025〕7号); offices work 8:30 to 12:00 and 13:30 to 17:30. Days in brackets are what the
hand counted with: *off* a holiday, *make-up* a Saturday or Sunday that is worked.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain import clock as rules
from bot.domain.calendar import LOCAL
from bot.domain.clock import ClockKind, due_at

TABLE = [
    # Spring Festival 2024: 10 to 17 February off; Sunday 4 and Sunday 18 February make-up. New Year's Eve, Friday 9, is worked.
    ("2024-02-03 10:00", 4, "2024-02-04 14:00", "Saturday off, Sunday make-up: 3.5 h, lunch, 0.5 h"),
    ("2024-02-04 16:30", 4, "2024-02-05 11:30", "1 h on the make-up Sunday, 3 h on Monday"),
    ("2024-02-09 14:00", 4, "2024-02-18 09:00", "3.5 h on New Year's Eve, eight days off, 0.5 h on the make-up Sunday"),
    ("2024-02-09 13:30", 4, "2024-02-09 17:30", "just done before the holiday"),
    ("2024-02-10 00:00", 8, "2024-02-19 09:00", "nothing until the make-up Sunday, 7.5 h there, 0.5 h on Monday"),
    ("2024-02-14 12:00", 1, "2024-02-14 13:00", "an open manhole, by the plain clock"),
    ("2024-02-08 08:30", 16, "2024-02-18 09:30", "two whole days, the holiday, 1 h"),
    ("2024-02-17 23:59", 4, "2024-02-18 14:00", "the holiday's last minute"),
    ("2024-02-18 12:30", 8, "2024-02-19 14:00", "received over lunch: 4 h, then 3.5 h, lunch, 0.5 h"),
    # Mid-autumn 2024: 15 to 17 September off, Saturday 14 make-up. National Day 2024: 1 to 7 October off, Sunday
    # 29 September and Saturday 12 October make-up.
    ("2024-09-13 17:00", 8, "2024-09-14 17:30", "0.5 h on Friday, the whole make-up Saturday"),
    ("2024-09-14 17:00", 4, "2024-09-18 12:00", "0.5 h, three days off, the morning"),
    ("2024-09-28 09:00", 4, "2024-09-29 14:00", "Saturday off, Sunday make-up"),
    ("2024-09-29 15:00", 8, "2024-09-30 15:30", "2.5 h on the make-up Sunday, 5.5 h on Monday"),
    ("2024-09-30 17:00", 4, "2024-10-08 12:00", "0.5 h, seven days off, the morning"),
    ("2024-09-30 08:30", 16, "2024-10-09 09:30", "7.5 h, seven days off, 7.5 h, 1 h"),
    ("2024-10-11 16:30", 4, "2024-10-12 11:30", "1 h on Friday, 3 h on the make-up Saturday"),
    ("2024-10-12 17:30", 4, "2024-10-14 14:00", "the make-up Saturday is just over; Sunday is a Sunday"),
    ("2024-10-12 13:00", 24, "2024-10-16 15:00", "4 h, Sunday, 7.5 h, 7.5 h, 5 h"),
    # Spring Festival 2025: 28 January to 4 February off; Sunday 26 January and Saturday 8 February make-up.
    ("2025-01-25 11:00", 8, "2025-01-27 09:00", "Saturday off, the whole make-up Sunday, 0.5 h"),
    ("2025-01-26 08:00", 24, "2025-02-06 10:00", "make-up Sunday, Monday, eight days off, Wednesday, 1.5 h"),
    ("2025-01-27 10:00", 8, "2025-02-05 10:30", "6 h, eight days off, 2 h"),
    ("2025-01-28 20:00", 4, "2025-02-05 14:00", "New Year's Eve in the evening"),
    ("2025-01-28 20:00", 2, "2025-01-28 22:00", "a road under water on New Year's Eve, by the plain clock"),
    ("2025-02-07 16:00", 4, "2025-02-08 11:00", "1.5 h on Friday, 2.5 h on the make-up Saturday"),
    ("2025-02-08 14:00", 16, "2025-02-11 15:00", "3.5 h, Sunday, 7.5 h, 5 h"),
    ("2025-02-09 10:00", 4, "2025-02-10 14:00", "the Sunday after a make-up Saturday is off"),
    # National Day and Mid-autumn 2025: 1 to 8 October off; Sunday 28 September and Saturday 11 October make-up.
    ("2025-09-27 12:00", 8, "2025-09-29 09:00", "Saturday off, the whole make-up Sunday, 0.5 h"),
    ("2025-09-30 15:30", 4, "2025-10-09 10:30", "2 h, eight days off, 2 h"),
    ("2025-09-30 16:00", 16, "2025-10-10 17:00", "1.5 h, eight days off, 7.5 h, 7 h"),
    ("2025-10-06 09:00", 8, "2025-10-10 09:00", "Mid-autumn's day: nothing before Thursday the 9th"),
    ("2025-10-10 14:30", 8, "2025-10-11 15:00", "3 h on Friday, 5 h on the make-up Saturday"),
    ("2025-10-11 11:30", 4, "2025-10-11 17:00", "0.5 h, lunch, 3.5 h, all on the make-up Saturday"),
    ("2025-10-11 16:00", 4, "2025-10-13 11:00", "1.5 h, Sunday, 2.5 h"),
    # Spring Festival 2026: 15 to 23 February off; Saturday 14 and Saturday 28 February make-up.
    ("2026-02-13 17:00", 8, "2026-02-14 17:30", "0.5 h on Friday, the whole make-up Saturday"),
    ("2026-02-14 13:30", 8, "2026-02-24 14:00", "4 h, nine days off, 4 h with lunch between"),
    ("2026-02-21 03:00", 1, "2026-02-21 04:00", "at night in the middle of the holiday, by the plain clock"),
    ("2026-02-23 23:00", 16, "2026-02-26 09:30", "the holiday's last evening; 7.5 h, 7.5 h, 1 h"),
    ("2026-02-27 09:30", 16, "2026-03-02 10:30", "6.5 h, the make-up Saturday, Sunday, 2 h"),
    # Mid-autumn 2026: 25 to 27 September off. National Day 2026: 1 to 7 October off; Sunday 20 September and Saturday
    # 10 October make-up.
    ("2026-09-19 15:00", 4, "2026-09-20 14:00", "Saturday off, Sunday make-up"),
    ("2026-09-24 16:30", 4, "2026-09-28 11:30", "1 h, three days off, 3 h"),
    ("2026-09-30 14:00", 24, "2026-10-10 15:30", "3.5 h, seven days off, 7.5 h, 7.5 h, 5.5 h on the make-up Saturday"),
    ("2026-10-10 17:00", 4, "2026-10-12 12:00", "0.5 h on the make-up Saturday, Sunday, the morning"),
]


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=LOCAL)


@pytest.mark.parametrize("received, hours, due, counted", TABLE, ids=[f"{row[0]} +{row[1]} h" for row in TABLE])
def test_a_deadline_is_what_the_hand_counted(received: str, hours: int, due: str, counted: str) -> None:
    assert due_at(at(received), hours).astimezone(LOCAL) == at(due), counted


def test_the_ladder_goes_over_national_day() -> None:
    """8 h from the make-up Sunday 15:00: due on Monday 30 September 15:30. Four fifths (6.4 h) are over at 13:54; one
    working day later is Tuesday 8 October, two are Wednesday."""
    clock = rules.start(rules.limit_of(ClockKind.ANSWER, 8), at("2024-09-29 15:00"))
    assert [rung.astimezone(LOCAL) for rung in clock.rungs] == [
        at("2024-09-30 13:54"), at("2024-09-30 15:30"), at("2024-10-08 15:30"), at("2024-10-09 15:30")]


def test_a_pause_over_spring_festival_costs_nothing() -> None:
    """16 h from Tuesday 21 January 8:30; a day later 8.5 h are left. Gone on with on the last day off, they are 5
    February and an hour of the 6th."""
    clock = rules.start(rules.limit_of(ClockKind.ANSWER, 16), at("2025-01-21 08:30"))
    assert clock.due_at == at("2025-01-23 09:30")
    paused = rules.pause(clock, at("2025-01-22 08:30"))
    assert paused.remaining == timedelta(hours=8, minutes=30) and paused.next_at is None
    assert rules.resume(paused, at("2025-02-04 12:00")).due_at == at("2025-02-06 09:30")


def test_who_was_late_when_it_was_paused_is_as_late_afterwards() -> None:
    """Due on 30 September 15:30, paused at 17:30: two hours late. Gone on with on 8 October at 8:30 it is still two
    hours late, so it was due at 15:30 of the last working day, and the written supervision comes after 5.5 h more."""
    clock = rules.start(rules.limit_of(ClockKind.ANSWER, 8), at("2024-09-29 15:00"))
    late, _ = rules.climb(clock, at("2024-09-30 17:30"))
    resumed = rules.resume(rules.pause(late, at("2024-09-30 17:30")), at("2024-10-08 08:30"))
    assert (resumed.due_at, resumed.next_at) == (at("2024-09-30 15:30"), at("2024-10-08 15:30"))


@pytest.mark.parametrize("special, due", [
    ({}, "2025-02-05 10:30"), ({date(2025, 2, 5): False}, "2025-02-06 10:30"), ({date(2025, 2, 4): True}, "2025-02-04 10:30"),
])
def test_an_admins_own_days_come_before_the_official_ones(special: dict[date, bool], due: str) -> None:
    assert due_at(at("2025-01-27 10:00"), 8, special).astimezone(LOCAL) == at(due)


def test_the_time_to_accept_is_never_more_than_half_of_the_time_to_answer() -> None:
    def accept(hours: int) -> timedelta:
        return rules.limit_of(ClockKind.ACCEPT, hours).amount

    assert [accept(h) for h in (1, 4, 8, 24)] == [timedelta(hours=h) for h in (0.5, 2, 4, 4)]
    manhole = rules.start(rules.limit_of(ClockKind.ACCEPT, 1), datetime(2026, 2, 20, 19, 0, tzinfo=UTC))
    assert manhole.due_at == datetime(2026, 2, 20, 19, 30, tzinfo=UTC), "by night and in the holiday"
