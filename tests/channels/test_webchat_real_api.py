"""The web page against the real conversation API, with the model away: what must work even then."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from bot.app import create_app
from tests.support.chat_page import Chat
from tests.support.fake_api import Served

pytest_plugins = ["tests.support.chat_fixtures"]


@pytest.fixture
def real(monkeypatch, deployment, context):
    monkeypatch.setenv("RASA_URL", "http://127.0.0.1:9")
    from bot.config import settings

    settings.cache_clear()
    with Served(create_app()) as served:
        page = context.new_page()
        page.goto(served.url)
        page.wait_for_selector("html.ready")
        yield Chat(page)
        context.close()
    settings.cache_clear()


def test_a_gas_leak_is_answered_at_once_and_the_story_stays(real):
    real.say("闻到煤气味")
    expect(real.sees(".card.emergency").locator("a.call")).to_have_attribute("href", "tel:119")
    real.press("转人工")
    expect(real.page.locator("[data-choice=human]").first).to_have_attribute("data-chosen", "已选")
    real.page.reload()
    real.sees(".card.emergency")
    expect(real.page.locator("[data-choice=human]").first).to_have_attribute("data-chosen", "已选")
    assert real.page.locator(".when").first.inner_text() == "刚刚"


def test_a_photo_goes_there_and_back(real):
    picture = io.BytesIO()
    Image.new("RGB", (800, 600), (90, 120, 140)).save(picture, "PNG")
    real.page.set_input_files("#file", {"name": "a.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    expect(real.page.locator("#attached")).to_contain_text("照片已选好")
    real.page.get_by_role("button", name="发送").click()
    expect(real.page.locator(".bot .words").first).to_be_visible()
    real.page.reload()
    expect(real.page.locator(".photo canvas")).to_be_visible()


def test_the_language_switch_reaches_the_hotline(real):
    real.page.get_by_role("button", name="English").click()
    real.say("my sink is blocked")
    expect(real.page.locator(".bot .words").first).to_contain_text("person")
