"""The citizen's page against the real conversation API: an operator writes, reads, and sends a photo."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from bot.app import create_app
from bot.domain.access import Actor, Role
from bot.domain.handoff import Reason
from bot.services import desk, files, handoffs, typing
from bot.storage import Account, Conversation, reading, transaction
from bot.storage.signals import signals
from tests.support.chat_page import Chat
from tests.support.citizen import photo
from tests.support.fake_api import Served
from tests.support.world import wait_until

pytest_plugins = ["tests.support.chat_fixtures"]
LI = Actor("account:4", "李静", Role.OPERATOR, "", 4)


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch, deployment: str, context: BrowserContext) -> Iterator[tuple[Chat, str, int]]:
    """A citizen at the page whom 李静 has taken: (page, conversation, handoff)."""
    from bot.config import settings

    monkeypatch.setenv("RASA_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    with Served(create_app()) as served:
        page = context.new_page()
        page.goto(served.url)
        page.wait_for_selector("html.ready")
        chat = Chat(page)
        chat.say("水管漏了，找人工")
        expect(page.locator(".bot .words").first).to_be_visible()
        conversation = page.evaluate("JSON.parse(localStorage.getItem('yiboling.conversation')).id")
        with transaction() as session:
            session.add(Account(id=4, username="li", name="李静", role="operator", password_hash="x"))
            handoff = handoffs.request(session, conversation, Reason.ASKED).id
        with transaction() as session:
            handoffs.claim(session, handoff, LI)
        chat.hears("李静")
        yield chat, conversation, handoff
        context.close()
    settings.cache_clear()


def seen_by(conversation: str) -> Conversation:
    with reading() as session:
        return session.get_one(Conversation, conversation)


def test_the_page_shows_that_the_operator_writes_until_the_words_are_there(helped: tuple[Chat, str, int]) -> None:
    chat, conversation, handoff = helped

    def told() -> bool:
        with reading() as session:
            typing.operator_writes(session, conversation, LI)
        return chat.page.locator("#typing").is_visible()

    wait_until(told, what="the page shows it")
    expect(chat.page.locator("#typing")).to_contain_text("话务员正在输入……")
    with transaction() as session:
        handoffs.reply(session, handoff, LI, "师傅半小时到")
    chat.hears("师傅半小时到")
    expect(chat.page.locator("#typing")).to_be_hidden()


def test_the_citizen_sees_what_was_read_and_the_operator_too(helped: tuple[Chat, str, int]) -> None:
    chat, conversation, handoff = helped
    chat.say("好的，我等着")
    state = chat.page.locator(".citizen .state").last
    expect(state).to_have_text("已送达")
    with transaction() as session:
        desk.seen(session, conversation, LI, session.get_one(Conversation, conversation).last_seq)
    expect(state).to_have_text("已读")
    with transaction() as session:
        sent = handoffs.reply(session, handoff, LI, "请开一下门")
    assert sent is not None
    wait_until(lambda: seen_by(conversation).seen_by_citizen >= sent.seq, what="the page says what it showed")
    chat.page.reload()
    expect(chat.page.locator(".citizen .state").last).to_have_text("已读")


def test_the_citizens_writing_is_told_but_not_what_is_written(helped: tuple[Chat, str, int]) -> None:
    chat, conversation, _ = helped
    heard: list[str] = []
    stop = signals().listen(heard.append)
    sent: list[Any] = []
    chat.page.on("request", lambda r: sent.append(r.post_data) if r.url.endswith("/typing") else None)

    def told() -> bool:
        chat.words.press_sequentially("漏")
        return f"typing:citizen:{conversation}" in heard

    def asked() -> bool:
        chat.page.evaluate("0")  # Playwright tells of requests while it is spoken to
        return bool(sent)

    wait_until(told, what="the operator is told")
    wait_until(asked, what="the request is seen")
    assert set(sent) == {None}
    stop()


def test_the_operators_photo_is_seen_with_its_words(helped: tuple[Chat, str, int]) -> None:
    chat, _, handoff = helped
    with transaction() as session:
        desk.send_photo(session, handoff, LI, files.checked_photo(photo()), "关这个阀门", "photo-0001")
    chat.hears("关这个阀门")
    expect(chat.page.locator(".operator .photo canvas")).to_be_visible()
