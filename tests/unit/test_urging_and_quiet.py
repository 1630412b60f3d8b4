"""When a citizen may urge again, and when nobody is woken."""

from datetime import UTC, date, datetime, time

import pytest

from bot.domain import quiet
from bot.domain.calendar import LOCAL
from bot.domain.urging import next_urge


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


@pytest.mark.parametrize(("last", "again"), [
    ("2026-11-23T09:00", "2026-11-24T00:00"),  # Monday: Tuesday
    ("2026-11-23T23:59", "2026-11-24T00:00"),
    ("2026-11-27T18:00", "2026-11-30T00:00"),  # Friday evening: Monday
    ("2026-11-28T10:00", "2026-11-30T00:00"),  # Saturday: Monday
    ("2026-09-30T10:00", "2026-10-08T00:00"),  # before National Day
    ("2026-02-13T10:00", "2026-02-14T00:00"),  # the Saturday before Spring Festival is worked
])
def test_once_on_each_working_day(last: str, again: str) -> None:
    assert next_urge(at(last), at(last)) == at(again)
    assert next_urge(at(last), at(again)) is None


def test_never_urged_may_be_urged_and_an_admins_days_count() -> None:
    assert next_urge(None, at("2026-11-23T09:00")) is None
    special = {date(2026, 11, 24): False, date(2026, 11, 28): True}
    assert next_urge(at("2026-11-23T09:00"), at("2026-11-24T09:00"), special) == at("2026-11-25T00:00")
    assert next_urge(at("2026-11-27T09:00"), at("2026-11-27T09:00"), special) == at("2026-11-28T00:00")


@pytest.mark.parametrize(("moment", "morning"), [
    ("2026-11-26T07:29", "2026-11-26T07:30"), ("2026-11-26T07:30", None), ("2026-11-26T12:00", None),
    ("2026-11-26T21:29", None), ("2026-11-26T21:30", "2026-11-27T07:30"), ("2026-12-31T23:00", "2027-01-01T07:30"),
    ("2026-11-26T00:00", "2026-11-26T07:30"),
])
def test_the_night_ends_at_half_past_seven(moment: str, morning: str | None) -> None:
    assert quiet.until(at(moment), (time(7, 30), time(21, 30))) == (at(morning) if morning else None)
    assert quiet.until(at(moment), None) is None
