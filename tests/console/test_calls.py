"""Phone calls in the console: the dialog on every page, the page of calls, calls to make."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.errors import BrainDown
from bot.services import catalogue, rasa
from bot.storage import Change, Conversation, Handoff, Message, Ticket, now, reading, transaction
from tests.console.conftest import Seat, changes, intercept, words_of

Sit = Callable[[str], Seat]
LAMP = {"act": "request", "kind": "complaint", "item": "streetlight-out", "confidence": 0.93, "ranking": [
    {"item": "streetlight-out", "confidence": 0.93}, {"item": "manhole-missing", "confidence": 0.04}],
    "entities": [{"type": "place", "value": "恒春街", "text": "恒春街"}]}
CALL = {"words": "恒春街路灯不亮，晚上太黑了", "number": "13900000010", "name": "陈阿姨", "client_id": "call-0001"}


@pytest.fixture(autouse=True)
def understood(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(words: str) -> dict[str, Any]:
        heard = {"emergency": "gas-leak"} if "煤气" in words else {}
        return {"text": words, **LAMP, **heard}

    monkeypatch.setattr(rasa, "understand", parse)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch, understood: None) -> None:
    def down(words: str) -> dict[str, Any]:
        raise BrainDown("brain.down", why="away")

    monkeypatch.setattr(rasa, "understand", down)


def answered(number: str) -> int:
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        ticket.state, ticket.answer, ticket.answered_at = "answered", "灯已换好。", now()
        ticket.assignments[0].state = "answered"
        return ticket.id


def test_whoever_takes_conversations_takes_calls(seat: Sit) -> None:
    assert 'id="call-dialog"' in seat("wangfang").page("/console/tickets")
    assert 'id="call-dialog"' in seat("zhaoqiang").page("/console/tickets")
    assert 'id="call-dialog"' in seat("chenjing").page("/console/admin/")
    handler = seat("zhoujianguo")
    assert 'id="call-dialog"' not in handler.page("/console/tickets")
    assert handler.get("/console/calls").status_code == 403
    for path in ("calls", "calls/understand", "calls/history", "calls/advice"):
        assert handler.post(f"/console/api/{path}", **CALL, text="x", item="streetlight-out").status_code == 403


def test_saved_once_and_what_is_wrong_stands_at_its_field(seat: Sit) -> None:
    wang = seat("wangfang")
    first, again = (wang.post("/console/api/calls", **CALL).json() for _ in range(2))
    assert first == again
    wrong = wang.post("/console/api/calls", **{**CALL, "number": "12345", "client_id": "call-0002"})
    assert wrong.status_code == 422 and "number" in wrong.json()["error"]["fields"]
    empty = wang.post("/console/api/calls", **{**CALL, "words": " ", "client_id": "call-0003"})
    assert "words" in empty.json()["error"]["fields"]
    page = words_of(wang.page(f"/console/conversations/{first['conversation']}"))
    assert "陈阿姨" in page and "电话" in page and "13900000010" not in page
    assert 'data-act="return"' not in wang.page(f"/console/conversations/{first['conversation']}")


def test_a_chosen_item_names_the_form_to_go_on_with(seat: Sit) -> None:
    wang = seat("wangfang")
    life = next(i.code for i in catalogue.catalogue().items.values() if i.life)
    for item, form in (("", ""), ("streetlight-out", "ticket"), (life, "referral")):
        saved = wang.post("/console/api/calls", **{**CALL, "item": item, "client_id": f"call-next-{form}"})
        assert saved.json()["next"] == form


def test_what_the_words_mean_so_far(seat: Sit) -> None:
    wang = seat("wangfang")
    guess = words_of(wang.post("/console/api/calls/understand", text="恒春街路灯不亮").json()["html"])
    assert "93%" in guess and "恒春街" in guess
    alarm = wang.post("/console/api/calls/understand", text="煤气漏了", language="en").json()["html"]
    assert 'role="alert"' in alarm and "Open" in alarm or "open" in alarm
    with reading() as session:
        assert session.scalars(select(Message)).all() == [], "listening stores nothing"


def test_the_number_brings_back_what_was_before_and_the_look_is_noted(seat: Sit) -> None:
    wang, mei = seat("wangfang"), seat("limei")
    words = CALL["words"] + "，打我儿子的电话 13711112222"
    saved = wang.post("/console/api/calls", **{**CALL, "words": words}).json()
    html = mei.post("/console/api/calls/history", number="139 0000 0010").json()["html"]
    assert saved["conversation"] in html and "139****0010" in html and "13900000010" not in html
    assert "137****2222" in html and "13711112222" not in html, "a number in the words is a number"
    assert (mei.actor.id, "looked_at_number") in changes("conversation")
    assert mei.post("/console/api/calls/history", number="12345678").status_code == 422


def test_the_page_lists_and_finds(seat: Sit) -> None:
    wang = seat("wangfang")
    wang.post("/console/api/calls", **CALL)
    wang.post("/console/api/calls", **{**CALL, "name": "老周", "number": "", "outcome": "explained",
                                       "client_id": "call-0002"})
    page = words_of(wang.page("/console/calls"))
    assert "陈阿姨" in page and "139****0010" in page and "还没办完" in page
    assert "号码不显示" in page and "已解释说明" in page
    found = words_of(wang.page("/console/calls?q=老周")).split("要打的回访电话")[0]
    assert "老周" in found and "陈阿姨" not in found


def test_a_call_to_make(seat: Sit, ticket: Callable[..., str]) -> None:
    wang = seat("wangfang")
    saved = wang.post("/console/api/calls", **CALL).json()
    number = answered(ticket(conversation=saved["conversation"]))
    page = wang.page("/console/calls")
    assert "灯已换好。" in page and "13900000010" not in page
    path = f"/console/api/callbacks/ticket/{number}"
    assert "13900000010" in wang.post(f"{path}/contact").json()["html"]
    assert wang.post(path, solved=True, score=6).status_code == 422
    assert wang.post(path, solved=False, score=2, words="又坏了").status_code == 200
    assert wang.post(path, solved=True).status_code == 409
    assert (wang.actor.id, "rated") in changes("ticket")
    assert "灯已换好。" not in wang.page("/console/calls")


def test_ctrl_k_from_first_word_to_ticket(desk: Callable[..., Page]) -> None:
    page = desk()
    page.keyboard.press("Control+k")
    expect(page.locator("#call-number")).to_be_focused()
    page.keyboard.type("13900000010")
    page.keyboard.press("Tab")
    page.keyboard.type("陈阿姨")
    page.locator("#call-words").press_sequentially("恒春街路灯不亮，晚上太黑了")
    expect(page.locator("#call-guess")).to_contain_text("93%")
    expect(page.locator("#call-history")).to_contain_text("以前没有来电")
    page.reload()
    page.click("#call-open")
    expect(page.locator("#call-words")).to_have_value("恒春街路灯不亮，晚上太黑了")
    expect(page.locator("#call-number")).to_have_value("13900000010")
    expect(page.locator("#call-guess")).to_contain_text("93%")
    page.locator("#call-words").focus()
    page.keyboard.press("Alt+2")
    expect(page.locator('.guess[aria-pressed="true"]')).to_have_count(1)
    page.keyboard.press("Alt+1")
    expect(page.locator("#call-advice")).to_contain_text("12319")
    page.click("[data-told]")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#head h2")).to_contain_text("陈阿姨")
    expect(page.locator("#composer")).to_have_class("composer for-colleagues spoken")
    expect(page.locator("#ticket-description")).to_have_value("恒春街路灯不亮，晚上太黑了")
    expect(page.locator("#ticket-dialog")).to_contain_text("139****0010")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("告诉来电人")
    page.keyboard.press("e")
    page.keyboard.press("2")
    expect(page.locator("#head .state")).to_contain_text("已结束")
    with reading() as session:
        handoff = session.scalars(select(Handoff)).one()
        assert (handoff.item, handoff.outcome) == ("streetlight-out", "ticket")
        assert session.scalars(select(Ticket)).one().contact_phone == "+8613900000010"
        assert session.scalars(select(Conversation)).one().channel == "phone"
        assert not session.scalars(select(Message).where(Message.sender == "bot")).all()
        assert "12319" in session.scalars(select(Message.text).where(Message.sender == "operator")).first()
        assert session.scalar(select(Change.id).where(Change.what == "call_written"))
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.includes(':call:')).length") == 0


def test_only_clearing_throws_words_away_and_it_asks(desk: Callable[..., Page]) -> None:
    page = desk()
    page.click("#call-open")
    page.fill("#call-words", "路灯坏了")
    page.fill("#call-answer", "已告知")
    page.keyboard.press("Escape")
    expect(page.locator("#call-dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#call-lead")).to_contain_text("上次没存完的还在")
    expect(page.locator("#call-answer")).to_have_value("已告知")
    page.click("[data-anew]")
    expect(page.locator("[data-anew]")).to_have_text("再按一次，全部清空")
    expect(page.locator("#call-words")).to_have_value("路灯坏了")
    page.click("[data-anew]")
    expect(page.locator("#call-words")).to_have_value("")
    expect(page.locator("#call-answer")).to_have_value("")
    expect(page.locator("#call-number")).to_be_focused()
    expect(page.locator("#call-guess")).to_contain_text("开始记")


def test_without_the_model_the_item_is_found_by_name(desk: Callable[..., Page], away: None) -> None:
    page = desk()
    page.click("#call-open")
    page.fill("#call-words", "路灯坏了")
    expect(page.locator("#call-guess")).to_contain_text("不能推荐")
    page.locator("#call-item").press_sequentially("路灯")
    page.locator("#call-item-found [role=option]").first.click()
    page.click("#call-dialog [type=submit]")
    expect(page.locator("#head h2")).to_contain_text("电话")
    with reading() as session:
        assert session.scalars(select(Handoff.item)).one()


def test_a_lost_network_loses_no_word(desk: Callable[..., Page]) -> None:
    page = desk()
    page.click("#call-open")
    page.fill("#call-words", "路灯坏了")
    intercept(page, "**/console/api/calls", lambda route: (route.fetch(), route.abort()))
    page.click("#call-dialog [type=submit]")
    expect(page.locator("#call-dialog footer .problem")).to_contain_text("填的内容都在")
    page.unroute("**/console/api/calls")
    page.click("#call-dialog [type=submit]")
    expect(page.locator("#head h2")).to_be_visible()
    with reading() as session:
        assert len(session.scalars(select(Conversation)).all()) == 1
