"""On duty, on a break, off: what the top bar says, and what it does to the citizens."""

from collections.abc import Callable
from datetime import timedelta

from bot.services import presence, routing
from bot.storage import Account, Handoff, now, reading, transaction
from tests.console.conftest import Seat, words_of

Seats = Callable[[str], Seat]
Citizens = Callable[..., tuple[str, int]]


def offer_round() -> None:
    with transaction() as session:
        routing.offer(session)


def waiting_of(seat: Seat) -> list[dict[str, object]]:
    return list(seat.get("/console/api/queue").json()["waiting"])


def test_who_signs_in_is_on_duty_and_a_break_offers_nobody_new(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    assert wang.get("/console/api/presence").json()["presence"] == "on"
    assert "值班 休息 下班" in words_of(wang.page("/console/queue"))
    _, held = citizen("陈阿姨", "转人工")
    wang.post(f"/console/api/handoffs/{held}/claim")
    answer = wang.post("/console/api/presence", presence="break")
    assert answer.json() == {"presence": "break", "vanished": False, "released": 0, "held": 1}
    citizen("老周", "转人工")
    offer_round()
    assert [w["yours"] for w in waiting_of(wang)] == [False]


def test_going_off_duty_puts_her_citizens_back(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    _, held = citizen("陈阿姨", "转人工")
    wang.post(f"/console/api/handoffs/{held}/claim")
    assert wang.post("/console/api/presence", presence="off").json()["vanished"] is False
    with reading() as session:
        assert session.get_one(Handoff, held).state == "waiting"


def test_who_vanished_is_told_how_many_went_back_and_goes_on_duty_again(seat: Seats, citizen: Citizens) -> None:
    wang, li = seat("wangfang"), seat("limei")
    for who, names in ((wang, "甲乙"), (li, "丙")):
        for name in names:
            _, number = citizen(name, "转人工")
            who.post(f"/console/api/handoffs/{number}/claim")
    with transaction() as session:
        for who in (wang, li):
            session.get_one(Account, who.actor.account_id).last_seen_at = now() - timedelta(seconds=60)
    with transaction() as session:
        assert presence.requeue_vanished(session) == 2
    assert wang.get("/console/api/presence").json() == {"presence": "off", "vanished": True, "released": 2, "held": 0}
    assert li.get("/console/api/presence").json()["released"] == 1
    assert wang.post("/console/api/presence", presence="on").json()["vanished"] is False


def test_departments_and_admins_are_never_on_duty(seat: Seats) -> None:
    for username in ("zhoujianguo", "chenjing"):
        one = seat(username)
        assert one.get("/console/api/presence").status_code == 403
        assert one.post("/console/api/presence", presence="on").status_code == 403
        assert 'id="presence"' not in one.page("/console/tickets")
    assert 'id="presence"' in seat("zhaoqiang").page("/console/tickets")


def test_an_unknown_presence_is_refused_in_words(seat: Seats) -> None:
    answer = seat("wangfang").post("/console/api/presence", presence="asleep")
    assert answer.status_code == 422 and "asleep" in answer.json()["error"]["message"]


def test_whose_turn_it_is_stands_first_and_is_told_to_the_others(seat: Seats, citizen: Citizens) -> None:
    wang, li = seat("wangfang"), seat("limei")
    first, one = citizen("陈阿姨", "转人工")
    second, two = citizen("老周", "转人工")
    with transaction() as session:
        session.get_one(Handoff, one).offered_to = li.actor.account_id
        session.get_one(Handoff, two).offered_to = wang.actor.account_id
    hers = wang.get("/console/api/queue").json()
    assert hers["conversations"] == [second, first] and hers["offering"]
    assert [(w["yours"], w["offered"]) for w in hers["waiting"]] == [(True, "王芳"), (False, "李梅")]
    words = words_of(hers["html"])
    assert "轮到您 老周" in words and "正在请李梅接" in words
    assert words_of(li.get("/console/api/queue").json()["html"]).index("陈阿姨") < 60
