"""The operator's screen in a real browser."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.domain.handoff import Reason
from bot.services import assignments, files, presence
from bot.services.history import note
from bot.storage import Account, Handoff, Ticket, engine, now, reading, touch, transaction
from tests.console.conftest import intercept, said, say, take
from tests.support.citizen import photo
from tests.support.world import wait_until

Citizens = Callable[..., tuple[str, int]]


def state_of(handoff: int) -> str:
    with reading() as session:
        return session.get_one(Handoff, handoff).state


def on_duty() -> bool:
    with reading() as session:
        return presence.on_duty(session)


def test_a_citizen_is_taken_answered_and_given_back_by_keyboard_alone(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    conversation, handoff = citizen("陈阿姨", "我要找人工")
    citizen("老周", "转人工")
    page = desk()
    page.keyboard.press("j")
    expect(page.locator(".row:focus")).to_contain_text("陈阿姨")
    page.keyboard.press("j")
    expect(page.locator(".row:focus")).to_contain_text("老周")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#lines")).to_contain_text("我要找人工")
    expect(page.locator("#composer")).to_be_hidden()
    page.keyboard.press("c")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("您好，")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("我是王芳。")
    page.keyboard.press("Enter")
    expect(page.locator("#lines .operator .text")).to_have_text("您好，\n我是王芳。")
    expect(page.locator("#pending li")).to_have_count(0)
    assert said(conversation) == ["您好，\n我是王芳。"]
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.locator("[data-act=return]")).to_have_text("再按一次：交还机器人")
    assert state_of(handoff) == "active"
    page.keyboard.press("b")
    expect(page.locator("#composer-note")).to_contain_text("已交还机器人")
    assert state_of(handoff) == "returned"
    expect(page.locator(".row", has_text="陈阿姨")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    assert page.evaluate("window.neverReloaded")


def test_what_the_citizen_writes_appears_without_reload(desk: Callable[..., Page], citizen: Citizens) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    say(conversation, "水已经漫到客厅了")
    expect(page.locator("#lines")).to_contain_text("水已经漫到客厅了")
    expect(page.locator(".row.mine")).to_contain_text("水已经漫到客厅了")
    expect(page.locator(".row.mine .unanswered")).to_contain_text("2 条没回")
    assert page.evaluate("window.neverReloaded")


def test_what_another_process_writes_without_any_signal_appears_too(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    conversation, handoff = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    with Session(engine()) as session, session.begin():  # no transaction(): nobody is woken
        from bot.services.replies import append

        append(session, conversation, sender="citizen", text="有人吗", state="handled", external_id="other-process")
        session.add(Handoff(conversation_id=_another(session), reason="emergency", emergency="gas-leak", priority=100))
    expect(page.locator("#lines")).to_contain_text("有人吗")
    expect(page.locator(".row.emergency")).to_contain_text("燃气泄漏")


def _another(session: Session) -> str:
    from bot.storage import Conversation

    session.add(Conversation(id="c0ffee", channel="telegram", external_id="c0ffee", display_name="小吴"))
    session.flush()
    return "c0ffee"


def test_somebody_new_is_announced_in_the_title_and_in_words_emergencies_first(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    citizen("陈阿姨", "转人工")
    page = desk()
    expect(page).to_have_title("（1）话务台 · 一拨灵")
    citizen("小吴", "闻到煤气味", Reason.EMERGENCY, "gas-leak")
    expect(page).to_have_title("（2）话务台 · 一拨灵")
    expect(page.locator("#notices")).to_contain_text("紧急：小吴，燃气泄漏")
    expect(page.locator(".row").first).to_contain_text("小吴")


def test_the_slower_of_two_is_told_who_was_first_and_sees_it(desk: Callable[..., Page], citizen: Citizens) -> None:
    _, handoff = citizen("陈阿姨", "转人工")
    wang, li = desk("wangfang"), desk("limei")
    li.locator(".row", has_text="陈阿姨").click()
    expect(li.locator("[data-act=claim]")).to_be_visible()
    intercept(li, "**/console/events", lambda route: route.abort())
    intercept(li, "**/console/api/handoffs/*/claim", lambda route: (take(wang, "陈阿姨"), route.continue_()))
    li.keyboard.press("c")
    expect(li.locator("#notices")).to_contain_text("王芳已经先接起了这位市民")
    expect(li.locator("#composer-note")).to_contain_text("王芳在接待")


def test_the_view_follows_new_messages_unless_scrolled_up(desk: Callable[..., Page], citizen: Citizens) -> None:
    conversation, _ = citizen("陈阿姨", "第0句")
    for n in range(1, 40):
        say(conversation, f"第{n}句")
    page = desk()
    take(page, "陈阿姨")
    scroller = "document.querySelector('#scroller')"
    at_end = f"{scroller}.scrollHeight - {scroller}.scrollTop - {scroller}.clientHeight < 5"
    page.wait_for_function(at_end)
    say(conversation, "新的一句")
    expect(page.locator("#lines")).to_contain_text("新的一句")
    page.wait_for_function(at_end)
    page.evaluate(f"{scroller}.scrollTop = 0")
    say(conversation, "又一句")
    expect(page.locator("#newer")).to_be_visible()
    assert page.evaluate(f"{scroller}.scrollTop") == 0
    page.locator("#newer").click()
    page.wait_for_function(at_end)


def test_a_page_asleep_catches_up_when_it_wakes(desk: Callable[..., Page], citizen: Citizens) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    page.context.set_offline(True)
    say(conversation, "您睡着的时候说的")
    citizen("老周", "转人工")
    expect(page.locator("#lines")).not_to_contain_text("您睡着的时候说的")
    page.context.set_offline(False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#lines")).to_contain_text("您睡着的时候说的")
    expect(page.locator("#queue")).to_contain_text("老周")
    assert page.evaluate("window.neverReloaded")


def test_an_open_console_counts_as_present(desk: Callable[..., Page], account: Callable[[str], Actor]) -> None:
    page = desk()
    me = account("wangfang").account_id
    with transaction() as session:
        session.get_one(Account, me).last_seen_at = now() - timedelta(minutes=5)
    assert not on_duty()
    page.reload()
    wait_until(on_duty, what="on duty again")


def test_on_a_phone_queue_and_conversation_take_turns(desk: Callable[..., Page], citizen: Citizens) -> None:
    citizen("陈阿姨", "转人工")
    page = desk(width=390, height=844)
    expect(page.locator("#conversation")).to_be_hidden()
    page.locator(".row", has_text="陈阿姨").click()
    expect(page.locator("#queue")).to_be_hidden()
    page.locator("[data-act=claim]").click()
    expect(page.locator("#composer")).to_be_visible()
    page.locator("#context-toggle").click()
    expect(page.locator("#context")).to_be_visible()
    page.locator("#context-close").click()
    page.locator("#back").click()
    expect(page.locator(".row.mine")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_department_works_a_ticket_in_the_browser(desk: Callable[..., Page], ticket: Callable[..., str]) -> None:
    number = ticket()
    page = desk("zhoujianguo")
    page.locator(".ticket", has_text=number).click()
    page.locator("[data-accept]").click()
    expect(page.locator(".standing .state")).to_have_text("办理中")
    page.fill("#answer-text", "已到场劝离摊贩，盲道恢复畅通。")
    page.fill("#account", "到场劝离，电话没有人接")
    page.locator("[data-answer] [type=submit]").click()
    expect(page.locator("#problem-resolved")).to_have_text("请选择是否解决。")
    page.reload()
    expect(page.locator("#answer-text")).to_have_value("已到场劝离摊贩，盲道恢复畅通。")
    page.locator("[name=upheld][value=yes]").check()
    page.locator("[name=resolved][value=yes]").check()
    page.locator("[data-answer] [type=submit]").click()
    expect(page.locator(".standing .state")).to_have_text("已答复")
    page.locator("#show-contact").click()
    expect(page.locator("#reach")).to_contain_text("13900000010")


def test_a_ticket_takes_no_click_before_its_script_listens(
    desk: Callable[..., Page], ticket: Callable[..., str]
) -> None:
    number = ticket()
    page = desk("zhoujianguo")
    held: list[Route] = []
    page.route("**/js/ticket.js", lambda route: held.append(route))
    page.goto(page.url.split("/console")[0] + f"/console/tickets/{number}", wait_until="commit")
    expect(page.locator(".doing")).to_have_attribute("inert", "")
    held[0].continue_()
    page.locator("[data-accept]").click()
    expect(page.locator(".standing .state")).to_have_text("办理中")


def test_the_desk_dispatches_a_returned_ticket_in_the_browser(
    desk: Callable[..., Page], ticket: Callable[..., str], account: Callable[[str], Actor]
) -> None:
    number, handler = ticket(), account("zhoujianguo")
    with transaction() as session:
        assignments.send_away(session, number, handler, "属于市场监管")
    page = desk()
    page.goto(page.url.split("/console")[0] + "/console/tickets")
    page.locator(".ticket", has_text=number).click()
    expect(page.locator("#link-state")).to_have_text("实时")
    page.fill("#dispatch-why", "无照经营归市场监管")
    page.locator("[data-dispatch] button").click()
    expect(page.locator("[data-dispatch] .problem")).to_have_text("请选择承办单位。")
    page.select_option("#department", "market-regulation")
    page.locator("[data-dispatch] button").click()
    expect(page.locator(".standing .state")).to_have_text("待受理")
    expect(page.locator("[data-dispatch]")).to_have_count(0)


def test_an_opened_ticket_says_when_something_happened_to_it(
    desk: Callable[..., Page], ticket: Callable[..., str]
) -> None:
    number = ticket()
    page = desk("zhoujianguo")
    page.locator(".ticket", has_text=number).click()
    expect(page.locator("#link-state")).to_have_text("实时")
    with transaction() as session:
        opened = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        note(session, "ticket", opened.id, "citizen", "urged", why="怎么还没人来")
        touch(session, "tickets")
    page.locator("#notices a").click()
    expect(page.locator(".history")).to_contain_text("怎么还没人来")


def test_a_photo_opens_large_over_the_conversation(desk: Callable[..., Page], citizen: Citizens) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    say(conversation, "", kind="photo", attachment=files.keep_photo(conversation, photo()))
    page = desk()
    page.locator(".row", has_text="陈阿姨").click()
    page.locator("[data-photo]").click()
    expect(page.locator("#lightbox img")).to_be_visible()
    page.wait_for_function("document.querySelector('#lightbox img').naturalWidth === 64")
    page.keyboard.press("Escape")
    expect(page.locator("#lightbox")).to_be_hidden()


def test_a_new_ticket_appears_in_the_department_without_reload(
    desk: Callable[..., Page], ticket: Callable[..., str]
) -> None:
    page = desk("zhoujianguo")
    expect(page.locator("#tickets")).to_contain_text("没有待办的工单")
    number = ticket()
    expect(page.locator("#tickets")).to_contain_text(number)
    assert page.evaluate("window.neverReloaded")
