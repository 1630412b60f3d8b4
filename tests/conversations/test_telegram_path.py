"""Telegram through the real processes on PostgreSQL and Redis: the worker polls a Bot API server and delivers to it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.services import assignments, settings
from bot.storage import Ticket, reading, transaction
from tests.conftest import seeded, use
from tests.support.bot_api import BotApi
from tests.support.bot_api_people import Person
from tests.support.citizen import photo
from tests.support.world import World, wait_until

HANDLER = Actor("account:0", "小陈", Role.HANDLER, "urban-management")


@pytest.fixture(scope="module")
def telegram() -> Iterator[BotApi]:
    use(*seeded("postgresql", os.environ.get("PYTEST_XDIST_WORKER", "main")))
    with BotApi() as api:
        extra = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_BASE_URL": api.base_url}
        world = World(Path(tempfile.mkdtemp(prefix="hotline-telegram-")), **extra).start()
        yield api
        world.stop()


@pytest.fixture(autouse=True)
def on_its_database(telegram: BotApi) -> None:
    """Instead of the other conversations' SQLite."""
    use(*seeded("postgresql", os.environ.get("PYTEST_XDIST_WORKER", "main")))


def hears(person: Person, words: str) -> str:
    """All the bot has said, once it contains the words."""
    return str(person.api.wait_for(lambda: said if words in (said := "\n".join(s.text for s in person.heard)) else "", 30))


def press(person: Person, title: str) -> None:
    """The newest button of that title."""
    sent = next(s for s in reversed(person.heard) if any(title == shown for shown, _ in s.buttons))
    person.presses(sent, title)


@pytest.mark.processes
def test_from_words_to_a_rated_ticket_in_telegram(telegram: BotApi) -> None:
    wang = telegram.person("王芳")
    wang.writes("/start")
    hears(wang, "一拨灵")
    wang.writes("厨房水池满了水下不去，我在西门街道")
    assert hears(wang, "为您找到这几家").count("示例·") >= 3
    wang.writes("楼下烧烤摊每晚炒到一点，油烟全飘进来")
    hears(wang, "请问在哪里")
    wang.sends_photo(photo())
    wang.is_at(29.8641, 121.5377)
    hears(wang, "联系电话")
    wang.writes("13900000022")
    hears(wang, "照片：1 张")
    press(wang, "确认提交")
    hears(wang, "已登记，工单号")
    with transaction() as session:
        settings.put(session, "news_hours", "", HANDLER)  # this test is run by night as well
    with reading() as session:
        ticket = session.scalars(select(Ticket)).one()
    assert (ticket.item, ticket.place["lat"]) == ("catering-fumes", 29.8641)
    with transaction() as session:
        assignments.accept(session, ticket.number, HANDLER)
    with transaction() as session:
        assignments.answer(session, ticket.number, HANDLER, "已责令整改。", without=True)
    hears(wang, "已责令整改")
    press(wang, "满意 4分")
    hears(wang, "已办结")
    with reading() as session:
        assert session.get_one(Ticket, ticket.id).score == 4


@pytest.mark.processes
def test_commands_and_typed_payloads(telegram: BotApi) -> None:
    li = telegram.person("李强")
    li.writes('/request{"item": "door-unlocking"}')
    wait_until(lambda: li.heard, 30, "some reply")
    assert "上门开锁：" not in li.heard[0].text
    li.writes("/help")
    hears(li, "我能帮您")
    li.writes("/status")
    hears(li, "还没有登记过工单")
    li.writes("/human")
    hears(li, "转人工")
    li.writes("闻到煤气味")
    hears(li, "先关总阀")


@pytest.mark.processes
def test_a_redelivered_update_acts_once(telegram: BotApi) -> None:
    zhao = telegram.person("赵敏")
    update = zhao.writes("你好")
    hears(zhao, "一拨灵")
    telegram.push_again(update)
    zhao.writes("谢谢")
    hears(zhao, "不客气")
    assert sum("一拨灵" in sent.text for sent in zhao.heard) == 1
