"""The supervisor sees the desk as it is, listens in, passes citizens on and takes over."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from bot.services import accounts, handoffs, presence
from bot.storage import Handoff, reading, transaction
from tests.console.conftest import Seat, changes, take, words_of
from tests.support.time_machine import pass_time

Citizens = Callable[..., tuple[str, int]]
COUNT_RINGS = """() => {
  window.rings = 0
  const start = OscillatorNode.prototype.start
  OscillatorNode.prototype.start = function (...when) { window.rings += 1; return start.apply(this, when) }
}"""


def clock_ticks() -> None:
    with transaction() as session:
        handoffs.warn_waiting(session)
        handoffs.escalate_overdue(session)


def holder(number: int) -> tuple[str, str]:
    with reading() as session:
        handoff = session.get_one(Handoff, number)
        return handoff.state, handoff.holder


def overview(boss: Page) -> None:
    boss.click("text=值班总览")
    expect(boss.locator("#link-state")).to_have_text("实时")


def test_only_supervisors_see_the_page(seat: Callable[[str], Seat]) -> None:
    assert seat("wangfang").get("/console/supervisor").status_code == 403
    assert seat("zhoujianguo").get("/console/api/supervisor").status_code == 403
    assert seat("zhaoqiang").get("/console/supervisor").status_code == 200
    assert seat("wangfang").post("/console/api/handoffs/1/take-over").status_code == 403


def test_who_waits_who_is_there_and_how_the_day_went(seat: Callable[[str], Seat], citizen: Citizens) -> None:
    wang, boss = seat("wangfang"), seat("zhaoqiang")
    citizen("陈阿姨", "转人工")
    pass_time(timedelta(minutes=6))
    _, taken = citizen("老周", "转人工")
    clock_ticks()
    wang.post(f"/console/api/handoffs/{taken}/claim")
    wang.post(f"/console/api/handoffs/{taken}/reply", text="您好", client_id="first-reply-1")
    page = words_of(boss.page("/console/supervisor"))
    assert "等待接起 1 " in page and "1 人在岗" in page and "王芳 值班" in page and "李梅" not in page
    line = page.split("1 陈阿姨")[1].split("在岗情况")[0]
    assert "等了 6 分钟 已过 5 分钟，已通知负责人" in line and "要求人工" in line
    row = page.split("首次回复（中位）")[1].split("正在接待")[0]
    assert "王芳" in row and " 1/4 1 0 0 0 " in row


def test_breaches_are_in_the_figures_of_today_and_of_the_week(seat: Callable[[str], Seat], citizen: Citizens) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    citizen("老周", "转人工")
    pass_time(timedelta(minutes=4))
    with transaction() as session:
        handoffs.leave_queue(session, conversation)
    pass_time(timedelta(minutes=2))
    for table in seat("zhaoqiang").page("/console/supervisor").split('class="waits"')[1:]:
        rows = [[words_of(cell).strip() for cell in re.findall(r"<td>(.*?)</td>", row)] for row in table.split("</tr>")]
        assert ["2", "2", "1", "1", "0", "–", "6 分钟"] in rows


def test_a_program_that_holds_a_citizen_is_named(seat: Callable[[str], Seat], citizen: Citizens) -> None:
    conversation, number = citizen("陈阿姨", "转人工")
    with transaction() as session:
        token = accounts.create_token(session, "operator", "区呼叫中心")
        handoffs.claim(session, number, accounts.by_api_token(session, token))
    boss = seat("zhaoqiang")
    assert "区呼叫中心" in words_of(boss.page("/console/supervisor")).split("正在接待")[1]
    assert "区呼叫中心在接待" in words_of(boss.page(f"/console/conversations/{conversation}"))


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
    boss.get(f"/console/api/conversations/{conversation}?after=1")
    assert changes("conversation").count((boss.actor.id, "listened_in")) == 1
    assert (wang.actor.id, "listened_in") not in changes("conversation")
    answer = boss.post(f"/console/api/handoffs/{number}/reply", text="我插一句", client_id="not-mine-1")
    assert answer.status_code == 409
    pass_time(timedelta(minutes=11))
    boss.page(f"/console/conversations/{conversation}")
    assert changes("conversation").count((boss.actor.id, "listened_in")) == 2


def test_whose_conversation_is_taken_while_she_reads_has_begun_to_listen(
    seat: Callable[[str], Seat], citizen: Citizens
) -> None:
    wang, boss = seat("wangfang"), seat("zhaoqiang")
    conversation, number = citizen("陈阿姨", "转人工")
    boss.page(f"/console/conversations/{conversation}")
    wang.post(f"/console/api/handoffs/{number}/claim")
    boss.get(f"/console/api/conversations/{conversation}?after=1")
    assert (boss.actor.id, "listened_in") in changes("conversation")


def test_live_in_the_browser(desk: Callable[..., Page], citizen: Citizens) -> None:
    wang, boss = desk("wangfang"), desk("zhaoqiang")
    overview(boss)
    citizen("陈阿姨", "转人工")
    row = boss.locator("tr", has_text="陈阿姨")
    expect(row).to_be_visible()
    row.get_by_role("button", name="指派").click()
    expect(boss.locator("#notices")).to_contain_text("先选一位")
    row.locator("select").select_option(index=1)
    boss.keyboard.press("Tab")
    expect(wang.locator(".row.mine")).to_have_count(0)
    row.get_by_role("button", name="指派").click()
    expect(boss.locator("section", has=boss.locator("#h-active")).locator("tr", has_text="陈阿姨")).to_contain_text("王芳")
    expect(wang.locator(".row.mine")).to_contain_text("陈阿姨")


def test_taking_over_in_the_browser_is_asked_twice(desk: Callable[..., Page], citizen: Citizens) -> None:
    wang, boss = desk("wangfang"), desk("zhaoqiang")
    _, number = citizen("陈阿姨", "转人工")
    take(wang, "陈阿姨")
    overview(boss)
    button = boss.get_by_role("button", name="我来接手")
    button.click()
    boss.get_by_role("button", name="从王芳那里接手？").click()
    expect(boss.locator("#words")).to_be_visible()
    expect(wang.locator("#composer-note")).to_contain_text("赵强在接待")
    assert holder(number)[0] == "active"


def test_five_minutes_of_waiting_are_told_to_supervisors_and_not_to_operators(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    wang, boss = desk("wangfang"), desk("zhaoqiang")
    boss.evaluate(COUNT_RINGS)
    boss.keyboard.press("Shift")
    boss.click("text=工单")
    expect(boss.locator("#link-state")).to_have_text("实时")
    boss.evaluate(COUNT_RINGS)
    boss.keyboard.press("Shift")
    pass_time(timedelta(minutes=6))
    clock_ticks()
    notice = boss.locator("#notices")
    expect(notice).to_contain_text("陈阿姨等了 6 分钟，还没人接")
    boss.wait_for_function("window.rings > 0")
    expect(wang.locator(".row", has_text="陈阿姨")).to_contain_text("已通知")
    expect(wang.locator("#notices")).not_to_contain_text("还没人接")
    notice.get_by_role("link", name="去看看").click()
    expect(boss.locator("#head")).to_contain_text("陈阿姨")
    expect(boss.locator("#link-state")).to_have_text("实时")
    expect(notice).not_to_contain_text("还没人接")  # told once
    assert conversation in boss.url


def test_the_notice_goes_when_somebody_has_come(desk: Callable[..., Page], citizen: Citizens) -> None:
    citizen("陈阿姨", "转人工")
    wang, boss = desk("wangfang"), desk("zhaoqiang")
    pass_time(timedelta(minutes=6))
    clock_ticks()
    expect(boss.locator("#notices")).to_contain_text("还没人接")
    take(wang, "陈阿姨")
    expect(boss.locator("#notices")).not_to_contain_text("还没人接")
