"""Words typed in place of a button that is offered: its title, "第一个", "选桂香"; or a question on the last answer."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.choice import parse
from bot.domain.follow_up import facet

Button = Mapping[str, str]
Offer = tuple[Sequence[Button], Sequence[Mapping[str, Any]]]
"""What a message offers: its own buttons ({id, title}) and its cards, which have buttons of their own."""
LONGEST = 40
RECENT = 4
"""Messages in which a list still counts as what is being talked about."""
LISTED = frozenset({"provider", "item"})
"""Verbs of buttons that stand in a list, one like the other."""
_FIRST_FEW = {"一": 0, "1": 0, "二": 1, "两": 1, "2": 1, "三": 2, "3": 2, "四": 3, "4": 3, "五": 4, "5": 4}
_TAKE = r"(?:我|那|就|想|还是)*(?:选|要|挑|找|联系|用)?"
_END = r"(?:师傅)?(?:吧|好了|了|就行|可以)?"
_ORDINAL = re.compile(rf"{_TAKE}(?:第([一二两三四五1-5])(?:个|家|项|位|种|条)?|([一二两三1-3])(?:家|号店)){_END}"
                      r"|(?:the |number )?(first|second|third|fourth|fifth)(?: one)?", re.IGNORECASE)
_ENGLISH = ("first", "second", "third", "fourth", "fifth")
_NAMED = re.compile(rf"(?:我|那|就|想|还是)*(?:选|要|挑|找|联系)(.{{2,20}}?)(?:家|这家|那家)?{_END}")


def typed_choice(words: str, offers: Sequence[Offer]) -> str:
    """The id of the button that the words stand for, of what was offered, the newest first; '' where they are none. A
    position counts in the newest list; a question such as 要多久 is about the newest answer (`explain:<item>`); a name
    counts where it is part of one provider's title only."""
    said = words.strip(" 。.!！").casefold()
    if not said or len(said) > LONGEST:
        return ""
    offered = [button for offer in offers for button in _all(offer)]
    named = next((b for b in offered if b["title"].strip().casefold() == said), None)
    if named is not None:
        return named["id"]
    if facet(said) and (answered := _answered(offers)):
        return f"explain:{answered}"
    listed = next((found for offer in offers[:RECENT] if (found := _list(offer))), [])
    at, of_shops = _position(said)
    if at is not None:
        fits = [b for b in listed if _verb(b) == "provider"] if of_shops else listed
        return fits[at]["id"] if at < len(fits) else ""
    part = _NAMED.fullmatch(said)
    fits = [b for b in listed if part and _verb(b) == "provider" and part[1] in b["title"].casefold()]
    return fits[0]["id"] if len(fits) == 1 else ""


def _all(offer: Offer) -> list[Button]:
    buttons, cards = offer
    return [*buttons, *(button for card in cards for button in card["buttons"])]


def _list(offer: Offer) -> list[Button]:
    """Its providers, else its items."""
    found = [button for button in _all(offer) if _verb(button) in LISTED]
    return [b for b in found if _verb(b) == "provider"] or found


def _answered(offers: Sequence[Offer]) -> str:
    """The item that the newest answer is about: it offers to register the matter."""
    for buttons, _ in offers[:2]:
        for button in buttons:
            if _verb(button) == "ticket" and button["id"].count(":") == 1:
                return button["id"].partition(":")[2]
    return ""


def _verb(button: Button) -> str:
    choice = parse(button["id"])
    return choice.verb if choice else ""


def _position(said: str) -> tuple[int | None, bool]:
    """(place in a list, whether it is one of shops)."""
    found = _ORDINAL.fullmatch(said)
    if found is None:
        return None, False
    number = found[1] or found[2]
    return (_FIRST_FEW[number] if number else _ENGLISH.index(found[3])), "家" in said or "号店" in said
