"""Telegram: the hotline's own code and the real client against a Bot API server on loopback."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from telegram import Bot

from bot.channels.telegram import client
from bot.channels.telegram.receive import Receiver
from bot.config import settings
from bot.domain.message import Button, Card
from bot.domain.understanding import Understanding
from bot.services import rasa
from bot.services.dialogue import turn_of
from bot.services.rasa import TurnResult
from bot.services.replies import say_text
from bot.storage import Conversation, Message, reading, transaction
from tests.support.bot_api import BotApi
from tests.support.bot_api_people import Person

T = TypeVar("T")


@pytest.fixture
def database(deployment: str) -> Iterator[Path]:
    """Both deployments in turn, with an empty folder of uploads; the value is the folder of files."""
    yield settings().var
    for folder in ("uploads", "telegram-refused"):
        shutil.rmtree(settings().var / folder, ignore_errors=True)


@pytest.fixture(scope="session")
def bot_api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def telegram(database: Path, bot_api: BotApi, monkeypatch: pytest.MonkeyPatch) -> BotApi:
    """The Bot API server the hotline is configured for."""
    bot_api.reset()
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", bot_api.token)
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", bot_api.base_url)
    settings.cache_clear()
    while settings().telegram_bot_token.get_secret_value() != bot_api.token:  # a thread that read before stored after
        settings.cache_clear()
    return bot_api


@pytest.fixture
def wang(telegram: BotApi) -> Person:
    return telegram.person("王芳")


@pytest.fixture
async def bot(telegram: BotApi) -> AsyncIterator[Bot]:
    made = client.make_bot()
    yield made
    await client.close_bot(made)


@pytest.fixture
async def receiver(bot: Bot, brain: "Brain") -> AsyncIterator[Receiver]:
    made = Receiver(bot, patience=(0.0, 0.0))
    yield made
    await made.close()


@dataclass
class Brain:
    """In the place of Rasa and the action server: answers every turn by `says`, and keeps what it was asked."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    says: Callable[[str], str] = "听到：{}".format
    buttons: list[Button] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    hold: Callable[[], object] = lambda: None

    def turn(self, request: dict[str, Any]) -> TurnResult:
        self.asked.append(request)
        self.hold()
        with transaction() as session:
            turn = turn_of(session, request["metadata"]["message_id"])
            say_text(session, turn, self.says(request["text"]), self.buttons, self.cards)
        return TurnResult(Understanding(), {"act": request["act"]}, {})

    @property
    def texts(self) -> list[str]:
        return [request["text"] for request in self.asked]


@pytest.fixture
def brain(monkeypatch: pytest.MonkeyPatch) -> Brain:
    made = Brain()
    monkeypatch.setattr(rasa, "turn", made.turn)
    return made


async def until(what: Callable[[], T], seconds: float = 10) -> T:
    """Wait for a condition while the event loop goes on."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)
    return found


def stored(person: Person, *senders: str) -> list[Message]:
    """The messages of a person's conversation in order, by default those the person sent."""
    with reading() as session:
        query = (
            select(Message).join(Conversation, Conversation.id == Message.conversation_id)
            .where(Conversation.external_id == str(person.chat_id), Message.sender.in_(senders or ["citizen"]))
        )
        return list(session.scalars(query.order_by(Message.seq)))


def conversation_of(person: Person) -> Conversation:
    with reading() as session:
        return session.scalars(select(Conversation).where(Conversation.external_id == str(person.chat_id))).one()
