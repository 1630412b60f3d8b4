"""What goes out: in order, once, whatever Telegram does."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.channels.contract import DeliveryError, Outgoing
from bot.channels.telegram import client, delivery, outgoing
from bot.channels.telegram.delivery import deliver_due
from bot.channels.telegram.outgoing import Telegram, delivery_error
from bot.domain.message import Button, Card
from bot.services import conversations, outbox
from bot.services.replies import append, tell
from bot.storage import Account, now, transaction
from tests.channels.conftest import stored, until
from tests.support.bot_api import BotApi, rules
from tests.support.bot_api_people import Person


@pytest.fixture
def channel(bot: Bot) -> Telegram:
    return Telegram(bot)


def says(person: Person, words: str, **more: Any) -> int:
    """The hotline says something; returns the message's number."""
    conversation_id = conversations.for_channel("telegram", str(person.chat_id), "王芳")
    with transaction() as session:
        message = tell(session, conversation_id, words, f"k{words[:20]}{more.get('key', '')}", **more)
        assert message is not None
        return message.id


def fate(person: Person) -> list[str | None]:
    return [m.delivery for m in stored(person, "bot", "operator")]


def later(monkeypatch: pytest.MonkeyPatch, **wait: float) -> None:
    """Let time pass for the outbox."""
    monkeypatch.setattr(outbox, "now", lambda: now() + timedelta(**wait))


async def test_text_card_and_buttons(channel: Telegram, wang: Person) -> None:
    card = Card("provider", "诚信疏通", ["价格：50 元起"], "0574-80000000", [Button("provider:7", "选 诚信疏通")])
    offered = [Button("more", "换一批"), Button("p:" + "长" * 30, "这里")]
    number = says(wang, "为您找到：<b>&*_", buttons=offered, cards=[card])
    assert await deliver_due(channel) == 1
    sent = wang.heard[0]
    assert sent.text == "为您找到：<b>&*_\n\n▪ 诚信疏通\n价格：50 元起\n☎ 0574-80000000"
    assert sent.buttons == [("选 诚信疏通", "provider:7"), ("换一批", "more"), ("这里", f"{number}:1")]
    assert "parse_mode" not in sent.params, "nobody's words are markup"
    assert fate(wang) == ["sent"] and stored(wang, "bot")[0].sent_at


async def test_each_conversation_in_order(channel: Telegram, wang: Person, telegram: BotApi) -> None:
    people = [wang, *(telegram.person(f"p{n}") for n in range(25))]
    for n in range(3):
        for person in people:
            says(person, f"第{n}句")
    assert await deliver_due(channel) == 78
    assert all([s.text for s in p.heard] == ["第0句", "第1句", "第2句"] for p in people)
    assert await deliver_due(channel) == 0


async def test_what_a_human_writes_begins_with_the_humans_first_name(channel: Telegram, wang: Person) -> None:
    conversation_id = conversations.for_channel("telegram", str(wang.chat_id))
    with transaction() as session:
        session.add(Account(id=4, username="li", name="李静 Li", role="operator", password_hash="x"))
        append(session, conversation_id, sender="operator", text="我来了", account_id=4)
    await deliver_due(channel)
    assert wang.heard[0].text == "话务员李静：我来了"


async def test_a_long_text_goes_out_in_parts_with_the_buttons_under_the_last(channel: Telegram, wang: Person) -> None:
    says(wang, "😀水" * 3000, buttons=[Button("human", "转人工")])
    await deliver_due(channel)
    assert len(wang.heard) == 3 and "".join(s.text for s in wang.heard) == "😀水" * 3000
    assert [bool(s.rows) for s in wang.heard] == [False, False, True]


async def test_a_blocked_bot_gives_up_on_that_person_only(channel: Telegram, wang: Person, telegram: BotApi) -> None:
    zhang = telegram.person("张三")
    telegram.blocked.add(wang.chat_id)
    for person in (wang, zhang, wang, zhang):
        says(person, f"{len(stored(person, 'bot'))}")
    assert await deliver_due(channel) == 2
    assert (fate(wang), fate(zhang)) == (["failed", "failed"], ["sent", "sent"])
    assert "blocked by the user" in stored(wang, "bot")[0].delivery_error


async def test_a_chat_that_is_gone(channel: Telegram, wang: Person, telegram: BotApi) -> None:
    del telegram.chats[wang.chat_id]
    says(wang, "在吗")
    await deliver_due(channel)
    assert fate(wang) == ["failed"]


