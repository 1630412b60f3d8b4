"""Updates posted by Telegram."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from bot.channels.telegram import setup, webhook
from bot.channels.telegram.webhook import SECRET_HEADER
from bot.config import settings
from bot.services import conversations
from tests.channels.conftest import Brain, stored
from tests.support.bot_api import BotApi
from tests.support.bot_api_people import Person

SECRET = "s3cret-of-the-hook"


@pytest.fixture
async def app(telegram: BotApi, brain: Brain, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "https://hotline.example.org")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", SECRET)
    settings.cache_clear()
    made = FastAPI()
    made.include_router(webhook.router)
    yield made
    await webhook.close(made)


@pytest.fixture
async def web(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://web") as client:
        yield client


async def post(web: httpx.AsyncClient, update: Any, secret: str = SECRET) -> int:
    answer = await web.post("/telegram/webhook", json=update, headers={SECRET_HEADER: secret})
    return answer.status_code


async def test_an_update_is_stored_and_answered_afterwards(
    web: httpx.AsyncClient, app: FastAPI, wang: Person, brain: Brain
) -> None:
    update = wang.writes("路灯不亮")
    assert [await post(web, update), await post(web, update)] == [200, 200]
    await webhook.receiver_of(app).drain()
    assert [m.text for m in stored(wang, "citizen", "bot")] == ["路灯不亮", "听到：路灯不亮"]


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "中文"])
async def test_only_telegram_may_post(web: httpx.AsyncClient, wang: Person, secret: str) -> None:
    headers = {SECRET_HEADER.encode(): secret.encode()} if secret else {}
    answer = await web.post("/telegram/webhook", json=wang.writes("x"), headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert stored(wang) == []


async def test_without_a_webhook_there_is_no_such_page(
    web: httpx.AsyncClient, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "")
    settings.cache_clear()
    assert await post(web, wang.writes("x")) == 404


@pytest.mark.parametrize("body", [[], "x", 5, None, {}, {"message": {}}, {"update_id": "x y"}])
async def test_what_is_no_update(web: httpx.AsyncClient, body: Any) -> None:
    assert await post(web, body) in (200, 400)


async def test_no_json(web: httpx.AsyncClient) -> None:
    answer = await web.post("/telegram/webhook", content=b"\xff{", headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 400


async def test_what_could_not_be_stored_is_posted_again(
    web: httpx.AsyncClient, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = wang.writes("路灯不亮")
    with monkeypatch.context() as broken:
        broken.setattr(conversations, "receive", _away)
        assert await post(web, update) == 500
    assert await post(web, update) == 200
    assert [m.text for m in stored(wang)] == ["路灯不亮"]


def _away(*_: Any) -> Any:
    raise OperationalError("INSERT", {}, Exception("the database is away"))


def test_the_secret_need_not_be_configured(telegram: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAM_WEBHOOK_SECRET", raising=False)
    settings.cache_clear()
    derived = setup.webhook_secret()
    assert len(derived) == 64 and telegram.token not in derived and derived == setup.webhook_secret()
