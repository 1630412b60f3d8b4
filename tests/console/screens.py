"""`make screens`: a picture of every page at two widths in docs/screens/. Not a test: it is run by name only."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from bot.config import ROOT
from tests.console.sample import chat_address, day, opened, places
from tests.support.pages import PAGES, Shown

__all__ = ["chat_address", "day", "opened", "places"]
FOLDER = ROOT / "docs" / "screens"
SIZES = {1280: 720, 390: 844}
COLOURS = 64
SHADE = 48
PICTURES = [(p, language) for p in PAGES if not p.secret for language in ("zh", "en") if language == "zh" or p.english]


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("shown, language", PICTURES, ids=[f"{p.name}-{language}" for p, language in PICTURES])
def test_picture(opened: Callable[..., Any], shown: Shown, language: str, width: int) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    page = opened(shown, language, width, SIZES[width])
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.evaluate("document.querySelector('#scroller')?.scrollTo(0, 1e6)")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    file = FOLDER / f"{shown.name}{'-en' if language == 'en' else ''}-{width}.png"
    if not same(file, picture):
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def same(file: Path, picture: Image.Image) -> bool:
    """Whether the kept picture shows the same. Edges come out a shade different from one run to the next."""
    if not file.exists():
        return False
    with Image.open(file) as opened_file:
        kept = opened_file.convert("RGB")
    quantized = picture.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")
    if kept.size != quantized.size:
        return False
    return max(most for _, most in ImageChops.difference(kept, quantized).getextrema()) <= SHADE
