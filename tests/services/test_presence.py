"""Operators come, go, take breaks and vanish; their citizens never fall between two chairs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.access import Actor
from bot.domain.handoff import Reason
from bot.errors import BadInput
from bot.services import handoffs, presence, routing, settings, signing_in
from bot.storage import Account, Change, Handoff, Team, TeamMember, now, reading, transaction
from tests.services.conftest import ADMIN, He


@pytest.fixture
def at_work(operators: tuple[Actor, Actor]) -> Iterator[tuple[Actor, Actor]]:
    with transaction() as session:
        for who in operators:
            presence.choose(session, who, "on")
    yield operators


def wanted(he: He, reason: Reason = Reason.ASKED, **more: str) -> int:
    with transaction() as session:
        return handoffs.request(session, he.id, reason, **more).id


def held(handoff_id: int) -> Handoff:
    with reading() as session:
        return session.get_one(Handoff, handoff_id)


def silent(who: Actor, seconds: int) -> None:
    with transaction() as session:
        session.get_one(Account, who.account_id).last_seen_at = now() - timedelta(seconds=seconds)


def offered() -> int:
    with transaction() as session:
        return routing.offer(session)


def test_signing_in_is_on_duty_and_signing_out_gives_citizens_back(he: He, operators: tuple[Actor, Actor]) -> None:
    lin = operators[0]
    with transaction() as session:
        token, *_ = signing_in.sign_in(session, "lin", "long-enough-1")  # type: ignore[misc]
    with reading() as session:
        assert presence.on_duty(session)
    number = wanted(he)
    with transaction() as session:
        handoffs.claim(session, number, lin)
    with transaction() as session:
        signing_in.sign_out(session, token)
    assert held(number).state == "waiting" and "另一位同事" in he.last().text
    with reading() as session:
        assert not presence.on_duty(session)


def test_who_vanishes_has_her_citizens_back_in_the_queue_first_in_line(he: He, at_work: tuple[Actor, Actor]) -> None:
    early, number = wanted(He()), wanted(he)
    with transaction() as session:
        handoffs.claim(session, number, at_work[0])
    silent(at_work[0], 40)
    with transaction() as session:
        assert presence.requeue_vanished(session) == 0, "a slow network is no absence"
    silent(at_work[0], 46)
    with transaction() as session:
        assert presence.requeue_vanished(session) == 1
    with transaction() as session:
        assert presence.requeue_vanished(session) == 0
    assert held(number).state == "waiting" and "不用重说" in he.last().text
    with reading() as session:
        assert [h.id for h in handoffs.queue(session)] == [number, early]
        whys = session.scalars(select(Change.why).where(Change.subject == "handoff", Change.what == "released")).all()
        assert list(whys) == ["vanished"]
        assert session.get_one(Account, at_work[0].account_id).presence == "off"


def test_a_break_keeps_whom_she_holds_and_brings_nobody_new(he: He, at_work: tuple[Actor, Actor]) -> None:
    lin, zhou = at_work
    number = wanted(he)
    with transaction() as session:
        handoffs.claim(session, number, lin)
    with transaction() as session:
        presence.choose(session, lin, "break")
    other = wanted(He())
    assert offered() == 1 and held(other).offered_to == zhou.account_id
    assert held(number).state == "active"
    with pytest.raises(BadInput), transaction() as session:
        presence.choose(session, lin, "asleep")


def test_offered_to_the_least_loaded_and_to_the_next_when_it_lapses(he: He, at_work: tuple[Actor, Actor]) -> None:
    lin, zhou = at_work
    first = wanted(he)
    with transaction() as session:
        handoffs.claim(session, first, lin)
    second = wanted(He())
    assert offered() == 1 and held(second).offered_to == zhou.account_id
    assert offered() == 0, "one offer at a time"
    with transaction() as session:
        session.get_one(Handoff, second).offered_at = now() - timedelta(seconds=31)
    assert offered() == 1 and held(second).offered_to == lin.account_id


def test_nobody_has_room_nobody_is_offered_and_manual_offers_nothing(he: He, at_work: tuple[Actor, Actor]) -> None:
    with transaction() as session:
        for who in at_work:
            session.get_one(Account, who.account_id).capacity = 1
    for who in at_work:
        number = wanted(He())
        with transaction() as session:
            handoffs.claim(session, number, who)
    last = wanted(he)
    assert offered() == 0 and held(last).offered_to is None
    with transaction() as session:
        session.get_one(Account, at_work[0].account_id).capacity = 2
        settings.put(session, "assignment", "manual", ADMIN)
    assert offered() == 0 and held(last).offered_to is None


def test_a_matter_goes_to_the_team_whose_topic_it_is(he: He, at_work: tuple[Actor, Actor]) -> None:
    lin, zhou = at_work
    with transaction() as session:
        session.add_all([Team(code="elderly", name_zh="助老组", topics=["elder-care", "elder-fall"]),
                         Team(code="english", name_zh="英语组", topics=["lang:en"])])
        session.flush()
        session.add_all([TeamMember(team="elderly", account_id=zhou.account_id),
                         TeamMember(team="english", account_id=lin.account_id)])
    fall = wanted(he, Reason.EMERGENCY, emergency="elder-fall")
    assert held(fall).team == "elderly"
    assert offered() == 1 and held(fall).offered_to == zhou.account_id


def test_three_minutes_are_warned_of_once(he: He) -> None:
    number = wanted(he)
    with transaction() as session:
        session.get_one(Handoff, number).waiting_since = now() - timedelta(seconds=181)
    with transaction() as session:
        assert (handoffs.warn_waiting(session), handoffs.escalate_overdue(session)) == (1, 0)
    with transaction() as session:
        assert handoffs.warn_waiting(session) == 0
    assert held(number).warned_at is not None
