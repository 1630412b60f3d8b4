"""Words that mean the same to a hotline, as one feature: 外孙, 娃 and 小家伙 are all a child.

The file `data/concepts/concepts.csv` is a small hand-made thesaurus of the scenes in which the words matter most. A
text's concepts, and every two that meet in it ("child" with "vanished", "machine" with "fire"), are features beside its
n-grams, so that a sentence with a word never seen in training still says what it is about.
"""

import csv
import re
from itertools import combinations
from pathlib import Path
from typing import Dict, Iterator, List

FILE = Path(__file__).resolve().parent.parent / "data" / "concepts" / "concepts.csv"


class Concepts:
    """Which concepts a normalised text names."""

    def __init__(self, words: Dict[str, List[str]]) -> None:
        self._concepts: Dict[str, List[str]] = {}
        for concept, names in words.items():
            for name in names:
                self._concepts.setdefault(name, []).append(concept)
        names = sorted(self._concepts, key=len, reverse=True)
        self._pattern = re.compile("(?=(" + "|".join(map(re.escape, names)) + "))") if names else None

    @classmethod
    def read(cls, file: Path = FILE) -> "Concepts":
        """From the CSV (columns concept, words separated by |); none where there is no such file."""
        if not file.exists():
            return cls({})
        with file.open(encoding="utf-8", newline="") as handle:
            return cls({row["concept"]: [w for w in row["words"].split("|") if w] for row in csv.DictReader(handle)})

    def units(self, text: str) -> Iterator[str]:
        """Each concept once, and each pair."""
        if self._pattern is None:
            return
        found = sorted({c for hit in self._pattern.finditer(text) for c in self._concepts[hit.group(1)]})
        for concept in found:
            yield "\x01" + concept
        for pair in combinations(found, 2):
            yield "\x01" + "\x01".join(pair)
