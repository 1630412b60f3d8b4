"""Words as a ticket is found by: pairs of neighbouring Chinese characters, whole words of letters and digits, and the
number's beginning and end, which is what people type and read out. Pairs need no dictionary and find every part of a
word (as Lucene's CJKAnalyzer does)."""

import re
from unicodedata import normalize

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_NUMBER = re.compile(r"([a-z]{1,4})(\d{4,})")
LONGEST = 2000
NUMBER_ENDS = (7, 6, 5, 4)
NUMBER_BEGINS = (4, 6, 8)
"""Digits after its letters: a year, a month, a day."""


def marks(words: str, number: str = "") -> str:
    """All marks of a text, each once, with blanks between them."""
    found = [mark for run in _runs(words) for mark in (*_pairs(run), run[-1] if run > "\u3400" else run)]
    return " ".join(dict.fromkeys([*_of_number(number.lower()), *found]))


def wanted(words: str) -> list[tuple[str, bool]]:
    """The marks that must all be there; True where one only has to begin so (a single character, a word being
    typed)."""
    asked: list[tuple[str, bool]] = []
    for run in _runs(words):
        if number := _NUMBER.fullmatch(run):
            asked.append((_part_of_number(*number.groups()), False))
        elif run > "\u3400":
            asked += [(mark, len(mark) == 1) for mark in _pairs(run)]
        else:
            asked.append((run, True))
    return list(dict.fromkeys(asked))[:12]


def _of_number(plain: str) -> list[str]:
    """The whole number, its day, month and year, its last digits."""
    letters = plain.rstrip("0123456789")
    begins = [f"no={plain[:len(letters) + n]}" for n in NUMBER_BEGINS]
    return [f"no={plain}", *begins, *(f"end={plain[-n:]}" for n in NUMBER_ENDS)] if plain else []


def as_end(mark: str) -> str:
    """Digits as the last ones of a number; "" where they cannot be."""
    return f"end={mark}" if mark.isdigit() and len(mark) in NUMBER_ENDS else ""


def _part_of_number(letters: str, digits: str) -> str:
    """A number that is not whole is as good as its day, month or year."""
    if len(digits) >= 12:
        return f"no={letters}{digits}"
    return f"no={letters}{digits[:max(n for n in NUMBER_BEGINS if n <= len(digits))]}"


def _runs(words: str) -> list[str]:
    return _RUN.findall(normalize("NFKC", words[:LONGEST]).lower())


def _pairs(run: str) -> list[str]:
    if run < "\u3400" or len(run) == 1:
        return [run]
    return [run[i:i + 2] for i in range(len(run) - 1)]
