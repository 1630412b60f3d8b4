"""The supervisor sees the desk as it is, listens in, passes citizens on and takes over."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from bot.services import handoffs, presence
from bot.storage import Handoff, now, reading, transaction
from tests.console.conftest import Seat, changes, words_of

Citizens = Callable[..., tuple[str, int]]


def holder(number: int) -> tuple[str, str]:
    with reading() as session:
        handoff = session.get_one(Handoff, number)
        return handoff.state, handoff.holder


def test_only_supervisors_see_the_page(seat: Callable[[str], Seat]) -> None:
    assert seat("wangfang").get("/console/supervisor").status_code == 403
    assert seat("zhoujianguo").get("/console/api/supervisor").status_code == 403
    assert seat("zhaoqiang").get("/console/supervisor").status_code == 200
    assert seat("wangfang").post("/console/api/handoffs/1/take-over").status_code == 403


def test_who_waits_who_is_there_and_how_the_day_went(seat: Callable[[str], Seat], citizen: Citizens) -> None:
    wang, boss = seat("wangfang"), seat("zhaoqiang")
    _, late = citizen("陈阿姨", "转人工")
    _, taken = citizen("老周", "转人工")
    with transaction() as session:
        session.get_one(Handoff, late).waiting_since = now() - timedelta(minutes=6)
    with transaction() as session:
        handoffs.warn_waiting(session)
        handoffs.escalate_overdue(session)
    wang.post(f"/console/api/handoffs/{taken}/claim")
    wang.post(f"/console/api/handoffs/{taken}/reply", text="您好", client_id="first-reply-1")
    page = words_of(boss.page("/console/supervisor"))
    assert "1 人在等" in page and "2 今天要人工" in page and "1 等过 3 分钟" in page and "1 等过 5 分钟" in page
    assert "王芳 值班" in page and "李梅" not in page
    row = page.split("首次回复（中位）")[1].split("正在接待")[0]
    assert "王芳" in row and " 1/4 1 0 0 0 " in row


def test_she_assigns_and_takes_over(seat: Callable[[str], Seat], citizen: Citizens) -> None:
    wang, mei, boss = seat("wangfang"), seat("limei"), seat("zhaoqiang")
    conversation, number = citizen("陈阿姨", "转人工")
    assert boss.post(f"/console/api/handoffs/{number}/assign", account=wang.actor.account_id).status_code == 200
    assert holder(number) == ("active", wang.actor.id)
    with transaction() as session:
        presence.choose(session, mei.actor, "break")
    assert boss.post(f"/console/api/handoffs/{number}/assign", account=mei.actor.account_id).status_code == 409
    taken = boss.post(f"/console/api/handoffs/{number}/take-over").json()
    assert taken == {"state": "active", "conversation": conversation}
    assert holder(number) == ("active", boss.actor.id)


def test_listening_in_is_written_down_once(seat: Callable[[str], Seat], citizen: Citizens) -> None:
    wang, boss = seat("wangfang"), seat("zhaoqiang")
    conversation, number = citizen("陈阿姨", "转人工")
    boss.page(f"/console/conversations/{conversation}")
    assert (boss.actor.id, "listened_in") not in changes("conversation"), "nobody holds it yet"
    wang.post(f"/console/api/handoffs/{number}/claim")
    for _ in range(2):
        assert "您在旁听" in boss.page(f"/console/conversations/{conversation}")
    wang.page(f"/console/conversations/{conversation}")
    assert changes("conversation").count((boss.actor.id, "listened_in")) == 1
    assert (wang.actor.id, "listened_in") not in changes("conversation")
    answer = boss.post(f"/console/api/handoffs/{number}/reply", text="我插一句", client_id="not-mine-1")
    assert answer.status_code == 409


def test_live_in_the_browser(desk: Callable[..., Page], citizen: Citizens) -> None:
    wang, boss = desk("wangfang"), desk("zhaoqiang")
    boss.click("text=值班总览")
    citizen("陈阿姨", "转人工")
    row = boss.locator("tr", has_text="陈阿姨")
    expect(row).to_be_visible()
    row.locator("select").select_option(index=1)
    expect(boss.locator("section", has=boss.locator("#h-active")).locator("tr", has_text="陈阿姨")).to_contain_text("王芳")
    expect(wang.locator(".row.mine")).to_contain_text("陈阿姨")


def test_five_minutes_of_waiting_are_told_to_supervisors_and_not_to_operators(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    _, number = citizen("陈阿姨", "转人工")
    wang, boss = desk("wangfang"), desk("zhaoqiang")
    expect(boss.locator(".row", has_text="陈阿姨")).to_be_visible()
    with transaction() as session:
        session.get_one(Handoff, number).waiting_since = now() - timedelta(minutes=6)
    with transaction() as session:
        handoffs.escalate_overdue(session)
    expect(boss.locator("#notices")).to_contain_text("陈阿姨等了超过 5 分钟")
    expect(wang.locator(".row", has_text="陈阿姨")).to_contain_text("已通知")
    expect(wang.locator("#notices")).not_to_contain_text("超过 5 分钟")
