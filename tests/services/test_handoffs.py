"""The queue: order, claims, presence, what the citizen is told."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.domain.calendar import LOCAL
from bot.domain.handoff import Reason
from bot.errors import Conflict, NotAllowed
from bot.services import drafts, handoffs, presence, requests, settings, smalltalk
from bot.storage import Handoff, SpecialDay, now, reading, transaction
from tests.services.conftest import ADMIN, HANDLER, He
from tests.support.time_machine import pass_time


def wanted(he: He, reason: Reason = Reason.ASKED) -> int:
    with transaction() as session:
        return handoffs.request(session, he.id, reason).id


def state(handoff_id: int) -> str:
    with reading() as session:
        return session.get_one(Handoff, handoff_id).state


def test_what_one_api_token_claimed_another_does_not_answer(he: He) -> None:
    centre, other = (Actor(f"token:{n}", f"呼叫中心{n}", Role.OPERATOR) for n in (1, 2))
    number = wanted(he)
    with transaction() as session:
        handoffs.claim(session, number, centre)
    with transaction() as session, pytest.raises(Conflict):
        handoffs.reply(session, number, other, "您好")
    with transaction() as session:
        assert handoffs.reply(session, number, centre, "您好")


def test_of_two_who_claim_at_once_one_wins(he: He, operators: tuple[Actor, Actor]) -> None:
    number, won, lost = wanted(he), [], []

    def claim(who: Actor) -> None:
        try:
            with transaction() as session:
                handoffs.claim(session, number, who)
            won.append(who.name)
        except Conflict as error:
            lost.append(error.key)

    threads = [threading.Thread(target=claim, args=(who,)) for who in operators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and lost == ["handoff.taken"]
    assert won[0] in he.last().text


def test_emergency_first_then_who_waits_longest(he: He) -> None:
    early, emergency = wanted(He(), Reason.UNCLEAR), None
    pass_time(timedelta(minutes=3))
    asked, distressed = wanted(he), wanted(He(), Reason.DISTRESSED)
    emergency = wanted(He(), Reason.EMERGENCY)
    with reading() as session:
        assert [h.id for h in handoffs.queue(session)] == [emergency, distressed, early, asked]


def test_asking_twice_is_one_place_in_the_queue_and_a_graver_reason_moves_up(he: He) -> None:
    assert wanted(he, Reason.UNCLEAR) == wanted(he, Reason.UNCLEAR)
    assert wanted(he, Reason.EMERGENCY)
    with reading() as session:
        (only,) = handoffs.queue(session)
    assert (only.reason, only.priority) == ("emergency", 100)


def test_reply_give_back_end(he: He, operators: tuple[Actor, Actor]) -> None:
    lin, zhou = operators
    number = wanted(he)
    with transaction() as session:
        handoffs.claim(session, number, lin)
    with transaction() as session:
        handoffs.reply(session, number, lin, "您好，我来看看", "c1")
    with transaction() as session:
        assert handoffs.reply(session, number, lin, "您好，我来看看", "c1") is None
    assert [m.text for m in he.heard()].count("您好，我来看看") == 1
    with pytest.raises(Conflict), transaction() as session:
        handoffs.reply(session, number, zhou, "我插一句")
    with transaction() as session:
        handoffs.give_back(session, number, lin)
    assert state(number) == "returned"
    with pytest.raises(Conflict), transaction() as session:
        handoffs.end(session, number, lin)


def test_a_department_handler_takes_no_citizens(he: He) -> None:
    number = wanted(he)
    with pytest.raises(NotAllowed), transaction() as session:
        handoffs.claim(session, number, HANDLER)


def test_who_leaves_puts_everybody_back_in_the_queue(he: He, operators: tuple[Actor, Actor]) -> None:
    number = wanted(he)
    with transaction() as session:
        handoffs.claim(session, number, operators[0])
    with transaction() as session:
        assert handoffs.release_all_of(session, operators[0].account_id or 0, "test") == 1
    assert state(number) == "waiting"


def test_nobody_on_duty_is_said_honestly_and_somebody_too(he: He, operators: tuple[Actor, Actor]) -> None:
    with transaction() as session:
        settings.put(session, "staffed_workday", "00:00-24:00", ADMIN)
        settings.put(session, "staffed_restday", "00:00-24:00", ADMIN)
    he.does(smalltalk.human, "转人工", act="human")
    assert "没有话务员在线" in he.last().text
    with transaction() as session:
        presence.choose(session, operators[0], "on")
    other = He()
    other.does(smalltalk.human, "转人工", act="human")
    assert "很快就来" in other.last().text


def test_outside_staffed_hours_the_citizen_is_told_the_next_one(he: He) -> None:
    with transaction() as session:
        settings.put(session, "staffed_workday", "", ADMIN)
        settings.put(session, "staffed_restday", "", ADMIN)
        session.add(SpecialDay(day=now().astimezone(LOCAL).date() + timedelta(days=1), working=True))
    he.does(smalltalk.human, "转人工", act="human")
    assert "没有话务员在线" in he.last().text, "no hours at all: nothing is promised"
    with transaction() as session:
        settings.put(session, "staffed_workday", "08:00-09:00", ADMIN)
        day = now().astimezone(LOCAL).date()
        session.add(SpecialDay(day=day, working=False))
    other = He()
    other.does(smalltalk.human, "转人工", act="human")
    assert "明天 08:00有话务员上班" in other.last().text
    assert {"ticket"} == {b["id"] for b in other.last().buttons}


def test_asking_again_tells_how_long_and_five_minutes_are_escalated_once(he: He) -> None:
    he.does(smalltalk.human, "转人工", act="human")
    pass_time(timedelta(minutes=6))
    he.does(smalltalk.human, "怎么还没人", act="human")
    assert "6 分钟" in he.last().text
    with transaction() as session:
        assert handoffs.escalate_overdue(session) == 1
    with transaction() as session:
        assert handoffs.escalate_overdue(session) == 0


def test_never_mind_leaves_the_queue_unless_it_is_an_emergency(he: He) -> None:
    asked, emergency = wanted(he), He()
    alarm = wanted(emergency, Reason.EMERGENCY)
    he.does(drafts.cancel, "算了", act="cancel")
    emergency.does(drafts.cancel, "算了", act="cancel")
    assert (state(asked), state(alarm)) == ("ended", "waiting")


def test_a_complaint_of_the_hotline_itself_is_no_department_s(he: He) -> None:
    step = he.does(requests.begin, "我要投诉你们热线", item="police-conduct", kind="complaint")
    assert step and step.form is None and not step.draft.item
    with reading() as session:
        assert session.scalars(select(Handoff.reason).where(Handoff.conversation_id == he.id)).all() == ["angry"]
    assert len(he.heard()) == 1, "said once"
