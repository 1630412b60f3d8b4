"""When people are at the desk."""

from datetime import date, datetime

import pytest

from bot.domain.calendar import LOCAL
from bot.domain.setting import check, span
from bot.domain.staffing import next_staffed, staffed
from bot.errors import BadInput

WORK, REST = "08:00-22:00", "09:00-21:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize("moment, there, then", [
    ("2026-11-26 07:59", False, "2026-11-26 08:00"),  # a Thursday
    ("2026-11-26 08:00", True, "2026-11-27 08:00"),
    ("2026-11-26 22:00", False, "2026-11-27 08:00"),
    ("2026-11-27 23:00", False, "2026-11-28 09:00"),  # Saturday's hours
    ("2026-10-03 08:30", False, "2026-10-03 09:00"),  # National Day is a day off
    ("2026-10-10 08:30", True, "2026-10-11 09:00"),  # a Saturday worked in its stead
])
def test_hours_follow_the_official_calendar(moment: str, there: bool, then: str) -> None:
    assert staffed(at(moment), WORK, REST, {}) is there
    assert next_staffed(at(moment), WORK, REST, {}) == at(then)


def test_an_admins_own_days_come_first() -> None:
    special = {date(2026, 11, 27): False}
    assert next_staffed(at("2026-11-26 23:00"), WORK, "", special) == at("2026-11-30 08:00")
    assert next_staffed(at("2026-11-26 23:00"), "", "", {}) is None


@pytest.mark.parametrize("hours", ["8:00-9:00", "08:00-25:00", "09:00-08:00", "08:61-09:00", "always"])
def test_hours_that_cannot_be_read_are_refused(hours: str) -> None:
    with pytest.raises(BadInput):
        check("staffed_workday", hours)


def test_a_day_around_the_clock() -> None:
    assert span("00:00-24:00") is not None and staffed(at("2026-11-26 23:59"), "00:00-24:00", "", {})
