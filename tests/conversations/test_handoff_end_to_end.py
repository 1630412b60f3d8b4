"""A citizen on Telegram and an operator in a real browser, with the real Rasa between them: the whole of a handoff."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select

from bot.services import accounts
from bot.storage import Handoff, Message, Ticket, reading, transaction
from tests.conftest import emptied, seeded, use
from tests.support.bot_api import BotApi
from tests.support.bot_api_people import Person
from tests.support.citizen import photo
from tests.support.world import World, wait_until

PASSWORD = "correct-horse-81890"


def deployed() -> None:
    use(*seeded("postgresql", os.environ.get("PYTEST_XDIST_WORKER", "main")))


@pytest.fixture(scope="module")
def hotline() -> Iterator[tuple[BotApi, World]]:
    deployed()
    with BotApi() as api:
        extra = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_BASE_URL": api.base_url}
        world = World(Path(tempfile.mkdtemp(prefix="hotline-handoff-")), **extra).start()
        yield api, world
        world.stop()
    deployed()
    emptied()


@pytest.fixture(autouse=True)
def on_its_database(hotline: tuple[BotApi, World]) -> None:
    """Instead of the other conversations' SQLite."""
    deployed()


@pytest.fixture
def browser() -> Iterator[Any]:
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.path.exists(path) and not os.environ.get("CI"):
        pytest.skip(f"no browser at {path}")
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def wangfang(hotline: tuple[BotApi, World], browser: Any) -> Page:
    """王芳 signs in at her desk."""
    with transaction() as session:
        accounts.create(session, "wangfang", "operator", "王芳", password=PASSWORD)
    page: Page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page()
    page.goto(f"{hotline[1].base}/console")
    page.fill("#username", "wangfang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("#link-state")).to_have_text("实时")
    return page


def hears(person: Person, words: str) -> str:
    """All the bot has said, once it contains the words."""
    return str(person.api.wait_for(lambda: said if words in (said := "\n".join(s.text for s in person.heard)) else "", 30))


@pytest.mark.processes
def test_asked_claimed_talked_ticketed_and_given_back(hotline: tuple[BotApi, World], wangfang: Page) -> None:
    chen = hotline[0].person("陈阿姨")
    chen.writes("你好")
    hears(chen, "一拨灵")
    chen.writes("恒春街12号楼下路灯坏了三天，晚上太黑，我要转人工")
    chen.writes("转人工")
    hears(chen, "话务员很快就来")

    row = wangfang.locator(".row", has_text="陈阿姨")
    row.click()
    expect(wangfang.locator("#lines")).to_contain_text("路灯坏了三天")
    wangfang.keyboard.press("c")
    expect(wangfang.locator("#words")).to_be_focused()
    hears(chen, "话务员王芳来为您服务")
    wangfang.keyboard.type("您好，我来给您登记，能拍张照片吗？")
    wangfang.keyboard.press("Enter")
    hears(chen, "能拍张照片吗")

    chen.sends_photo(photo(), "就是这盏灯")
    expect(wangfang.locator("#lines .citizen img").first).to_be_visible()
    expect(wangfang.locator("#lines")).to_contain_text("就是这盏灯")
    chen.writes("厨房水龙头也漏水，能找人修吗")
    expect(wangfang.locator("#lines")).to_contain_text("厨房水龙头也漏水")
    wangfang.locator("#photo-file").set_input_files(
        {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    wangfang.locator("#words").press("Enter")
    wait_until(lambda: any(sent.photo for sent in chen.heard), 30, "the operator's photo on Telegram")

    wangfang.keyboard.press("Escape")
    wangfang.keyboard.press("o")
    form = wangfang.locator("#ticket-dialog form")
    expect(form).to_be_visible()
    form.locator("[role=combobox]").fill("路灯")
    form.locator("[role=option]").first.click()
    form.locator("[name=description]").fill("恒春街12号楼下路灯坏了三天")
    form.locator("[name=place]").fill("恒春街12号楼下")
    form.locator("[name=phone]").fill("13900000077")
    wangfang.keyboard.press("Control+Enter")
    hears(chen, "已登记，工单号")
    with reading() as session:
        ticket = session.scalars(select(Ticket)).one()
        held = session.scalars(select(Handoff)).one()
        silent = session.scalars(select(Message).where(
            Message.conversation_id == held.conversation_id, Message.sender == "bot",
            Message.created_at > held.claimed_at, Message.in_reply_to.is_not(None))).all()
        assert ticket.description.startswith("恒春街12号") and list(silent) == []

    expect(wangfang.locator("#ticket-dialog")).to_be_hidden()
    wangfang.keyboard.press("b")
    wangfang.keyboard.press("b")
    hears(chen, "现在由我继续为您服务")
    chen.writes("我的工单办到哪一步了")
    assert ticket.number in hears(chen, "办理").replace("\n", " ") or ticket.number in hears(chen, ticket.number)
    with reading() as session:
        assert session.scalars(select(Handoff.state)).all() == ["returned"]
