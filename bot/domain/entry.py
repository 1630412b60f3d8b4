"""Reading what somebody typed into a field: each reader gives the value to store, or raises BadInput in words."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from bot.domain import hours as opening
from bot.domain.contact import read_phone
from bot.errors import BadInput

Reader = Callable[[Any], Any]
_CODE = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_SHORT_NUMBER = re.compile(r"1\d{2}|1[02-9]\d{3,4}|9\d{4,5}|[48]00-?\d{3}-?\d{4}")
"""110, 12345, 96178, 400 and 800 numbers: dialled here, unknown to the library."""


def words(limit: int) -> Reader:
    """Text of at most that many signs, without blanks around it."""

    def read(raw: Any) -> str:
        cleaned = str(raw if raw is not None else "").replace("\r\n", "\n").strip()
        if len(cleaned) > limit:
            raise BadInput("entry.too_long", most=limit)
        return cleaned

    return read


def code(limit: int = 32) -> Reader:
    """A name for machines: small letters, digits, hyphens. At most 32, as the history keeps it."""

    def read(raw: Any) -> str:
        cleaned = str(words(limit)(raw))
        if cleaned and not _CODE.fullmatch(cleaned):
            raise BadInput("entry.bad_code")
        return cleaned

    return read


def number(low: float, high: float) -> Reader:
    """A number between these; None where nothing was typed."""

    def read(raw: Any) -> float | None:
        typed = str(raw if raw is not None else "").strip()
        if not typed:
            return None
        try:
            value = float(typed)
        except ValueError as error:
            raise BadInput("entry.not_a_number", value=typed[:20]) from error
        if not low <= value <= high:
            raise BadInput("entry.out_of_range", low=f"{low:g}", high=f"{high:g}")
        return value

    return read


def whole(low: int, high: int) -> Reader:
    """A whole number between these; None where nothing was typed."""

    def read(raw: Any) -> int | None:
        value = number(low, high)(raw)
        if value is not None and value != int(value):
            raise BadInput("entry.not_whole")
        return None if value is None else int(value)

    return read


def one_of(*allowed: str) -> Reader:
    """One of these words."""

    def read(raw: Any) -> str:
        chosen = str(raw if raw is not None else "").strip()
        if chosen and chosen not in allowed:
            raise BadInput("entry.bad_choice", value=chosen[:40])
        return chosen

    return read


def flag(raw: Any) -> bool:
    """Yes or no, ticked or as a word in a table."""
    return raw if isinstance(raw, bool) else str(raw or "").strip().casefold() in ("1", "true", "yes", "on")


def phone(raw: Any) -> str:
    """A number that can be dialled, kept as it was typed: landlines with their area code, service numbers without."""
    typed = str(words(24)(raw))
    if typed and not read_phone(typed) and not _SHORT_NUMBER.fullmatch(typed.replace(" ", "")):
        raise BadInput("entry.bad_phone", value=typed)
    return typed


def hours(raw: Any) -> str:
    """Opening hours of `bot/domain/hours.py`."""
    typed = str(words(120)(raw))
    opening.parse(typed)
    return typed


def day(raw: Any) -> date | None:
    """A day as `2026-10-01`."""
    if isinstance(raw, date) or not str(raw or "").strip():
        return raw if isinstance(raw, date) else None
    try:
        return date.fromisoformat(str(raw).strip())
    except ValueError as error:
        raise BadInput("entry.bad_day", value=str(raw)[:20]) from error


def several(raw: Any) -> list[str]:
    """Words chosen from a list, or typed with `|`, commas or line breaks between them; each once."""
    parts = raw if isinstance(raw, list | tuple) else re.split(r"[|,，\n]", str(raw or ""))
    return list(dict.fromkeys(p for p in (str(part).strip() for part in parts) if p))


def barred(limit: int) -> Reader:
    """Phrases, one a line or with `|` between them, kept as `one|two`."""

    def read(raw: Any) -> str:
        parts = raw if isinstance(raw, list | tuple) else re.split(r"[|\n]", str(raw or ""))
        kept = dict.fromkeys(p for p in (str(part).strip() for part in parts) if p)
        return str(words(limit)("|".join(kept)))

    return read
