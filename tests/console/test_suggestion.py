"""The operator finds a reply ready to send: the department, the vendors nearby, or what to do in danger."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bot.domain.handoff import Reason
from bot.storage import Handoff, transaction
from tests.console.conftest import Seat, said, take, words_of

Citizens = Callable[..., tuple[str, int]]


def about(handoff: int, item: str) -> None:
    with transaction() as session:
        session.get_one(Handoff, handoff).item = item


@pytest.mark.parametrize("item, words", [
    ("streetlight-out", "由区综合行政执法局（城管）负责"), ("drain-unclogging", "离您近的有"), ("", ""),
])
def test_what_the_hotline_would_say(seat: Callable[[str], Seat], citizen: Citizens, item: str, words: str) -> None:
    conversation, handoff = citizen("陈阿姨", "转人工")
    about(handoff, item)
    page = words_of(seat("wangfang").page(f"/console/conversations/{conversation}"))
    assert ("可以这样答" in page) == bool(words)
    assert words in page


def test_in_danger_what_to_do_comes_first(seat: Callable[[str], Seat], citizen: Citizens) -> None:
    conversation, handoff = citizen("陈阿姨", "闻到煤气味", Reason.EMERGENCY, "gas-leak")
    about(handoff, "streetlight-out")
    page = words_of(seat("wangfang").page(f"/console/conversations/{conversation}"))
    assert "先关总阀" in page.split("可以这样答")[1].split("用这段")[0]


def test_one_key_puts_it_into_the_box_and_it_is_sent_only_when_she_sends_it(
    desk: Callable[..., Page], citizen: Citizens
) -> None:
    conversation, handoff = citizen("陈阿姨", "转人工")
    about(handoff, "streetlight-out")
    page = desk()
    take(page, "陈阿姨")
    page.keyboard.type("您好！")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    ready = str(page.locator("#suggestion").text_content()).strip()
    expect(page.locator("#words")).to_have_value(f"您好！\n{ready}")
    assert said(conversation) == []
    page.keyboard.press("Enter")
    expect(page.locator("#lines .operator .text")).to_contain_text("您好！")
