"""Tickets, referrals, photos, writing and reading at the operator's desk, in a real browser."""

import base64
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from bot.services import conversations
from bot.storage import Conversation, Handoff, Message, Referral, Ticket, reading, transaction
from bot.storage.signals import signals
from tests.console.conftest import intercept, said, say, take
from tests.support.citizen import photo
from tests.support.world import wait_until

Desk = Callable[..., Page]
KNOWN = {"item": "streetlight-out", "kind": "complaint", "description": "恒春街路灯不亮，晚上太黑了",
         "place": {"text": "恒春街", "street": "haishu-ximen"}}
PASTE = """encoded => {
  const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0))
  const data = new DataTransfer()
  data.items.add(new File([bytes], "a.jpg", { type: "image/jpeg" }))
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
  document.querySelector("#words").dispatchEvent(event)
}"""


@pytest.fixture
def taken(desk: Desk, citizen: Callable[..., tuple[str, int]]) -> tuple[Page, str, int]:
    """王芳 has taken 陈阿姨, whose street light is out, as the bot has found out already."""
    conversation, handoff = citizen("陈阿姨", "路灯不亮，转人工")
    with transaction() as session:
        session.get_one(Conversation, conversation).dialogue = {"slots": KNOWN}
        session.get_one(Handoff, handoff).item = "streetlight-out"
    page = desk()
    take(page, "陈阿姨")
    page.keyboard.press("Escape")
    return page, conversation, handoff


def numbers() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Ticket.number)))


def test_a_ticket_in_two_keystrokes(taken: tuple[Page, str, int]) -> None:
    page, conversation, _ = taken
    page.keyboard.press("o")
    expect(page.locator("#ticket-dialog [type=submit]")).to_be_focused()
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("已开，已告诉市民")
    assert len(numbers()) == 1 and numbers()[0] in said(conversation)[0]
    expect(page.locator("#lines")).to_contain_text(numbers()[0])
    expect(page.locator("#context")).to_contain_text(numbers()[0])


def test_words_outlive_a_lost_network_and_a_closed_dialog(taken: tuple[Page, str, int]) -> None:
    page, conversation, _ = taken
    lost: list[str] = []

    def reaches_the_server_but_not_back(route: Route) -> None:
        lost.append(route.fetch().text())
        route.abort()

    intercept(page, "**/ticket", lambda route: reaches_the_server_but_not_back(route)
              if route.request.method == "POST" else route.continue_())
    page.keyboard.press("o")
    page.locator("#ticket-description").fill("新典路口那盏，三天了")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-dialog footer .problem")).to_contain_text("填的内容都在")
    assert len(lost) == 1
    page.unroute("**/ticket")
    page.keyboard.press("Escape")
    expect(page.locator("#ticket-dialog")).to_be_hidden()
    page.wait_for_function("!document.activeElement.closest('dialog')")
    page.keyboard.press("o")
    expect(page.locator("#ticket-dialog")).to_be_visible()
    expect(page.locator("#ticket-description")).to_have_value("新典路口那盏，三天了")
    expect(page.locator("[data-kept]")).to_contain_text("已恢复")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("已开")
    assert len(numbers()) == 1, "it had arrived the first time"
    assert len(said(conversation)) == 1


def test_another_item_is_found_by_words_and_problems_stand_beside_their_fields(taken: tuple[Page, str, int]) -> None:
    page, _, _ = taken
    page.keyboard.press("o")
    page.locator("#ticket-item").fill("井盖")
    expect(page.locator("#ticket-item-found [role=option]").first).to_contain_text("井盖")
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-item")).to_have_value("井盖缺失破损")
    expect(page.locator("[data-terms]")).to_contain_text("前答复")
    page.locator("#ticket-description").fill("")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-description-problem")).to_have_text("请写清楚情况。")
    expect(page.locator("#ticket-description")).to_be_focused()
    page.keyboard.type("井盖没了，天黑危险")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("已开")
    with reading() as session:
        assert session.scalars(select(Ticket.item)).one() == "manhole-missing"


