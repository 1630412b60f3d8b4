"""What a citizen sends and what the hotline says, free of any channel."""

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.domain.pinyin import looks_like_pinyin

Sender = Literal["citizen", "bot", "operator", "system"]
Kind = Literal["text", "choice", "location", "photo", "voice"]


@dataclass(frozen=True)
class Location:
    """WGS84 degrees."""

    lat: float
    lon: float

    def valid(self) -> bool:
        """Finite and on the globe."""
        return -90 <= self.lat <= 90 and -180 <= self.lon <= 180


@dataclass(frozen=True)
class Incoming:
    """One thing a citizen sent. `external_id` is the channel's own id: the same id again is a redelivery.

    `trusted`: the choice was made by a command the channel knows, so no button need have offered it. `replied_to` are
    the words of the hotline's message that this one answers, where the channel says so.
    """

    external_id: str
    kind: Kind = "text"
    text: str = ""
    choice: str = ""
    location: Location | None = None
    attachment: str = ""
    edited: bool = False
    trusted: bool = False
    replied_to: str = ""


@dataclass(frozen=True)
class Button:
    """A choice offered. `id` comes back when it is pressed; only offered ids are accepted."""

    id: str
    title: str

    def as_dict(self) -> dict[str, str]:
        return {"id": self.id, "title": self.title}


@dataclass(frozen=True)
class Card:
    """A provider, ticket or emergency shown as a block: title, lines of text, a number to call, its own buttons."""

    kind: str
    title: str
    lines: list[str] = field(default_factory=list)
    phone: str = ""
    buttons: list[Button] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "title": self.title,
            "lines": self.lines,
            "phone": self.phone,
            "buttons": [b.as_dict() for b in self.buttons],
        }


def clean_text(raw: str, limit: int) -> tuple[str, bool]:
    """Text fit to store and show: NUL and other control characters out, at most `limit` characters.

    Returns the text and whether it was cut. Newlines and tabs stay; lone surrogates go, PostgreSQL takes neither
    them nor NUL.
    """
    kept = "".join(c for c in raw if c in "\n\t" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) != 127))
    kept = kept.strip()
    return kept[:limit], len(kept) > limit


def looks_english(text: str) -> bool:
    """Prose without CJK and with two Latin words or more, which is not pinyin: the writer probably wants English. Code
    is no prose."""
    prose = sum(c.isascii() and (c.isalnum() or c in " .,'!?-\n") for c in text)
    if any("\u3400" <= c <= "\u9fff" for c in text) or prose < 0.9 * len(text):
        return False
    words = [w for w in "".join(c if c.isascii() and c.isalpha() else " " for c in text).split() if len(w) > 1]
    return len(words) >= 2 and not looks_like_pinyin(text)