async def test_flood_control_is_honoured_and_the_order_kept(
    channel: Telegram, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhang = telegram.person("张三")
    telegram.fail("sendMessage", rules.too_many(40), chat_id=wang.chat_id)
    for person in (wang, wang, zhang):
        says(person, f"第{len(stored(person, 'bot'))}句")
    assert await deliver_due(channel) == 1 and not wang.heard
    later(monkeypatch, seconds=35)
    assert await deliver_due(channel) == 0
    later(monkeypatch, seconds=41)
    assert await deliver_due(channel) == 2
    assert [s.text for s in wang.heard] == ["第0句", "第1句"]


@pytest.mark.parametrize("trouble", [None, rules.BROKEN])
async def test_trouble_passes_and_nothing_is_said_twice(
    channel: Telegram, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch, trouble: rules.Refusal | None
) -> None:
    telegram.fail("sendMessage", trouble)
    says(wang, "一")
    says(wang, "二")
    assert await deliver_due(channel) == 0
    later(monkeypatch, seconds=3)
    assert await deliver_due(channel) == 2
    assert [s.text for s in wang.heard] == ["一", "二"]


async def test_a_text_of_many_parts_goes_on_where_it_was_cut_off(
    channel: Telegram, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(wang, "水" * 9000)
    telegram.fail("sendMessage", skip=1)
    assert await deliver_due(channel) == 0 and len(wang.heard) == 1
    later(monkeypatch, seconds=3)
    assert await deliver_due(channel) == 1
    assert [len(s.text) for s in wang.heard] == [4096, 4096, 808]


async def test_sent_but_not_noted_is_not_said_twice_by_the_same_process(
    channel: Telegram, wang: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    says(wang, "在吗")
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "delivered", _broken)
        assert await deliver_due(channel) == 0
    assert fate(wang) == ["pending"]
    assert await deliver_due(channel) == 0, "still ours for a minute"
    later(monkeypatch, seconds=61)
    assert await deliver_due(channel) == 1
    assert len(wang.heard) == 1 and fate(wang) == ["sent"]


def _broken(*_: Any) -> Any:
    raise RuntimeError("the database is away")


async def test_cancelled_while_sending_it_still_notes_what_went_out(
    channel: Telegram, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, go_on = asyncio.Event(), asyncio.Event()
    deliver = channel.deliver

    async def slowly(message: Outgoing) -> None:
        sending.set()
        await go_on.wait()
        await deliver(message)

    monkeypatch.setattr(channel, "deliver", slowly)
    says(wang, "在吗")
    task = asyncio.create_task(deliver_due(channel))
    await sending.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert fate(wang) == ["sent"] and len(wang.heard) == 1


async def test_one_slow_conversation_keeps_no_other_waiting(
    channel: Telegram, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LOOK_AGAIN_SECONDS", 0.02)
    zhang, go_on = telegram.person("张三"), asyncio.Event()
    deliver = channel.deliver

    async def slowly(message: Outgoing) -> None:
        if message.external_chat == str(wang.chat_id):
            await go_on.wait()
        await deliver(message)

    monkeypatch.setattr(channel, "deliver", slowly)
    says(wang, "慢")
    task = asyncio.create_task(deliver_due(channel))
    await until(lambda: stored(wang, "bot")[0].attempts)
    says(zhang, "快")
    await until(lambda: zhang.heard, seconds=3)
    assert not wang.heard
    go_on.set()
    assert await task == 2


async def test_a_send_that_takes_for_ever_is_given_up_before_its_lease_ends(
    channel: Telegram, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "SEND_SECONDS", 0.01)

    async def never(_: Outgoing) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(channel, "deliver", never)
    says(wang, "在吗")
    assert await deliver_due(channel) == 0
    assert stored(wang, "bot")[0].delivery_error == "timed out"


@pytest.mark.parametrize("error, permanent, retry_after", [
    (Forbidden("bot was blocked by the user"), True, None),
    (ChatMigrated(-100), True, None),
    (BadRequest("chat not found"), True, None),
    (BadRequest("BUTTON_DATA_INVALID"), True, None),
    (RetryAfter(17), False, 17.0),
    (TimedOut(), False, None),
    (NetworkError("Bad Gateway"), False, None),
    (InvalidToken("Unauthorized"), False, None),
])
def test_what_errors_mean(error: Any, permanent: bool, retry_after: float | None) -> None:
    found = delivery_error(error)
    assert (found.permanent, found.retry_after) == (permanent, retry_after)


async def test_the_token_is_in_no_error_and_no_log(
    wang: Person, telegram: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.NOTSET, "httpx")
    channel = Telegram(client.make_bot())
    says(wang, "在吗")
    telegram.fail("sendMessage", rules.Refusal(500, f"failed at /bot{telegram.token}/sendMessage"))
    await deliver_due(channel)
    assert "***" in stored(wang, "bot")[0].delivery_error
    assert telegram.token not in caplog.text + stored(wang, "bot")[0].delivery_error
    await channel.close()


async def test_a_wrong_token_is_no_fault_of_the_message(
    channel: Telegram, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(wang, "在吗")
    monkeypatch.setattr(telegram, "token", "another")
    await deliver_due(channel)
    assert fate(wang) == ["pending"]


async def test_memory_of_what_was_sent_is_bounded(
    channel: Telegram, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "REMEMBERED", 2)
    for n in range(4):
        says(wang, f"{n}")
    await deliver_due(channel)
    assert len(channel._done) == 2


async def test_deliver_raises_what_the_contract_says(channel: Telegram, wang: Person, telegram: BotApi) -> None:
    telegram.blocked.add(wang.chat_id)
    with pytest.raises(DeliveryError) as refused:
        await channel.deliver(Outgoing(1, "c", str(wang.chat_id), "bot", "在吗", "zh"))
    assert refused.value.permanent