def test_a_referral_by_number_key_and_enter(taken: tuple[Page, str, int]) -> None:
    page, conversation, handoff = taken
    page.keyboard.press("p")
    expect(page.locator("#referral-dialog")).to_contain_text("请开工单")
    page.locator("#referral-item").fill("下水道疏通")
    expect(page.locator("#referral-item-found [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#referral-dialog [name=provider]").first).to_be_focused()
    page.locator("#referral-street").select_option("haishu-ximen")
    expect(page.locator("[data-listing]")).to_contain_text("公里")
    second = page.locator("#referral-dialog [name=provider]").nth(1)
    wanted = second.get_attribute("value")
    page.locator("#referral-dialog [name=provider]").first.focus()
    page.keyboard.press("2")
    expect(second).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("已派单给")
    with reading() as session:
        made = session.scalars(select(Referral)).one()
        assert made.provider_id == wanted and made.place["street"] == "haishu-ximen"
    assert len(said(conversation)) == 1


def test_a_pasted_photo_is_sent_once_over_a_bad_network(taken: tuple[Page, str, int]) -> None:
    page, conversation, _ = taken
    attempts: list[int] = []

    def lose_the_question_then_the_answer(route: Route) -> None:
        attempts.append(1)
        if len(attempts) == 2:
            route.fetch()
        return route.abort() if len(attempts) < 3 else route.continue_()

    intercept(page, "**/photo", lose_the_question_then_the_answer)
    page.keyboard.press("r")
    page.keyboard.type("水表在这里")
    page.evaluate(PASTE, base64.b64encode(photo()).decode())
    expect(page.locator("#attached canvas")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#lines .operator img")).to_be_visible()
    expect(page.locator("#lines .operator .text")).to_have_text("水表在这里")
    expect(page.locator("#pending li")).to_have_count(0)
    expect(page.locator("#attached")).to_be_hidden()
    with reading() as session:
        assert len(session.scalars(select(Message).where(Message.kind == "photo")).all()) == 1


def test_the_console_shows_that_the_citizen_writes_and_has_read(taken: tuple[Page, str, int]) -> None:
    page, conversation, _ = taken
    expect(page.locator("#typing")).to_be_hidden()
    signals().publish(f"typing:citizen:{conversation}")
    expect(page.locator("#typing")).to_have_text("市民正在输入…")
    say(conversation, "还是不亮")
    expect(page.locator("#lines")).to_contain_text("还是不亮")
    expect(page.locator("#typing")).to_be_hidden()
    page.keyboard.press("r")
    for words in ("好的", "马上派人"):
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        expect(page.locator("#lines")).to_contain_text(words)
    with transaction() as session:
        last = session.get_one(Conversation, conversation).last_seq
        conversations.seen_by_citizen(session, conversation, last)
    expect(page.locator("#lines .operator .delivery").last).to_have_text("已读")
    expect(page.locator("#lines").get_by_text("已读")).to_have_count(1)


def test_what_the_holder_has_on_the_screen_counts_as_read_and_writing_is_told(taken: tuple[Page, str, int]) -> None:
    page, conversation, _ = taken
    heard: list[str] = []
    stop = signals().listen(heard.append)

    def read_to() -> int:
        with reading() as session:
            return session.get_one(Conversation, conversation).seen_by_staff

    number = say(conversation, "还在吗")
    wait_until(lambda: read_to() >= number, what="the new message is read")
    page.keyboard.press("r")
    page.keyboard.type("在的")
    wait_until(lambda: f"typing:operator:{conversation}" in heard, what="the citizen is told")
    heard.clear()
    page.keyboard.press("Escape")
    expect(page.locator("#words")).not_to_be_focused()
    page.keyboard.press("n")
    with page.expect_response(lambda answer: answer.url.endswith("/notes")):
        page.keyboard.type("只给同事看")
        page.keyboard.press("Enter")
    assert not [topic for topic in heard if topic.startswith("typing:")], "notes are nobody's business"
    stop()
