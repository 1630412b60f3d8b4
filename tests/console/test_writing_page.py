"""Writing to the citizen in a real browser: nothing is lost, nothing is sent twice."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from bot.services import handoffs
from bot.storage import Handoff, transaction
from tests.console.conftest import PASSWORD, intercept, said, take
from tests.support.world import wait_until

Citizens = Callable[..., tuple[str, int]]


def test_a_reply_whose_answer_got_lost_is_sent_again_and_arrives_once(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    assert page.locator("#words").bounding_box()["height"] >= 30
    tries: list[str] = []

    def lose_the_answer(route: Route) -> None:
        tries.append(route.request.post_data_json["client_id"])
        if len(tries) == 1:
            route.fetch()  # the server has it, the browser never hears of it
            route.abort()
        else:
            route.continue_()

    intercept(page, "**/reply", lose_the_answer)
    page.fill("#words", "师傅四点到")
    with page.expect_response("**/reply") as second:
        page.press("#words", "Enter")
        expect(page.locator("#words")).to_have_value("")
    assert second.value.json()["repeated"]
    expect(page.locator("#lines .operator", has_text="师傅四点到")).to_have_count(1)
    expect(page.locator("#pending li")).to_have_count(0)
    assert said(conversation) == ["师傅四点到"] and tries[0] == tries[1]


def test_words_that_could_not_be_sent_are_kept_and_say_why(desk: Callable[..., Page], citizen: Citizens) -> None:
    conversation, handoff = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    page.fill("#words", "您好")
    intercept(page, "**/console/events", lambda route: route.abort())
    intercept(page, "**/reply", lambda route: (_released(handoff), route.continue_()))
    page.press("#words", "Enter")
    expect(page.locator("#pending .failed")).to_contain_text("没有发出去：这位市民又回到了队列")
    page.reload()
    expect(page.locator("#pending .bubble")).to_have_text("您好")
    assert said(conversation) == []
    page.unroute("**/reply")
    claims: list[Route] = []
    intercept(page, "**/claim", lambda route: claims.append(route))
    page.locator("#head").press("c")
    page.locator("[data-do=retry]").click()  # before the server has heard of the claim
    expect(page.locator("#pending .delivery")).not_to_have_class("delivery failed")
    claims[0].continue_()
    expect(page.locator("#lines .operator", has_text="您好")).to_have_count(1)
    expect(page.locator("#pending li")).to_have_count(0)


def _released(handoff: int) -> None:
    with transaction() as session:
        holder = session.get_one(Handoff, handoff).account_id
        assert holder
        handoffs.release_all_of(session, holder, "clock")


def test_half_written_words_survive_the_browser_and_stay_with_their_citizen(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    citizen("陈阿姨", "转人工")
    citizen("老周", "转人工")
    page = desk()
    take(page, "陈阿姨")
    page.fill("#words", "给陈阿姨的话")
    page.press("#words", "Escape")
    take(page, "老周")
    expect(page.locator("#words")).to_have_value("")
    page.locator(".row", has_text="陈阿姨").click()
    expect(page.locator("#words")).to_have_value("给陈阿姨的话")
    page.reload()
    expect(page.locator("#words")).to_have_value("给陈阿姨的话")
    page.locator("#logout button").click()
    page.wait_for_url("**/login*")
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.includes('draft'))") == []


def test_enter_that_chooses_a_word_in_the_input_method_sends_nothing(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    page.fill("#words", "nihao")
    page.evaluate("""document.querySelector('#words').dispatchEvent(
        new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))""")
    expect(page.locator("#words")).to_have_value("nihao")
    page.press("#words", "Enter")
    expect(page.locator("#words")).to_have_value("")
    wait_until(lambda: said(conversation) == ["nihao"], what="one message")


def test_a_session_that_ended_is_told_and_the_words_stay(desk: Callable[..., Page], citizen: Citizens) -> None:
    from bot.services import accounts

    citizen("陈阿姨", "转人工")
    page = desk()
    take(page, "陈阿姨")
    with transaction() as session:
        accounts.reset(session, "wangfang", PASSWORD)
    page.fill("#words", "您好")
    page.press("#words", "Enter")
    expect(page.locator("#notices")).to_contain_text("登录已过期")
    expect(page.locator("#pending .bubble")).to_have_text("您好")
    page.locator("#notices a").click()
    page.wait_for_url("**/login?next=**")
