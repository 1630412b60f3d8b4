"""Every text a person reads. `text(key, language, **facts)`; zh first, en complete (a test compares the two)."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")


@lru_cache
def messages(language: str) -> dict[str, str]:
    """All texts of a language by dotted key."""
    with (Path(__file__).parent / f"{language}.toml").open("rb") as handle:
        tables = tomllib.load(handle)
    return {f"{table}.{name}": words for table, entries in tables.items() for name, words in entries.items()}


def text(key: str, language: str = "zh", /, **facts: Any) -> str:
    """The text, with `{facts}` filled in. Raises KeyError for a key that does not exist."""
    return messages(language if language in LANGUAGES else "zh")[key].format_map(facts)
