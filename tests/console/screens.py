"""`make screens`: a picture of every console page at two widths in docs/screens/. Not a test: it is run by name only."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from bot.config import ROOT
from tests.console.test_accessibility import opened, places
from tests.support.pages import PAGES, Shown

__all__ = ["opened", "places"]
FOLDER = ROOT / "docs" / "screens"
SIZES = {1280: 720, 390: 844}
COLOURS = 64


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
@pytest.mark.parametrize("shown", PAGES, ids=[p.name for p in PAGES])
def test_picture(opened: Callable[..., Any], shown: Shown) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    page = opened(shown, "light", "zh")
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("document.fonts.status === 'loaded'")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
        picture.save(FOLDER / f"{shown.name}-{width}.png", optimize=True)
