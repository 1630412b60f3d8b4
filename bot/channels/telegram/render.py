"""A message as Telegram shows it: plain text in parts that fit, and a keyboard under the last one."""

import logging
import unicodedata

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.contract import Outgoing
from bot.channels.telegram.buttons import all_buttons, encode
from bot.i18n import text

log = logging.getLogger(__name__)
LIMIT_UNITS = 4096
"""What Telegram takes in one message, in UTF-16 units."""
CAPTION_UNITS = 1024
"""What it takes under a photo or a document."""
ROW_COLUMNS = 28
ROW_BUTTONS = 3
MAX_BUTTONS = 100
TITLE_LENGTH = 64
_BREAKS = ("\n\n", "\n", "。", "！", "？", "；", ". ", "，", " ")
_JOINER = "\u200d"


def parts(message: Outgoing) -> list[str]:
    """The texts to send, at least one. Cards are blocks after the text; a line said already is not said again. With a
    file the first one is its caption."""
    said = _sound(message.text).strip()
    blocks = [said, *(_block(card, said) for card in message.cards)]
    whole = "\n\n".join(block for block in blocks if block)
    if message.file is not None:
        return _captioned(whole)
    return split(whole) or [text("telegram.choose", message.language)]


def keyboard(message: Outgoing) -> InlineKeyboardMarkup | None:
    """The buttons, those of the cards first, in rows by how wide their titles are."""
    offered = all_buttons(message.buttons, message.cards)
    own = len(message.buttons)
    shown: dict[str, InlineKeyboardButton] = {}
    for index in [*range(own, len(offered)), *range(own)]:
        button = offered[index]
        title = _sound(button["title"]).strip()[:TITLE_LENGTH]
        if title and button["id"] not in shown:
            data = encode(message.message_id, index, button["id"])
            shown[button["id"]] = InlineKeyboardButton(title, callback_data=data)
    if len(shown) > MAX_BUTTONS:
        log.warning("message %s has %s buttons, Telegram shows %s", message.message_id, len(shown), MAX_BUTTONS)
    return InlineKeyboardMarkup(_rows(list(shown.values())[:MAX_BUTTONS])) if shown else None


def split(words: str, limit: int = LIMIT_UNITS) -> list[str]:
    """Cut into pieces of at most `limit` UTF-16 units, at a paragraph, line, sentence or space where there is one,
    and never inside a character, an emoji of several parts included."""
    pieces = []
    rest = words.strip()
    while rest:
        fits = _fitting(rest, limit)
        cut = fits if fits == len(rest) else _good_place(rest, fits)
        piece, rest = rest[:cut].rstrip(), rest[cut:].lstrip()
        if piece:
            pieces.append(piece)
    return pieces


def units(words: str) -> int:
    """Length in UTF-16 units."""
    return len(words) + sum(c > "\uffff" for c in words)


def _captioned(words: str) -> list[str]:
    """The caption first, which may be empty, then what does not fit under the photo."""
    caption = next(iter(split(words, CAPTION_UNITS)), "")
    return [caption, *split(words.strip()[len(caption):])]


def _block(card: dict[str, object], said: str) -> str:
    title, phone = _sound(str(card["title"])).strip(), _sound(str(card["phone"])).strip()
    body = [_sound(str(line)).strip() for line in card["lines"]]  # type: ignore[attr-defined]
    lines = [f"▪ {title}" if title else "", *(line for line in body if line not in said), f"☎ {phone}" if phone else ""]
    return "\n".join(line for line in lines if line)


def _sound(words: str) -> str:
    """Without lone surrogates and NUL, which no JSON or form field carries: they would fail again on every try."""
    return words.encode("utf-8", "ignore").decode().replace("\x00", "")


def _fitting(words: str, limit: int) -> int:
    """How many characters from the start fit."""
    used = 0
    for count, character in enumerate(words):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return count
    return len(words)


def _good_place(words: str, end: int) -> int:
    """The best place to cut at or before `end`, in the second half."""
    for mark in _BREAKS:
        found = words.rfind(mark, end // 2, end)
        if found >= 0:
            return found + len(mark)
    cut = end
    while cut > end // 2 and (_clings(words[cut]) or words[cut - 1] == _JOINER):
        cut -= 1
    return cut


def _clings(character: str) -> bool:
    """Belongs to the character before it: a combining mark, a variation selector, a joiner, a skin tone."""
    return (unicodedata.category(character) in ("Mn", "Me", "Mc") or character == _JOINER
            or "\U0001f3fb" <= character <= "\U0001f3ff")


def _rows(buttons: list[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    rows: list[list[InlineKeyboardButton]] = []
    room = 0
    for button in buttons:
        width = _columns(button.text)
        if not rows or width > room or len(rows[-1]) == ROW_BUTTONS:
            rows.append([])
            room = ROW_COLUMNS
        rows[-1].append(button)
        room -= width
    return rows


def _columns(title: str) -> int:
    """Width on the screen; a button's margin counts as two."""
    return 2 + sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in title)
