"""What admins set while the hotline runs, and the days of their own."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.access import Actor, Role
from bot.domain.calendar import add_working_time
from bot.domain.clock import due_at
from bot.errors import BadFields, BadInput, NotAllowed
from bot.services import settings
from bot.services.upkeep import records
from bot.services.upkeep import settings as upkeep
from bot.services.upkeep.calendar import SPECIAL_DAYS
from bot.services.workdays import special_days
from bot.storage import Change, reading, transaction

CHENJING = Actor("account:1", "陈静", Role.ADMIN, account_id=1)
WANGFANG = Actor("account:2", "王芳", Role.OPERATOR, account_id=2)


def values() -> dict[str, object]:
    with reading() as session:
        return upkeep.read_all(session)


def test_a_setting_is_the_default_until_it_is_set_and_the_change_is_noted_once(deployment: str) -> None:
    assert values()["staffed_workday"] == "08:00-22:00"
    for _ in range(2):
        with transaction() as session:
            settings.put(session, "staffed_workday", "07:30-21:00", CHENJING)
    assert values()["staffed_workday"] == "07:30-21:00"
    with reading() as session:
        noted = session.query(Change).filter_by(subject="setting").one()
    assert (noted.subject_id, noted.actor, noted.why) == (
        "staffed_workday", "account:1", '{"staffed_workday": ["08:00-22:00", "07:30-21:00"]}')


@pytest.mark.parametrize(("key", "value"), [
    ("staffed_workday", "22:00-08:00"), ("staffed_restday", "nine to five"), ("assignment", "lottery"),
    ("handoff_items", "door-unlocking"), ("colour", "blue"),
])
def test_what_cannot_be_is_refused(deployment: str, key: str, value: object) -> None:
    with pytest.raises(BadInput), transaction() as session:
        settings.put(session, key, value, CHENJING)


def test_all_settings_are_put_or_none(deployment: str) -> None:
    before = values()
    with pytest.raises(BadFields) as refused, transaction() as session:
        upkeep.put_all(session, {"assignment": "manual", "staffed_workday": "x", "handoff_items": ["flying"]}, CHENJING)
    assert set(refused.value.problems) == {"staffed_workday", "handoff_items"}
    assert values() == before
    with pytest.raises(NotAllowed), transaction() as session:
        upkeep.put_all(session, {"assignment": "manual"}, WANGFANG)


def test_deadlines_go_by_special_days(deployment: str) -> None:
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # 16:00 in Ningbo, an hour and a half of work left
    assert due_at(friday, 4).date() == date(2026, 11, 23)
    for day, working in (("2026-11-21", "on"), ("2026-11-23", "")):
        with transaction() as session:
            records.create(session, SPECIAL_DAYS, {"day": day, "working": working, "name": "调休"}, CHENJING)
    with reading() as session:
        special = special_days(session)
    assert special == {date(2026, 11, 21): True, date(2026, 11, 23): False}
    assert due_at(friday, 4, special).date() == date(2026, 11, 21)
    saturday_noon = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    assert add_working_time(saturday_noon, timedelta(hours=1), special).date() == date(2026, 11, 24)
    assert due_at(friday, 2, special) == friday + timedelta(hours=2)


def test_who_may_not_keep_the_directory_changes_nothing(deployment: str) -> None:
    with pytest.raises(NotAllowed), transaction() as session:
        records.create(session, SPECIAL_DAYS, {"day": "2026-11-21", "working": "on", "name": "调休"}, WANGFANG)
