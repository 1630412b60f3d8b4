"""No serious finding of axe-core on any page, light and dark, on a desk and on a phone, in both languages."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from tests.console.sample import chat_address, day, opened, places
from tests.support.pages import PAGES, Shown

__all__ = ["chat_address", "day", "opened", "places"]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
GRAVE = ("serious", "critical")
SIZES = ((1280, 720), (390, 844))
SCHEMES = {"zh": ("light", "dark"), "en": ("light",)}
"""Colours are the same in both languages; only lengths differ."""
LOOKED_AT = [(p, languages) for p in PAGES for languages in ((("zh", "en"),) if p.quiet else (("zh",), ("en",)))]
"""Both languages on one morning, unless something is done on the page, which can be done once."""


def findings(page: Any) -> list[str]:
    return [f"{v['id']}: {v['help']} {[(n['target'], n['html'][:100]) for n in v['nodes']][:3]}"
            for v in page.evaluate(RUN) if v["impact"] in GRAVE]


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
@pytest.mark.parametrize("shown, languages", LOOKED_AT, ids=[f"{p.name}-{'-'.join(ls)}" for p, ls in LOOKED_AT])
def test_no_serious_finding(opened: Callable[..., Any], shown: Shown, languages: tuple[str, ...]) -> None:
    found = {}
    for language in languages:
        page = opened(shown, language)
        page.evaluate(AXE)
        for scheme, (width, height) in itertools.product(SCHEMES[language], SIZES):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": height})
            if grave := findings(page):
                found[language, scheme, width] = grave
    assert found == {}


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_a_serious_fault_would_be_found(opened: Callable[..., Any]) -> None:
    page = opened(next(p for p in PAGES if p.name == "login"))
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"/console/static/icon.svg\">')")
    page.evaluate(AXE)
    assert [found.partition(":")[0] for found in findings(page)] == ["image-alt"]


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_both_colour_schemes_are_looked_at(opened: Callable[..., Any]) -> None:
    page = opened(next(p for p in PAGES if p.name == "login"))
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]
