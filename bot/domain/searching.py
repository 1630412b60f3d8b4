"""Words as a ticket is found by: pairs of neighbouring Chinese characters, whole words of letters and digits, and the
number's end, which is what people read out. Pairs need no dictionary and find every part of a word (as Lucene's
CJKAnalyzer does)."""

import re
from unicodedata import normalize

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
LONGEST = 2000
NUMBER_ENDS = (7, 6, 5, 4)


def marks(words: str, number: str = "") -> str:
    """All marks of a text, each once, with blanks between them."""
    found = [mark for run in _runs(words) for mark in (*_pairs(run), run[-1] if run > "\u3400" else run)]
    plain = number.lower()
    ends = [plain[-n:] for n in NUMBER_ENDS] if plain else []
    return " ".join(dict.fromkeys([*([plain] if plain else []), *ends, *found]))


def wanted(words: str) -> list[tuple[str, bool]]:
    """The marks that must all be there; True where one only has to begin so (a single character, a word being
    typed)."""
    asked: list[tuple[str, bool]] = []
    for run in _runs(words):
        chinese = run > "\u3400"
        pairs = _pairs(run)
        asked += [(mark, len(mark) == 1 if chinese else True) for mark in pairs]
    return list(dict.fromkeys(asked))[:12]


def _runs(words: str) -> list[str]:
    return _RUN.findall(normalize("NFKC", words[:LONGEST]).lower())


def _pairs(run: str) -> list[str]:
    if run < "\u3400" or len(run) == 1:
        return [run]
    return [run[i:i + 2] for i in range(len(run) - 1)]
