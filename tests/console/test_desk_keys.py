"""An operator's day by keyboard alone, in a real browser; and what she hears and sees when it is her turn."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.config import ROOT
from bot.domain.access import Actor
from bot.domain.handoff import Reason
from bot.services import presence, signing_in
from bot.services.seeding import seed
from bot.storage import Account, Conversation, Handoff, Message, StaffNote, Team, now, reading, touch, transaction
from tests.console.conftest import PASSWORD, said, take
from tests.support.world import wait_until

Citizens = Callable[..., tuple[str, int]]
EARS_AND_ALERTS = """() => {
  window.rung = 0; window.alerts = []; window.asked = 0
  const param = { setValueAtTime() {}, exponentialRampToValueAtTime() {} }
  window.AudioContext = class {
    state = "running"; currentTime = 0; destination = {}
    resume() {}
    createGain() { return { gain: param, connect: (to) => to } }
    createOscillator() { return { frequency: {}, connect: (to) => to, start() { window.rung++ }, stop() {} } }
  }
  window.Notification = class {
    static permission = localStorage.getItem("test:allowed") || "default"
    static async requestPermission() { window.asked++; return (this.permission = "granted") }
    constructor(title, options) { window.alerts.push(title) }
    close() {}
  }
}"""


def held(handoff: int) -> Handoff:
    with reading() as session:
        return session.get_one(Handoff, handoff)


def offered(handoff: int, to: Actor | None) -> None:
    """Whose turn it is."""
    with transaction() as session:
        session.get_one(Handoff, handoff).offered_to = to.account_id if to else None
        touch(session, "queue")


@pytest.fixture
def limei(account: Callable[[str], Actor]) -> Actor:
    """李梅, signed in elsewhere and on duty."""
    actor = account("limei")
    with transaction() as session:
        signing_in.sign_in(session, "limei", PASSWORD)
    return actor


@pytest.fixture
def canned(deployment: str) -> Iterator[None]:
    with transaction() as session:
        seed(session, ROOT / "data")
    yield


def test_the_day_by_keyboard(desk: Callable[..., Page], citizen: Citizens, limei: Actor, canned: None) -> None:
    first, handoff = citizen("陈阿姨", "我的身份证找不到了")
    second, other = citizen("老周", "下水道堵了")
    again, third = citizen("老周", "在吗")
    page = desk()
    press, write = page.keyboard.press, page.keyboard.type
    press("j")
    press("Enter")
    expect(page.locator("#head h2")).to_contain_text("陈阿姨")
    press("c")
    expect(page.locator("#words")).to_be_focused()

    write("/owner")  # a canned reply with gaps is not sent before they are filled
    expect(page.locator("#canned [aria-selected=true]")).to_contain_text("由哪个单位办")
    press("Enter")
    expect(page.locator("#words")).to_have_value(re.compile("“〔事项〕”由〔承办单位〕负责"))
    press("Enter")
    expect(page.locator("#notices")).to_contain_text("还有空没填：〔事项〕")
    assert page.evaluate("getSelection().toString()") == "〔事项〕" and said(first) == []
    press("Control+a")
    write("您好 ")
    press("Control+/")
    write("稍等")
    expect(page.locator("#canned [role=option]")).to_have_count(2)
    press("ArrowDown")
    press("ArrowUp")
    press("Enter")
    expect(page.locator("#words")).to_have_value(re.compile("^您好 .+"))
    press("Enter")
    expect(page.locator("#lines .operator .text")).to_have_text(re.compile("^您好 .+"))

    press("Control+a")
    write("先存一句")
    press("Control+Enter")  # a note, without changing over
    expect(page.locator("#lines .note")).to_contain_text("仅同事可见")
    press("Escape")
    expect(page.locator(".row.mine")).to_be_focused()
    press("n")
    expect(page.locator("#words")).to_have_attribute("placeholder", "写给同事的备注，市民看不到")
    write("她只有下午在家")
    press("Enter")
    expect(page.locator("#lines .note")).to_have_count(2)
    press("Escape")
    expect(page.locator("#words")).to_have_attribute("placeholder", "回复市民")
    press("Escape")
    with reading() as session:
        assert session.scalars(select(StaffNote.text)).all() == ["先存一句", "她只有下午在家"]
    assert len(said(first)) == 1

    press("x")
    expect(page.locator("#correct-words")).to_be_focused()
    write("身份证过期")
    expect(page.locator("#correct-list [aria-selected=true]")).to_contain_text("身份证补办换领")
    press("Enter")
    expect(page.locator("#correct")).to_be_hidden()
    expect(page.locator("#context .asked")).to_contain_text("身份证补办换领")
    expect(page.locator(".row.mine")).to_be_focused()

    press("t")
    expect(page.locator("#transfer input:checked")).to_be_focused()
    expect(page.locator("#transfer .pick", has=page.locator(":checked"))).to_contain_text("李梅")
    press("Tab")
    write("她懂证件")
    press("Enter")
    expect(page.locator("#notices")).to_contain_text("已转接")
    expect(page.locator("#composer-note")).to_contain_text("李梅在接待")
    assert held(handoff).account_id == limei.account_id

    page.locator(".row", has_text="下水道堵了").focus()
    press("c")
    expect(page.locator("#words")).to_be_focused()
    press("Escape")
    press("g")
    expect(page.locator("#merge-list [aria-selected=true]")).to_contain_text("同名")
    press("Enter")
    expect(page.locator("#lines")).to_contain_text("在吗")
    expect(page.locator("#words")).to_be_focused()
    assert held(other).outcome == "duplicate" and held(third).state == "active"
    assert page.url.endswith(again)

    press("Escape")
    press("e")
    expect(page.locator("#ending [data-outcome=solved]")).to_be_focused()
    press("Escape")
    expect(page.locator("#ending")).to_be_hidden()
    press("e")
    press("4")
    expect(page.locator("#composer-note")).to_contain_text("人工服务已结束")
    assert held(third).outcome == "explained"

    press("d")
    expect(page.locator("#presence [data-presence=on]")).to_be_focused()
    press("ArrowRight")
    press("Enter")
    expect(page.locator("#presence [data-presence=break]")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.neverReloaded") and second != again


def test_every_key_is_in_the_help_and_every_dialog_gives_the_focus_back(
    desk: Callable[..., Page], citizen: Citizens, account: Callable[[str], Actor]
) -> None:
    citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    page.keyboard.press("Escape")
    source = (ROOT / "bot" / "console" / "static" / "js" / "keys.js").read_text(encoding="utf-8")
    keys = re.findall(r'^  "?([a-z/?])"?: ', source, re.MULTILINE)
    page.keyboard.press("?")
    told = page.locator("#help kbd").all_text_contents()
    assert len(keys) > 15 and set(keys) <= set(told)
    page.keyboard.press("Escape")
    for key, dialog in (("t", "transfer"), ("g", "merge"), ("x", "correct"), ("e", "ending")):
        expect(page.locator(".row.mine")).to_be_focused()
        page.keyboard.press(key)
        expect(page.locator(f"#{dialog}")).to_be_visible()
        title = page.locator(f"#{dialog}").get_attribute("aria-labelledby")
        assert page.locator(f"#{title}").inner_text()
        page.keyboard.press("Escape")
        expect(page.locator(f"#{dialog}")).to_be_hidden()


def test_a_note_half_written_never_stands_in_the_box_for_the_citizen(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    page.keyboard.type("您好")
    page.locator("#noting").click()
    expect(page.locator("#words")).to_have_value("")
    page.keyboard.type("此人常来电")
    page.locator("#noting").click()
    expect(page.locator("#words")).to_have_value("您好")
    page.keyboard.press("Enter")
    expect(page.locator("#lines .operator .text")).to_have_text("您好")
    page.reload()
    page.keyboard.press("n")
    expect(page.locator("#words")).to_have_value("此人常来电")
    assert said(conversation) == ["您好"]


def test_a_colleague_may_leave_a_note_in_a_conversation_that_is_not_hers(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    citizen("陈阿姨", "转人工")
    page = desk()
    page.locator(".row", has_text="陈阿姨").click()
    expect(page.locator("#head h2")).to_contain_text("陈阿姨")
    expect(page.locator("#composer")).to_be_hidden()
    page.keyboard.press("n")
    page.keyboard.type("她上周也来过")
    page.keyboard.press("Enter")
    expect(page.locator("#lines .note")).to_contain_text("她上周也来过")
    expect(page.locator("#composer")).to_be_hidden()


def test_her_turn_rings_and_alerts_a_colleagues_turn_does_neither(
    desk: Callable[..., Page], citizen: Citizens, limei: Actor, account: Callable[[str], Actor]
) -> None:
    page = desk()
    page.add_init_script(f"({EARS_AND_ALERTS})()")
    page.reload()
    expect(page.locator("#link-state")).to_have_text("实时")
    expect(page.locator("#alerts")).to_have_text("桌面通知：关")
    assert page.evaluate("window.asked") == 0, "permission is never asked for on load"
    page.keyboard.press("a")
    expect(page.locator("#alerts")).to_have_text("桌面通知：开")
    assert page.evaluate("window.asked") == 1
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    with transaction() as session:
        conversation = Conversation(id="aa01", channel="telegram", external_id="aa01", display_name="老周")
        session.add(conversation)
        session.flush()
        session.add(Handoff(conversation_id="aa01", reason="asked", priority=10, offered_to=limei.account_id))
        touch(session, "queue")
    expect(page.locator(".row", has_text="老周")).to_contain_text("正在请李梅接")
    assert page.evaluate("[window.rung, window.alerts.length]") == [0, 0]
    with reading() as session:
        number = session.scalars(select(Handoff.id)).one()
    offered(number, account("wangfang"))
    expect(page.locator(".row.yours")).to_contain_text("轮到您")
    page.wait_for_function("window.rung > 0")
    assert page.evaluate("window.alerts") == ["轮到您：老周"]
    page.keyboard.press("m")
    page.evaluate("window.rung = 0")
    citizen("小吴", "闻到煤气味", Reason.EMERGENCY, "gas-leak")
    expect(page.locator("#notices")).to_contain_text("紧急：小吴")
    assert page.evaluate("[window.rung, window.alerts.length]") == [0, 1], "muted"


def test_whom_nobody_is_offered_rings_after_a_moment(desk: Callable[..., Page], citizen: Citizens) -> None:
    page = desk()
    page.add_init_script(f"({EARS_AND_ALERTS})()")
    page.reload()
    expect(page.locator("#link-state")).to_have_text("实时")
    citizen("老周", "转人工")
    expect(page.locator("#notices")).to_contain_text("老周在等人工")
    assert page.evaluate("window.rung") > 0


def test_who_vanished_and_comes_back_is_told_and_goes_on_duty_with_one_press(
    desk: Callable[..., Page], citizen: Citizens, account: Callable[[str], Actor]
) -> None:
    _, handoff = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    me = account("wangfang").account_id
    with transaction() as session:
        session.get_one(Account, me).last_seen_at = now() - timedelta(minutes=2)
    with transaction() as session:
        assert presence.requeue_vanished(session) == 1
    expect(page.locator("#vanished")).to_contain_text("您已离线，1 位市民已放回队列")
    assert held(handoff).state == "waiting"
    page.locator("#vanished button").click()
    expect(page.locator("#vanished")).to_be_hidden()
    expect(page.locator("#presence [data-presence=on]")).to_have_attribute("aria-pressed", "true")


def test_going_off_with_citizens_in_hand_asks_once_more(desk: Callable[..., Page], citizen: Citizens) -> None:
    _, handoff = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    off = page.locator("#presence [data-presence=off]")
    expect(off).to_have_attribute("data-sure", re.compile("1 位市民"))
    off.click()
    expect(off).to_have_text("再按一次：1 位市民放回队列")
    assert held(handoff).state == "active"
    off.click()
    expect(off).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: held(handoff).state == "waiting", what="back in the queue")
    expect(page.locator("#vanished")).to_be_hidden()


def test_the_desk_is_whole_on_a_phone_and_a_tablet(
    desk: Callable[..., Page], citizen: Citizens, limei: Actor, canned: None
) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    with transaction() as session:
        session.add(Team(code="water", name_zh="水电组"))
        session.scalars(select(Message).where(Message.conversation_id == conversation)).one().text = "很长的话" * 60
    for width, height in ((390, 844), (820, 1180)):
        page = desk(width=width, height=height)
        page.locator(".row", has_text="陈阿姨").click()
        if width == 390:
            page.locator("[data-act=claim]").click()
        page.locator("[data-ask=transfer]").click()
        expect(page.locator("#transfer")).to_be_visible()
        box = page.locator("#transfer").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
        page.locator("#transfer [data-close]").click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
