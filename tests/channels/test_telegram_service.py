"""Telegram's part of the worker, whole: a person writes, the hotline answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from bot.channels.telegram import polling, service, setup, webhook
from bot.config import settings
from bot.domain.message import Button
from bot.i18n import text
from tests.channels.conftest import Brain, conversation_of, stored, until
from tests.support.bot_api import BotApi, rules
from tests.support.bot_api_people import Person


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (polling, setup):
        monkeypatch.setattr(module, "BACKOFF_SECONDS", (0.01,))


@asynccontextmanager
async def serving() -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(service.serve(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def test_a_day_in_telegram(wang: Person, telegram: BotApi, brain: Brain) -> None:
    brain.buttons = [Button("item:drain-unclogging", "疏通"), Button("human", "转人工")]
    async with serving():
        wang.writes("水管堵了")
        await until(lambda: len(wang.heard) == 1)
        wang.presses(wang.heard[0], "疏通")
        wang.is_at(29.87, 121.54)
        wang.writes("/status")
        await until(lambda: len(wang.heard) == 4)
    assert [s.text for s in wang.heard] == ["听到：水管堵了", "听到：疏通", "听到：", "听到：/status"]
    assert [a["act"] for a in brain.asked] == [None, "request", "inform", "status"]


async def test_everything_goes_wrong_once_and_every_message_is_answered_once_in_order(
    wang: Person, telegram: BotApi, brain: Brain
) -> None:
    people = [wang, *(telegram.person(f"p{n}") for n in range(9))]
    telegram.fail("deleteWebhook")
    telegram.fail("setMyCommands", rules.BROKEN)
    telegram.fail("getUpdates", after=True, times=2)
    telegram.fail("sendMessage", rules.BROKEN, times=2)
    async with serving():
        for n in range(5):
            for person in people:
                person.writes(f"第{n}句")
        await until(lambda: all(len(person.heard) == 5 for person in people), seconds=30)
    assert all([s.text for s in p.heard] == [f"听到：第{n}句" for n in range(5)] for p in people)


async def test_restarted_it_goes_on(wang: Person, telegram: BotApi, brain: Brain) -> None:
    async with serving():
        wang.writes("一")
        await until(lambda: len(wang.heard) == 1)
    wang.writes("二")
    async with serving():
        await until(lambda: len(wang.heard) == 2)
    assert [s.text for s in wang.heard] == ["听到：一", "听到：二"] and brain.texts == ["一", "二"]


async def test_the_menu_of_commands(telegram: BotApi, brain: Brain) -> None:
    async with serving():
        await until(lambda: "en" in telegram.commands)
    assert [c["command"] for c in telegram.commands[""]] == ["start", "help", "human", "status", "language"]
    assert telegram.commands["en"][2]["description"] == text("telegram.command_human", "en")


async def test_a_webhook_left_over_is_taken_away_and_waiting_updates_stay(
    wang: Person, telegram: BotApi, brain: Brain
) -> None:
    telegram.webhook = "https://old.example.org"
    wang.writes("在吗")
    async with serving():
        await until(lambda: wang.heard)
    assert telegram.webhook == ""


async def test_by_webhook(
    wang: Person, telegram: BotApi, brain: Brain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in posts to a real web server; what waited at Telegram comes in, nothing is polled."""
    app = FastAPI()
    app.include_router(webhook.router)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="none"))
    monkeypatch.setattr(server, "install_signal_handlers", lambda: None, raising=False)
    web = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", f"http://127.0.0.1:{port}/")
    settings.cache_clear()
    wang.writes("在吗")
    async with serving():
        await until(lambda: wang.heard)
        wang.writes("还在吗")
        await until(lambda: len(wang.heard) == 2)
    await asyncio.to_thread(httpx.post, f"{telegram.base_url}/bot{telegram.token}/deleteWebhook", trust_env=False)
    server.should_exit = True
    await web
    await webhook.close(app)
    assert telegram.called("setWebhook")[0]["url"].endswith(setup.WEBHOOK_PATH)
    assert telegram.called("setWebhook")[0]["secret_token"] == setup.webhook_secret()
    assert not telegram.called("getUpdates")
    assert [m.text for m in stored(wang)] == ["在吗", "还在吗"] and conversation_of(wang)
