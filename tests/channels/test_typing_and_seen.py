"""Being seen to write and to read, both ways: told at once, never what is written, nothing kept of it."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select
from telegram import Bot

from bot.app import create_app
from bot.channels.telegram.delivery import deliver_due
from bot.channels.telegram.outgoing import Telegram
from bot.channels.telegram.writing import Writing
from bot.domain.access import Actor, Role
from bot.domain.handoff import Reason
from bot.domain.message import Incoming
from bot.services import conversations, desk, files, handoffs, typing
from bot.services.replies import append
from bot.storage import Account, Change, Conversation, Message, reading, transaction
from bot.storage.signals import signals
from tests.channels.conftest import until
from tests.support.bot_api import BotApi, rules
from tests.support.bot_api_people import Person
from tests.support.citizen import photo
from tests.support.fake_api import Served
from tests.support.world import wait_until

LI = Actor("account:4", "李静", Role.OPERATOR, "", 4)
ZHOU = Actor("account:5", "周敏", Role.OPERATOR, "", 5)


@pytest.fixture
def topics(database: Any) -> Iterator[list[str]]:
    """What was published."""
    heard: list[str] = []
    stop = signals().listen(heard.append)
    yield heard
    stop()


def helped(conversation_id: str, actor: Actor = LI) -> int:
    """A citizen whom an operator has taken."""
    with transaction() as session:
        if session.get(Account, actor.account_id) is None:
            session.add(Account(id=actor.account_id, username=f"u{actor.account_id}", name=actor.name,
                                role="operator", password_hash="x"))
        handoff = handoffs.request(session, conversation_id, Reason.ASKED).id
    with transaction() as session:
        handoffs.claim(session, handoff, actor)
    return handoff


@pytest.fixture
def web(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("RASA_URL", "http://127.0.0.1:9")
    with Served(create_app()) as served:
        yield served.url


@pytest.fixture
def citizen(web: str) -> Iterator[tuple[str, httpx.Client]]:
    """A citizen of the web chat: (conversation, client with the token)."""
    conversation, token = conversations.start()
    base = f"{web}/api/v1/conversations/{conversation}"
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False) as http:
        yield conversation, http


def rows() -> tuple[int, int, int]:
    """How much is stored: messages, changes, conversations."""
    with reading() as session:
        return tuple(len(session.scalars(select(m)).all()) for m in (Message, Change, Conversation))  # type: ignore


def test_a_citizens_writing_is_told_where_a_human_listens_and_nothing_is_kept(
    citizen: tuple[str, httpx.Client], topics: list[str]
) -> None:
    conversation, http = citizen
    assert http.post("/typing").json() == {"heard": False}
    helped(conversation)
    before = rows()
    assert http.post("/typing").json() == {"heard": True}
    told = f"typing:citizen:{conversation}"
    wait_until(lambda: told in topics, what="the console is told")
    assert rows() == before
    for _ in range(typing.PER_MINUTE):
        http.post("/typing")
    assert http.post("/typing").json() == {"heard": False}, "more than a person can write"
    assert httpx.post(str(http.base_url).rstrip("/") + "/typing", trust_env=False).status_code == 401


def test_only_the_holders_writing_is_told(database: Any, topics: list[str]) -> None:
    conversation, _ = conversations.start()
    helped(conversation)
    with reading() as session:
        assert not typing.operator_writes(session, conversation, ZHOU)
        assert typing.operator_writes(session, conversation, LI)


def events(http: httpx.Client, wanted: Callable[[str, dict[str, Any]], bool], act: Callable[[], object]) -> dict[str, Any]:
    """Open the stream, act once it has begun, and return the first event that is wanted."""
    with http.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        kind = ""
        acted = False
        until_then = time.monotonic() + 10
        for line in lines:
            assert time.monotonic() < until_then, "waited in vain"
            if not acted:
                act()
                acted = True
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            if line.startswith("data: ") and wanted(kind, json.loads(line.removeprefix("data: "))):
                return json.loads(line.removeprefix("data: "))  # type: ignore[no-any-return]
    raise AssertionError("the stream ended")


def test_the_citizens_page_hears_that_an_operator_writes_and_reads(citizen: tuple[str, httpx.Client]) -> None:
    conversation, http = citizen
    said, _ = conversations.receive(conversation, Incoming("m1", text="在吗"))
    helped(conversation)

    def writes_until_heard() -> None:
        def again() -> None:
            with reading() as session:
                typing.operator_writes(session, conversation, LI)

        for n in range(1, 8):
            threading.Timer(n * 0.3, again).start()

    assert events(http, lambda kind, _: kind == "typing", writes_until_heard) == {}

    def reads() -> None:
        with transaction() as session:
            desk.seen(session, conversation, LI, said.seq)

    assert events(http, lambda kind, _: kind == "seen", reads) == {"seq": said.seq}
    assert http.get("/messages").json()["seen"] == said.seq


def test_the_page_says_how_far_it_was_read(citizen: tuple[str, httpx.Client]) -> None:
    conversation, http = citizen
    helped(conversation)
    with reading() as session:
        last = session.get_one(Conversation, conversation).last_seq

    def read_to() -> int:
        with reading() as session:
            return session.get_one(Conversation, conversation).seen_by_citizen

    assert http.post("/seen", json={"seq": last}).status_code == 200 and read_to() == last
    http.post("/seen", json={"seq": last - 1})
    http.post("/seen", json={"seq": last + 50})
    assert read_to() == last, "neither back nor beyond what there is"
    assert http.post("/seen", json={"seq": -1}).status_code == 422
    bare = str(http.base_url).rstrip("/") + "/seen"
    assert httpx.post(bare, json={"seq": last}, trust_env=False).status_code == 401


def test_only_the_holder_counts_as_reader(database: Any) -> None:
    conversation, _ = conversations.start()
    said, _ = conversations.receive(conversation, Incoming("m1", text="在吗"))
    helped(conversation)
    for actor, expected in ((ZHOU, 0), (LI, said.seq)):
        with transaction() as session:
            desk.seen(session, conversation, actor, said.seq)
        with reading() as session:
            assert conversations.seen_by_staff(session, conversation) == expected


async def test_telegram_shows_that_an_operator_writes(bot: Bot, wang: Person, telegram: BotApi) -> None:
    conversation = conversations.for_channel("telegram", str(wang.chat_id), "王芳")
    helped(conversation)
    writing = Writing(bot)

    def writes() -> list[dict[str, Any]]:
        with reading() as session:
            typing.operator_writes(session, conversation, LI)
        return telegram.called("sendChatAction")

    assert (await until(writes))[0]["action"] == "typing"  # again and again: a listener on Redis begins a little later
    writes()
    await writing.close()
    assert len(telegram.called("sendChatAction")) == 1, "once in a few seconds"


async def test_telegrams_trouble_with_it_is_nobodys_trouble(bot: Bot, wang: Person, telegram: BotApi) -> None:
    conversation = conversations.for_channel("telegram", str(wang.chat_id), "王芳")
    telegram.fail("sendChatAction", rules.BROKEN)
    writing = Writing(bot)
    await writing._show(conversation)
    await writing.close()
    assert telegram.called("sendChatAction")


async def test_telegram_gets_the_operators_photo_with_its_words_under_it(
    bot: Bot, wang: Person, telegram: BotApi
) -> None:
    conversation = conversations.for_channel("telegram", str(wang.chat_id), "王芳")
    handoff = helped(conversation)
    for n, caption in enumerate(("水表在这里", "", "长" * 1000)):
        with transaction() as session:
            desk.send_photo(session, handoff, LI, files.checked_photo(photo()), caption, f"photo-{n:04}")
    channel = Telegram(bot)
    await deliver_due(channel)
    sent = [s for s in wang.heard if s.photo]
    assert [s.text for s in sent] == ["话务员李静：水表在这里", "话务员李静发来一张照片", "话务员李静：" + "长" * 1000]
    assert all(s.photo.startswith(b"\xff\xd8") for s in sent)
    with reading() as session:
        assert set(session.scalars(select(Message.delivery).where(Message.kind == "photo"))) == {"sent"}


async def test_a_photo_whose_file_is_gone_holds_nobody_up(bot: Bot, wang: Person, telegram: BotApi) -> None:
    conversation = conversations.for_channel("telegram", str(wang.chat_id), "王芳")
    handoff = helped(conversation)
    with transaction() as session:
        message = desk.send_photo(session, handoff, LI, files.checked_photo(photo()), "看", "photo-0001")
    assert message is not None
    with reading() as session:
        files.path_of(conversations.attachments_of(session, message)[0]).unlink()
    with transaction() as session:
        handoffs.reply(session, handoff, LI, "收到了吗")
    await deliver_due(Telegram(bot))
    assert [s.text for s in wang.heard][-1] == "话务员李静：收到了吗"
    with reading() as session:
        assert session.get_one(Message, message.id).delivery == "failed"


async def test_a_picture_too_long_for_a_photo_goes_out_as_a_file(bot: Bot, wang: Person, telegram: BotApi) -> None:
    conversation = conversations.for_channel("telegram", str(wang.chat_id), "王芳")
    handoff = helped(conversation)
    content = io.BytesIO()
    Image.new("RGB", (10, 900)).save(content, "PNG")
    with transaction() as session:
        desk.send_photo(session, handoff, LI, files.checked_photo(content.getvalue()), "长图", "photo-0001")
    await deliver_due(Telegram(bot))
    assert telegram.called("sendDocument") and wang.heard[-1].text == "话务员李静：长图"


async def test_a_departments_pdf_goes_out_under_its_own_name(bot: Bot, wang: Person, telegram: BotApi) -> None:
    conversation = conversations.for_channel("telegram", str(wang.chat_id), "王芳")
    with transaction() as session:
        kept = files.Kept(b"%PDF-1.4", "application/pdf", "pdf")
        key = files.store(session, conversation, kept, "办理指南.pdf")
        payload = {"attachment": key, "name": "办理指南.pdf", "size": 8}
        append(session, conversation, sender="bot", kind="document", text="承办单位发来的文件", payload=payload)
    await deliver_due(Telegram(bot))
    [sent] = telegram.called("sendDocument")
    assert sent["document"].filename == "办理指南.pdf"
    assert (wang.heard[-1].text, wang.heard[-1].photo) == ("承办单位发来的文件", b"%PDF-1.4")


def test_consoles_hear_of_citizens_writing_and_departments_of_nobodys() -> None:
    from bot.console.events import visible

    handler = Actor("account:9", "周建国", Role.HANDLER, "urban-management", 9)
    topics = {"typing:citizen:c0ffee", "typing:operator:c0ffee", "tickets"}
    assert visible(topics, LI) == {"typing:citizen:c0ffee", "tickets"}
    assert visible(topics, handler) == {"tickets"}
