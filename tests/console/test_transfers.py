"""Passing citizens on, merging what is one citizen's, and ending with an outcome."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.storage import Account, Conversation, Handoff, Team, TeamMember, now, reading, transaction
from tests.console.conftest import Seat, changes, said, words_of

Seats = Callable[[str], Seat]
Citizens = Callable[..., tuple[str, int]]


def held(handoff: int) -> Handoff:
    with reading() as session:
        return session.get_one(Handoff, handoff)


def taken(seat: Seat, citizen: Citizens, name: str = "陈阿姨") -> tuple[str, int]:
    conversation, handoff = citizen(name, "下水道堵了，转人工")
    assert seat.post(f"/console/api/handoffs/{handoff}/claim").status_code == 200
    return conversation, handoff


def test_colleagues_are_listed_with_presence_and_load_the_free_ones_first(seat: Seats, citizen: Citizens) -> None:
    wang, li = seat("wangfang"), seat("limei")
    zhao = seat("zhaoqiang")
    zhao.post("/console/api/presence", presence="break")
    with transaction() as session:
        session.add(Team(code="water", name_zh="水电组"))
        session.add(TeamMember(team="water", account_id=li.actor.account_id))
    _, handoff = taken(wang, citizen)
    taken(li, citizen, "老周")
    html = wang.get(f"/console/api/handoffs/{handoff}/transfer").json()["html"]
    words = words_of(html)
    assert "李梅 值班 · 手里 1 位，最多 4 位 · 水电组" in words and "水电组 1 人在岗" in words
    assert words.index("李梅") < words.index("赵强 休息") and "王芳" not in words and "周建国" not in words
    assert f'value="account:{zhao.actor.account_id}" disabled' in html


def test_a_colleague_has_the_citizen_at_once_and_the_reason_stands_in_the_story(seat: Seats, citizen: Citizens) -> None:
    wang, li = seat("wangfang"), seat("limei")
    conversation, handoff = taken(wang, citizen)
    path = f"/console/api/handoffs/{handoff}/transfer"
    answer = wang.post(path, to=f"account:{li.actor.account_id}", why="她懂管道")
    assert answer.json() == {"state": "active"}
    assert held(handoff).account_id == li.actor.account_id
    assert li.post(f"/console/api/handoffs/{handoff}/reply", text="我是李梅").status_code == 200
    page = words_of(li.page(f"/console/conversations/{conversation}"))
    assert "王芳转给：李梅（她懂管道）" in page
    assert wang.post(path, to=f"account:{wang.actor.account_id}").status_code == 409, "not hers any more"


def test_nobody_is_given_to_a_colleague_who_is_not_there(seat: Seats, citizen: Citizens) -> None:
    wang, li = seat("wangfang"), seat("limei")
    _, handoff = taken(wang, citizen)
    with transaction() as session:
        session.get_one(Account, li.actor.account_id).last_seen_at = now() - timedelta(minutes=2)
    html = wang.get(f"/console/api/handoffs/{handoff}/transfer").json()["html"]
    assert "李梅 掉线" in words_of(html)
    answer = wang.post(f"/console/api/handoffs/{handoff}/transfer", to=f"account:{li.actor.account_id}")
    assert answer.status_code == 409 and "李梅现在不在岗" in answer.json()["error"]["message"]
    assert held(handoff).account_id == wang.actor.account_id


def test_a_team_finds_the_citizen_in_the_queue(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    with transaction() as session:
        session.add(Team(code="water", name_zh="水电组", name_en="Water"))
    conversation, handoff = taken(wang, citizen)
    answer = wang.post(f"/console/api/handoffs/{handoff}/transfer", to="team:water", why="要上门")
    assert answer.json() == {"state": "waiting"} and held(handoff).team == "water"
    assert "水电组" in words_of(wang.get("/console/api/queue").json()["html"])
    assert "王芳转给小组：水电组（要上门）" in words_of(wang.page(f"/console/conversations/{conversation}"))
    assert (wang.actor.id, "to_team") in changes("handoff")


@pytest.mark.parametrize("to", ["team:nobody", "account:x", "", "moon:1"])
def test_a_transfer_to_nowhere_is_refused(to: str, seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    _, handoff = taken(wang, citizen)
    assert wang.post(f"/console/api/handoffs/{handoff}/transfer", to=to).status_code == 422
    assert held(handoff).state == "active"


def test_the_same_citizens_other_conversation_is_offered_and_merged(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    first, handoff = taken(wang, citizen)
    same_phone, _ = citizen("C. Chen", "我家下水道")
    same_name, _ = citizen("陈阿姨", "在吗")
    other, _ = citizen("老周", "转人工")
    with transaction() as session:
        for conversation in (first, same_phone):
            session.get_one(Conversation, conversation).phone = "+8613900000010"
    path = f"/console/api/handoffs/{handoff}/merge"
    html = wang.get(path).json()["html"]
    assert html.index(same_phone) < html.index(same_name) and other not in html and first not in html
    assert "同一个电话" in html and "同名" in html and "13900000010" not in html
    for words in ("老周", other[:8]):
        assert other in wang.get(path, params={"q": words}).json()["html"]
    assert wang.post(path, into=same_phone).json() == {"state": "ended", "into": same_phone}
    assert held(handoff).outcome == "duplicate"
    page = wang.page(f"/console/conversations/{first}")
    assert f'href="/console/conversations/{same_phone}"' in page and "已并入另一个对话" in page


def test_a_conversation_is_merged_neither_into_itself_nor_by_somebody_else(seat: Seats, citizen: Citizens) -> None:
    wang, li = seat("wangfang"), seat("limei")
    first, handoff = taken(wang, citizen)
    other, _ = citizen("陈阿姨", "在吗")
    path = f"/console/api/handoffs/{handoff}/merge"
    assert wang.post(path, into=first).status_code == 422
    assert wang.post(path, into="nobody").status_code == 422
    assert li.post(path, into=other).status_code == 409
    assert held(handoff).state == "active"


def test_the_service_ends_with_its_outcome(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    conversation, handoff = taken(wang, citizen)
    bad = wang.post(f"/console/api/handoffs/{handoff}/end", outcome="whatever")
    assert bad.status_code == 422 and held(handoff).state == "active"
    assert wang.post(f"/console/api/handoffs/{handoff}/end", outcome="explained").json() == {"state": "ended"}
    assert held(handoff).outcome == "explained"
    assert "王芳结束人工服务：已解释说明" in words_of(wang.page(f"/console/conversations/{conversation}"))


def test_departments_pass_nobody_on(seat: Seats, citizen: Citizens) -> None:
    conversation, handoff = taken(seat("wangfang"), citizen)
    zhou = seat("zhoujianguo")
    for verb in ("transfer", "merge"):
        assert zhou.get(f"/console/api/handoffs/{handoff}/{verb}").status_code == 403
    assert zhou.post(f"/console/api/handoffs/{handoff}/transfer", to="account:1").status_code == 403
    assert zhou.post(f"/console/api/handoffs/{handoff}/merge", into=conversation).status_code == 403
    assert said(conversation) == []
