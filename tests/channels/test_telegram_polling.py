"""The poller: nothing counts as received before it is stored, and nothing stops it for good."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.telegram import polling
from bot.channels.telegram.receive import Receiver
from bot.services import conversations
from bot.storage.signals import signals
from tests.channels.conftest import Brain, stored, until
from tests.support.bot_api import BotApi, rules
from tests.support.bot_api_people import Person


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "BACKOFF_SECONDS", (0.01,))
    monkeypatch.setattr(polling, "LOCK_RETRY_SECONDS", 0.01)


@asynccontextmanager
async def polled(receiver: Receiver, owner: str = "one") -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(polling.poll(receiver, stop, owner))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)
        await receiver.drain()


def failing(monkeypatch: pytest.MonkeyPatch, error: Callable[[], Exception], times: int) -> list[int]:
    """Let storing fail that many times; the list says how often it was tried."""
    tried: list[int] = []
    real = conversations.receive

    def receive(*args: Any) -> Any:
        tried.append(1)
        if len(tried) <= times:
            raise error()
        return real(*args)

    monkeypatch.setattr(conversations, "receive", receive)
    return tried


def away() -> Exception:
    return OperationalError("INSERT", {}, Exception("the database is away"))


async def test_from_a_persons_words_to_the_offset(
    receiver: Receiver, wang: Person, telegram: BotApi, brain: Brain
) -> None:
    last = [wang.writes(f"第{n}句") for n in range(3)][-1]
    async with polled(receiver):
        await until(lambda: len(stored(wang, "bot")) == 3)
        await until(lambda: telegram.confirmed == last["update_id"])
    assert brain.texts == ["第0句", "第1句", "第2句"]
    first = telegram.called("getUpdates")[0]
    assert rules.as_json(first["allowed_updates"]) == list(polling.ALLOWED) and int(first["timeout"]) == 25


async def test_a_long_poll_is_answered_at_once(receiver: Receiver, wang: Person, telegram: BotApi) -> None:
    async with polled(receiver):
        await until(lambda: telegram.polling)
        wang.writes("在吗")
        await until(lambda: stored(wang, "bot"), seconds=2)


async def test_the_offset_waits_until_the_database_is_back(
    receiver: Receiver, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = wang.writes("路灯不亮")
    tried = failing(monkeypatch, away, times=20)
    async with polled(receiver):
        await until(lambda: len(tried) > 10)
        assert telegram.confirmed == 0 and stored(wang) == []
        await until(lambda: telegram.confirmed == update["update_id"])
    assert [m.text for m in stored(wang)] == ["路灯不亮"]


async def test_killed_before_storing_the_update_comes_again(
    receiver: Receiver, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang.writes("路灯不亮")
    with monkeypatch.context() as broken:
        tried = failing(broken, away, times=10**6)
        task = asyncio.create_task(polling.poll(receiver, asyncio.Event(), "one"))
        await until(lambda: tried)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert telegram.confirmed == 0
    async with polled(receiver, "two"):
        await until(lambda: stored(wang, "bot"))


async def test_killed_after_storing_the_update_comes_again_and_is_no_second_message(
    receiver: Receiver, wang: Person, telegram: BotApi, brain: Brain
) -> None:
    wang.writes("路灯不亮")
    updates = await receiver.bot.get_updates(timeout=0)
    assert await polling.store(receiver, updates, asyncio.Event())
    assert telegram.confirmed == 0, "stored, and killed before Telegram was told"
    async with polled(receiver):
        await until(lambda: telegram.confirmed)
    assert [m.text for m in stored(wang)] == ["路灯不亮"] and brain.texts == ["路灯不亮"]


async def test_stopped_while_the_database_is_away_it_ends_and_confirms_nothing(
    receiver: Receiver, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang.writes("路灯不亮")
    tried = failing(monkeypatch, away, times=10**6)
    async with polled(receiver):
        await until(lambda: tried)
    assert telegram.confirmed == 0


async def test_doubles_and_updates_out_of_order(
    receiver: Receiver, wang: Person, telegram: BotApi, brain: Brain
) -> None:
    telegram.shuffled = True
    updates = [wang.writes(f"第{n}句") for n in range(4)]
    telegram.push_again(updates[1])
    async with polled(receiver):
        await until(lambda: telegram.confirmed == updates[-1]["update_id"])
        await until(lambda: len(brain.asked) == 4)
    assert [m.text for m in stored(wang)] == ["第0句", "第1句", "第2句", "第3句"] == brain.texts


async def test_a_slow_answer_keeps_nobody_else_waiting(
    receiver: Receiver, wang: Person, telegram: BotApi, brain: Brain
) -> None:
    release, zhang = threading.Event(), telegram.person("张三")
    brain.hold = lambda: release.wait(10) if brain.asked[-1]["text"] == "慢" else None
    async with polled(receiver):
        wang.writes("慢")
        await until(lambda: brain.texts == ["慢"])
        zhang.writes("快")
        await until(lambda: stored(zhang, "bot"), seconds=3)
        assert not stored(wang, "bot")
        release.set()
        await until(lambda: stored(wang, "bot"))


@pytest.mark.parametrize("trouble", [None, rules.BROKEN, rules.OTHER_POLLER, rules.Refusal(502, "Bad Gateway"),
                                     rules.Refusal(401, "Unauthorized"), rules.Refusal(429, "Too Many Requests", 1)])
async def test_trouble_at_telegram_passes(
    receiver: Receiver, wang: Person, telegram: BotApi, trouble: rules.Refusal | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "retry_seconds", lambda error: 0.01)
    wang.writes("在吗")
    telegram.fail("getUpdates", trouble, times=3)
    async with polled(receiver):
        await until(lambda: stored(wang, "bot"))


async def test_flood_control_is_waited_out(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def pause(stop: asyncio.Event, seconds: float) -> None:
        waits.append(seconds)
        stop.set()

    monkeypatch.setattr(polling, "pause", pause)
    receiver_api = rules.too_many(17)
    await _one_failure(receiver, receiver_api, polling.poll)
    assert waits == [17.0]


async def _one_failure(
    receiver: Receiver, refusal: rules.Refusal, poll: Callable[[Receiver, asyncio.Event], Awaitable[None]]
) -> None:
    from telegram.error import RetryAfter

    async def get_updates(**_: Any) -> Any:
        raise RetryAfter(refusal.retry_after or 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(receiver.bot), "get_updates", lambda self, **more: get_updates(**more))
        await poll(receiver, asyncio.Event())


async def test_an_update_that_always_fails_is_set_aside_and_the_next_come_in(
    receiver: Receiver, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch, database: Any
) -> None:
    zhang = telegram.person("张三")
    real = conversations.receive

    def receive(conversation_id: str, incoming: Any) -> Any:
        if incoming.text == "毒":
            raise TypeError("a bug of ours")
        return real(conversation_id, incoming)

    monkeypatch.setattr(conversations, "receive", receive)
    poison = wang.writes("毒")
    wang.writes("然后")
    zhang.writes("别人")
    async with polled(receiver):
        await until(lambda: stored(zhang, "bot") and stored(wang, "bot"))
    assert [m.text for m in stored(wang)] == ["然后"]
    assert (database / "telegram-refused" / f"{poison['update_id']}.json").exists()


async def test_an_update_the_library_cannot_read_stops_nothing(
    receiver: Receiver, wang: Person, telegram: BotApi
) -> None:
    wang.sends(poll={"id": "of another Bot API"})
    telegram.push({"message": {"text": "neither chat nor number"}})
    wang.writes("然后")
    async with polled(receiver):
        await until(lambda: stored(wang, "bot"))


async def test_only_one_process_polls(receiver: Receiver, wang: Person, telegram: BotApi) -> None:
    async with polled(receiver, "one"):
        await until(lambda: telegram.polling)
        async with polled(receiver, "two"):
            wang.writes("在吗")
            await until(lambda: stored(wang, "bot"))
        assert len(telegram.called("getUpdates")) <= 2, "the second never asked"
    assert signals().lock(polling.LOCK, 1, "three"), "given back at the end"
