"""A browser with the web chat in it, against the fake API: `pytest_plugins = ["tests.support.chat_fixtures"]`."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, expect, sync_playwright

from tests.support.chat_page import Chat
from tests.support.fake_api import FakeHotline, Served, make_app

PHONE = {"width": 390, "height": 844}
NETWORK_NOISE = "Failed to load resource"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of the system, or playwright's own; without either a failure in CI, a stated skip elsewhere."""
    expect.set_options(timeout=20_000)  # the page itself waits 4 s before it doubts a stream; machines are busy
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        except Error as error:
            if os.environ.get("CI"):
                pytest.fail(f"Chromium is needed in CI: {error}")
            pytest.skip("Chromium is not there")
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def _served() -> Iterator[tuple[FakeHotline, Served]]:
    hotline = FakeHotline()
    with Served(make_app(hotline)) as served:
        yield hotline, served


@pytest.fixture
def hotline(_served: tuple[FakeHotline, Served]) -> FakeHotline:
    """The server behind the page, as new."""
    _served[0].__init__()  # type: ignore[misc]
    return _served[0]


@pytest.fixture
def url(_served: tuple[FakeHotline, Served]) -> str:
    return _served[1].url


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One citizen's browser, phone-sized."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def chat(context: BrowserContext, hotline: FakeHotline, url: str) -> Iterator[Chat]:
    """The page, open. At the end: no script failed, and the page kept to its content security policy."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.goto(url)
    page.wait_for_selector("html.ready")
    yield Chat(page)
    assert [line for line in complaints if NETWORK_NOISE not in line] == []
