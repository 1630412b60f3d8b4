"""No serious finding of axe-core on any console page, light and dark, in both languages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from bot.domain.access import Actor
from bot.services import handoffs, signing_in
from bot.storage import transaction
from tests.console.conftest import PASSWORD
from tests.support.pages import PAGES, Shown

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
GRAVE = ("serious", "critical")


@pytest.fixture
def places(citizen: Callable[..., tuple[str, int]], ticket: Callable[..., str], account: Callable[[str], Actor]) -> dict[str, str]:
    """Somebody with the operator, somebody waiting, an emergency, a ticket."""
    mine, number = citizen("陈阿姨", "楼下烧烤摊每晚炒到一点，油烟全飘进来，转人工")
    waiting, _ = citizen("老周", "转人工")
    wangfang = account("wangfang")
    with transaction() as session:
        handoffs.claim(session, number, wangfang)
    return {"mine": mine, "waiting": waiting, "ticket": ticket()}


@pytest.fixture
def opened(chromium: Any, address: str, account: Callable[[str], Actor], places: dict[str, str]) -> Iterator[Callable[..., Any]]:
    contexts = []

    def open_one(shown: Shown, scheme: str, language: str) -> Any:
        context = chromium.new_context(viewport={"width": 1280, "height": 720}, color_scheme=scheme, bypass_csp=True)
        contexts.append(context)
        cookies = [{"name": "hotline_lang", "value": language, "url": f"{address}/console"}]
        if shown.who:
            account(shown.who)
            with transaction() as session:
                signed = signing_in.sign_in(session, shown.who, PASSWORD)
            assert signed
            cookies.append({"name": "hotline_session", "value": signed[0], "url": f"{address}/console"})
        context.add_cookies(cookies)
        page = context.new_page()
        answer = page.goto(address + shown.path.format(**places))
        assert answer.status == (404 if shown.name == "nowhere" else 200), f"{shown.name}: {answer.status}"
        shown.does(page)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scheme, language", [("light", "zh"), ("dark", "en")])
@pytest.mark.parametrize("shown", PAGES, ids=[p.name for p in PAGES])
def test_no_serious_finding(opened: Callable[..., Any], shown: Shown, scheme: str, language: str) -> None:
    page = opened(shown, scheme, language)
    page.evaluate(AXE)
    found = [f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:3]}" for v in page.evaluate(RUN)
             if v["impact"] in GRAVE]
    assert found == []


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_a_serious_fault_would_be_found(opened: Callable[..., Any]) -> None:
    page = opened(PAGES[0], "light", "zh")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"/console/static/icon.svg\">')")
    page.evaluate(AXE)
    assert "image-alt" in [v["id"] for v in page.evaluate(RUN) if v["impact"] in GRAVE]
