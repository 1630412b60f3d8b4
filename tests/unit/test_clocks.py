"""Deadlines in working time, opening hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import calendar, hours
from bot.domain.calendar import LOCAL, add_working_time, is_workday
from bot.domain.clock import due_at
from bot.errors import BadInput

instants = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 20)).map(lambda d: d.replace(tzinfo=UTC))
amounts = st.integers(0, 24 * 60).map(lambda m: timedelta(minutes=m))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LOCAL)  # type: ignore[arg-type, misc]


@given(instants, amounts)
def test_a_deadline_lies_in_working_time_and_after_the_start(start: datetime, amount: timedelta) -> None:
    due = add_working_time(start, amount)
    assert due >= start
    moment = due.astimezone(LOCAL)
    assert is_workday(moment.date())
    assert any(a <= moment.time() <= b for a, b in calendar.SHIFTS)


@given(instants, amounts, amounts)
def test_two_amounts_one_after_the_other_are_their_sum(start: datetime, one: timedelta, two: timedelta) -> None:
    assert add_working_time(add_working_time(start, one), two) == add_working_time(start, one + two)


@given(instants, st.integers(1, 48), st.integers(0, 48))
def test_more_time_is_never_earlier(start: datetime, hours_given: int, more: int) -> None:
    assert due_at(start, hours_given + more) >= due_at(start, hours_given) or hours_given <= 2 < hours_given + more


def test_lunch_and_weekend_do_not_count() -> None:
    friday = local(2026, 11, 20, 11, 30)
    assert add_working_time(friday, timedelta(hours=1)) == local(2026, 11, 20, 14, 0)
    assert add_working_time(friday, timedelta(hours=5)) == local(2026, 11, 23, 9, 0)


def test_the_national_day_week_is_free_and_a_make_up_saturday_is_not() -> None:
    assert not is_workday(date(2026, 10, 1))
    assert is_workday(date(2026, 10, 10))


def test_a_year_without_an_official_calendar_falls_back_to_weekdays() -> None:
    assert not calendar.covers(date(2040, 1, 2))
    assert is_workday(date(2040, 1, 2)) and not is_workday(date(2040, 1, 1))


def test_an_open_manhole_is_due_at_night_too() -> None:
    night = local(2026, 11, 21, 23, 0).astimezone(UTC)
    assert due_at(night, 1) == night + timedelta(hours=1)
    assert due_at(night, 4) == local(2026, 11, 23, 14, 0)


@pytest.mark.parametrize("moment, opened", [
    (local(2026, 11, 20, 8, 0), True), (local(2026, 11, 20, 17, 30), False), (local(2026, 11, 21, 10, 0), True),
    (local(2026, 11, 22, 10, 0), False),
])
def test_opening_hours(moment: datetime, opened: bool) -> None:
    assert hours.is_open("MO-FR 08:00-17:30;SA 09:00-12:00", moment) is opened


def test_hours_past_midnight_and_around_the_clock() -> None:
    bar = "FR,SA 18:00-02:00"
    assert hours.is_open(bar, local(2026, 11, 21, 1, 59)) and not hours.is_open(bar, local(2026, 11, 21, 2, 0))
    assert hours.is_open(bar, local(2026, 11, 22, 1, 0)) and not hours.is_open(bar, local(2026, 11, 20, 1, 0))
    assert hours.is_open("MO-SU 00:00-24:00", local(2026, 11, 22, 23, 59))
    assert hours.next_opening("MO 09:00-10:00", local(2026, 11, 20, 12, 0)) == local(2026, 11, 23, 9, 0)


@pytest.mark.parametrize("spec, zh, en", [
    ("MO-SU 00:00-24:00", "每天 24 小时", "every day 24 hours"),
    ("MO-FR 08:00-17:30;SA,SU 09:00-12:00", "周一至周五 08:00-17:30，周六至周日 09:00-12:00",
     "Mon–Fri 08:00-17:30, Sat–Sun 09:00-12:00"),
    ("MO,WE 18:00-01:00", "周一、周三 18:00-次日01:00", "Mon, Wed 18:00-next day 01:00"),
    ("SA 10:00-24:00", "周六 10:00-24:00", "Sat 10:00-24:00"),
])
def test_hours_in_words(spec: str, zh: str, en: str) -> None:
    assert (hours.in_words(spec, "zh"), hours.in_words(spec, "en")) == (zh, en)


@pytest.mark.parametrize("broken", ["MO 8:00-9:00", "XX 08:00-09:00", "MO-FR 25:00-26:00", "always", "MO 08:00-09:61"])
def test_unreadable_hours_are_refused(broken: str) -> None:
    with pytest.raises(BadInput):
        hours.parse(broken)
