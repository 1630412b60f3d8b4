"""One afternoon at the hotline, in real browsers against the real processes: a citizen's phone, an operator's console,
a department's page."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.services import accounts
from bot.storage import transaction
from tests.support.world import World

PASSWORD = "long-enough-1"
SHOTS = os.environ.get("HOTLINE_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.path.exists(path) and not os.environ.get("CI"):
        pytest.skip(f"no browser at {path}")
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def staff(world: World) -> None:
    with transaction() as session:
        for username, role, name, department in (
            ("lin", "operator", "小林", ""), ("chen", "handler", "小陈", "urban-management"),
        ):
            try:
                accounts.create(session, username, role, name, department, PASSWORD)
            except Exception as error:
                assert "taken" in str(error)


def phone(browser: Browser, world: World) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    page.goto(world.base)
    return page


def console(browser: Browser, world: World, username: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page()
    page.goto(f"{world.base}/console")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    return page


def say(page: Page, words: str) -> None:
    page.fill("#words", words)
    page.press("#words", "Enter")


def press(page: Page, title: str) -> None:
    page.get_by_role("button", name=title, exact=True).last.click()


def hears(page: Page, words: str) -> None:
    expect(page.locator("#log")).to_contain_text(words)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.mark.processes
def test_three_open_plumbers_nearby_and_one_of_them_chosen(browser: Browser, world: World) -> None:
    page = phone(browser, world)
    say(page, "厨房水池满了水下不去，我在西门街道")
    expect(page.locator(".card.provider")).to_have_count(3)
    assert page.locator(".card.provider", has_text="现在开门").count() + page.locator(".card.provider", has_text="现在不开门").count() == 3
    shot(page, "chat")
    page.locator(".card.provider button").first.click()
    hears(page, "已为您登记")
    expect(page.locator(".card.contact a.call").last).to_have_attribute("href", "tel:" + _digits(page))


def _digits(page: Page) -> str:
    return str(page.locator(".card.contact a.call").last.get_attribute("href")).removeprefix("tel:")


@pytest.mark.processes
def test_from_fumes_to_a_rated_closed_ticket(browser: Browser, world: World, staff: None) -> None:
    page = phone(browser, world)
    say(page, "楼下烧烤摊每晚炒到一点，油烟全飘进来")
    hears(page, "餐饮油烟扰民")
    say(page, "恒春街12号楼下")
    hears(page, "联系电话")
    say(page, "13900000010")
    hears(page, "请核对")
    shot(page, "chat-summary")
    press(page, "确认提交")
    hears(page, "工单号 HS")
    desk = console(browser, world, "chen")
    desk.locator(".ticket", has_text="餐饮油烟扰民").first.click()
    shot(desk, "department")
    desk.locator("[data-accept]").click()
    hears(page, "已经受理")
    desk.fill("#answer-text", "已责令烧烤店装净化器，夜里十点后停止营业。")
    desk.fill("#account", "到场检查，电话没有人接")
    desk.locator("[name=upheld][value=yes]").check()
    desk.locator("[name=resolved][value=yes]").check()
    desk.locator("[name=without]").check()
    desk.locator("[data-answer] [type=submit]").click()
    hears(page, "已责令烧烤店")
    press(page, "很满意 5分")
    hears(page, "已办结")
    say(page, "我的单子办到哪了")
    hears(page, "已办结")


@pytest.mark.processes
def test_a_gas_leak_first_what_to_do_and_whom_to_call(browser: Browser, world: World, staff: None) -> None:
    desk = console(browser, world, "lin")
    page = phone(browser, world)
    say(page, "闻到煤气味")
    expect(page.locator(".card.emergency")).to_contain_text("先关总阀")
    expect(page.locator(".card.emergency a.call").first).to_have_attribute("href", "tel:119")
    shot(page, "chat-emergency")
    assert "工单" not in page.locator("#log").inner_text()
    expect(desk.locator(".row", has_text="燃气泄漏").first).to_contain_text("闻到煤气味")


@pytest.mark.processes
def test_a_human_takes_over_answers_and_gives_back(browser: Browser, world: World, staff: None) -> None:
    desk = console(browser, world, "lin")
    page = phone(browser, world)
    say(page, "楼道灯坏了说不清楚，我想找人工客服")
    say(page, "转人工")
    row = desk.locator(".row", has_text="转人工").first
    row.click()
    desk.locator("[data-act=claim]").first.click()
    hears(page, "小林")
    desk.fill("#words", "您好，我是小林，您慢慢说。")
    desk.press("#words", "Enter")
    hears(page, "您慢慢说")
    say(page, "我家楼道灯不亮")
    expect(desk.locator("#lines")).to_contain_text("我家楼道灯不亮")
    shot(desk, "console")
    silent = page.locator("#log").inner_text()
    assert silent.rstrip().count("路灯不亮") == 0  # the bot is silent under a human
    _twice(desk, "[data-act=return]")
    hears(page, "现在由我继续为您服务")


def _twice(page: Page, selector: str) -> None:
    """Buttons that end something ask to be pressed again."""
    button: Any = page.locator(selector).first
    button.click()
    button.click()


@pytest.mark.processes
def test_in_english(browser: Browser, world: World) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB").new_page()
    page.goto(f"{world.base}/?language=en")
    say(page, "I smell gas, there is a gas leak in my kitchen")
    expect(page.locator(".card.emergency a.call").first).to_have_attribute("href", "tel:119")
    hears(page, "119")
    expect(page.locator(".card.emergency")).not_to_contain_text("先关总阀")
