"""The widget on somebody else's page."""

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import expect

from tests.support.chat_page import Chat
from tests.support.fake_api import Served

pytest_plugins = ["tests.support.chat_fixtures"]

IS_WIDGET = "document.activeElement.hasAttribute('data-yiboling-widget')"
OWN_GLOBALS = """() => {
    const plain = document.createElement('iframe');
    document.body.append(plain);
    const known = new Set(Object.getOwnPropertyNames(plain.contentWindow));
    plain.remove();
    return Object.getOwnPropertyNames(window).filter(name => !known.has(name));
}"""


@pytest.fixture(scope="module")
def site(_served):
    """A site of its own origin with a strict policy that allows the hotline's script and frame only."""
    app, hotline = FastAPI(), _served[1].url
    policy = f"default-src 'none'; script-src {hotline}; frame-src {hotline}; style-src 'self'"
    page = f"<!doctype html><title>邻居</title><a href=#>链接</a><script src='{hotline}/widget.js' async></script>"

    @app.get("/")
    async def index():
        answer = HTMLResponse(page, headers={"Content-Security-Policy": policy})
        answer.set_cookie("theirs", "1")
        return answer

    with Served(app) as served:
        yield served.url


def opened(page):
    """Tab to the round button and press it."""
    page.wait_for_selector("[data-yiboling-widget]", state="attached")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate(IS_WIDGET):
            break
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    frame = page.frames[1]
    frame.wait_for_selector("html.ready")
    return Chat(frame)


def test_it_opens_talks_and_closes_by_keyboard(context, hotline, site):
    page = context.new_page()
    complaints = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.goto(site)
    chat = opened(page)
    chat.say("水管坏了")
    chat.hears("西门街道附近")
    chat.words.press("Escape")
    expect(chat.words).to_be_hidden()
    assert page.evaluate(IS_WIDGET), "the focus is back on the button"
    page.keyboard.press("Enter")
    expect(chat.words).to_be_visible()
    chat.hears("西门街道附近")
    assert [line for line in complaints if "favicon" not in line and "404" not in line] == []


def test_it_leaves_nothing_behind_on_the_page(context, hotline, site):
    page = context.new_page()
    page.goto(site)
    opened(page)
    assert page.evaluate(OWN_GLOBALS) == []
    assert page.evaluate("document.cookie") == "theirs=1"
    assert page.evaluate("Object.keys(localStorage)") == []
    assert {cookie["name"] for cookie in context.cookies()} == {"theirs"}


def test_on_a_phone_it_fills_the_screen(context, hotline, site):
    page = context.new_page()
    page.goto(site)
    chat = opened(page)
    assert chat.page.evaluate("innerWidth") == 390


def test_the_demo_page_shows_it(context, hotline, url):
    page = context.new_page()
    page.goto(f"{url}/widget-demo?language=en")
    expect(page.get_by_role("heading")).to_contain_text("demo")
    chat = opened(page)
    expect(chat.page.locator("html")).to_have_attribute("lang", "en")
