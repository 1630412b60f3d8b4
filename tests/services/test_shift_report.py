"""How long people waited and what was done, as the history tells it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.domain.calendar import LOCAL
from bot.domain.handoff import Reason
from bot.services import accounts, handoffs, presence, shift_report, transfers
from bot.services.shift_report import Wait, Waits, Work
from bot.storage import Account, Team, now, reading, transaction
from tests.services.conftest import He
from tests.support.time_machine import pass_time

MINUTE = timedelta(minutes=1)
LONG_AGO = timedelta(days=30)


def wants_a_person(he: He) -> int:
    with transaction() as session:
        return handoffs.request(session, he.id, Reason.ASKED).id


def claims(number: int, who: Actor) -> None:
    with transaction() as session:
        handoffs.claim(session, number, who)


def waits() -> list[Wait]:
    with reading() as session:
        return shift_report.waits_since(session, now() - LONG_AGO)


def stories() -> list[tuple[int, str, bool]]:
    """(whole minutes, how it ended, again) of every wait."""
    return [(round(w.seconds / 60), w.how, w.again) for w in waits()]


def work_of(actor: Actor) -> Work:
    with reading() as session:
        return shift_report.work(session, now() - LONG_AGO).get(actor.id, Work())


@pytest.fixture
def boss(deployment: str) -> Actor:
    with transaction() as session:
        accounts.create(session, "zhao", "supervisor", "赵强", password="long-enough-1")
        return accounts.actor_of(session.scalars(select(Account).where(Account.username == "zhao")).one())


def test_how_long_they_waited_until_somebody_came(operators: tuple[Actor, Actor]) -> None:
    for minutes in (1, 4, 9):
        number = wants_a_person(He())
        pass_time(minutes * MINUTE)
        claims(number, operators[0])
    assert stories() == [(1, "taken", False), (4, "taken", False), (9, "taken", False)]
    counted = shift_report.tally(waits())
    assert (counted.asked, counted.over_three, counted.over_five) == (3, 2, 1)
    assert counted.median == pytest.approx(240, abs=5) and counted.longest == pytest.approx(540, abs=5)


def test_who_still_waits_and_who_left_count_as_breaches_but_not_in_the_median(he: He) -> None:
    wants_a_person(he)
    pass_time(7 * MINUTE)
    with transaction() as session:
        assert handoffs.leave_queue(session, he.id)
    wants_a_person(He())
    pass_time(4 * MINUTE)
    assert stories() == [(7, "left", False), (4, "waiting", False)]
    counted = shift_report.tally(waits())
    assert (counted.over_three, counted.over_five, counted.left, counted.median) == (2, 1, 1, None)
    assert counted.longest == pytest.approx(420, abs=5)


def test_whom_an_operator_ends_without_taking_him_has_not_left(he: He, operators: tuple[Actor, Actor]) -> None:
    number = wants_a_person(he)
    with transaction() as session:
        handoffs.end(session, number, operators[0])
    assert stories() == [(0, "closed", False)] and shift_report.tally(waits()).left == 0


def test_a_vanished_operator_is_counted_and_her_citizen_waits_again(he: He, operators: tuple[Actor, Actor]) -> None:
    lin, zhou = operators
    with transaction() as session:
        presence.choose(session, lin, "on")
    number = wants_a_person(he)
    claims(number, lin)
    pass_time(10 * MINUTE)
    with transaction() as session:
        session.get_one(Account, lin.account_id).last_seen_at = now() - 2 * MINUTE
    with transaction() as session:
        assert presence.requeue_vanished(session) == 1
    pass_time(6 * MINUTE)
    claims(number, zhou)
    assert stories() == [(0, "taken", False), (6, "taken", True)]
    with reading() as session:
        report = shift_report.report(session)
    assert sum(day.vanished for _, day in report.days) == 1
    assert sum(day.asked for _, day in report.days) == 1, "waiting again is no new question"


def test_another_team_is_a_new_wait_but_moving_who_waits_is_not(he: He, operators: tuple[Actor, Actor]) -> None:
    lin, _ = operators
    with transaction() as session:
        session.add(Team(code="english", name_zh="英语组", name_en="English"))
    supervisor = Actor("account:77", "赵强", Role.SUPERVISOR)
    number = wants_a_person(he)
    pass_time(2 * MINUTE)
    with transaction() as session:
        transfers.to_team(session, number, supervisor, "english")
    pass_time(2 * MINUTE)
    claims(number, lin)
    pass_time(5 * MINUTE)
    with transaction() as session:
        transfers.to_team(session, number, lin, "english", "只会英文")
    pass_time(MINUTE)
    assert stories() == [(4, "taken", False), (1, "waiting", True)]


def test_what_each_did(he: He, operators: tuple[Actor, Actor], boss: Actor) -> None:
    lin, zhou = operators
    for who in operators:
        with transaction() as session:
            presence.choose(session, who, "on")
    first, second, third = wants_a_person(he), wants_a_person(He()), wants_a_person(He())
    claims(first, lin)
    pass_time(2 * MINUTE)
    with transaction() as session:
        handoffs.reply(session, first, lin, "您好，我来看看")
    with transaction() as session:
        handoffs.reply(session, first, lin, "请稍等")
    claims(second, lin)
    with transaction() as session:
        handoffs.end(session, second, lin, "solved")
    with transaction() as session:
        session.get_one(Account, zhou.account_id).last_seen_at = now()
        transfers.to_operator(session, first, lin, zhou.account_id or 0, "她懂路灯")
    with transaction() as session:
        handoffs.give_back(session, first, zhou)
    with transaction() as session:
        transfers.to_operator(session, third, boss, zhou.account_id or 0)
    assert (work_of(lin).taken, work_of(lin).ended, work_of(lin).passed_on) == (2, 1, 1)
    assert work_of(lin).first_reply == pytest.approx(120, abs=5)
    assert (work_of(zhou).taken, work_of(zhou).returned, work_of(zhou).first_reply) == (2, 1, None)
    assert work_of(boss).passed_on == 0, "giving a waiting citizen to somebody is not passing one on"


def test_today_by_hour_and_the_last_seven_days(he: He, operators: tuple[Actor, Actor]) -> None:
    number = wants_a_person(he)
    pass_time(timedelta(days=2))
    claims(number, operators[0])
    wants_a_person(He())
    with reading() as session:
        report = shift_report.report(session)
    asked = now().astimezone(LOCAL)
    days = [day.date() for day, _ in report.days]
    assert days == [(asked - timedelta(days=n)).date() for n in range(6, -1, -1)]
    assert [counted.asked for _, counted in report.days] == [0, 0, 0, 0, 1, 0, 1]
    assert [(hour, counted.asked) for hour, counted in report.hours] == [(asked.hour, 1)]
    assert report.today.asked == 1 and report.days[4][1].longest == pytest.approx(2 * 86400, abs=5)
    assert report.days[0][1] == Waits()


def test_a_day_begins_at_local_midnight() -> None:
    at = datetime(2026, 11, 26, 0, 30, tzinfo=LOCAL)
    assert shift_report.start_of_day(at) == datetime(2026, 11, 26, tzinfo=LOCAL)
    assert shift_report.start_of_day(at - timedelta(hours=1)) == datetime(2026, 11, 25, tzinfo=LOCAL)
