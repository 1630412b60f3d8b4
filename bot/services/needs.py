"""Buttons for items of the catalogue, used wherever needs are offered."""

from collections.abc import Iterable

from bot.domain.draft import Draft
from bot.domain.message import Button
from bot.i18n import text
from bot.services.catalogue import catalogue
from bot.services.replies import Turn


def item_buttons(codes: Iterable[str], language: str) -> list[Button]:
    """One button per item that exists."""
    items = catalogue().items
    return [Button(f"item:{code}", items[code].name(language)) for code in codes if code in items]


def pending_buttons(turn: Turn, draft: Draft) -> list[Button]:
    """Needs the citizen named besides the one just served: "next: …"."""
    items = catalogue().items
    return [Button(f"item:{code}", text("button.next_need", turn.language, item=items[code].name(turn.language)))
            for code in draft.pending if code in items]
