"""Texts as sparse rows: TF-IDF of character n-grams, of words with their neighbours, of concepts.

Characters carry typing errors and words unseen by the dictionary; words carry meaning over distance; concepts
(`concepts.py`) what different words share. Weights are
(1 + log count) × smoothed inverse document frequency, rows of length 1 (Salton & Buckley 1988). Words come from jieba.
"""

import logging
from typing import Dict, Iterable, Iterator, Sequence, Tuple

import jieba
import numpy as np
from scipy.sparse import csr_matrix

from nlu.concepts import Concepts

jieba.setLogLevel(logging.ERROR)
WORD = "\x00"
"""Begins every unit made of words."""
Counts = Tuple[np.ndarray, np.ndarray]
"""The features of a text by number, and how often each occurs."""
LONGEST = 400
"""Characters read of a text: what a need is has been said by then, and 100 KB must not cost a second."""


class Features:
    """A vocabulary with its weights: n-grams of 1 to 3 characters, concepts, words and pairs of words."""

    def __init__(self, rarest: int = 3) -> None:
        self._rarest = rarest
        self._concepts = Concepts.read()
        self._index: Dict[str, int] = {}
        self._weights = np.zeros(0, np.float32)
        self._wordless = np.zeros(0, np.int32)

    def fit(self, texts: Sequence[str]) -> csr_matrix:
        """Learn what occurs in at least `rarest` texts; returns their rows."""
        ids: Dict[str, int] = {}
        found = [_counted(ids.setdefault(unit, len(ids)) for unit in self._units(text)) for text in texts]
        spread = np.bincount(np.concatenate([at for at, _ in found]), minlength=len(ids))
        kept = sorted(unit for unit, at in ids.items() if spread[at] >= self._rarest)
        seen = spread[[ids[unit] for unit in kept]].astype(np.float32)
        place = np.full(len(ids), -1, np.int32)
        place[[ids[unit] for unit in kept]] = np.arange(len(kept))
        self._index = {unit: i for i, unit in enumerate(kept)}
        self._weights = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        plain = np.array([not unit.startswith(WORD) for unit in kept])
        self._wordless = np.where(plain, np.cumsum(plain) - 1, -1).astype(np.int32)
        return self._rows((at[at >= 0], n[at >= 0]) for at, n in ((place[at], n) for at, n in found))

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Rows of new texts; units never learnt are left out."""
        return self._rows(map(self._known, texts))

    def without_words(self, rows: csr_matrix) -> csr_matrix:
        """The same rows over n-grams and concepts only, again of length 1."""
        at = self._wordless[rows.indices]
        keep = at >= 0
        ends = np.concatenate([[0], np.cumsum(keep)])[rows.indptr]
        values = rows.data[keep]
        squares = np.concatenate([[0.0], np.cumsum(values.astype(np.float64) ** 2)])
        lengths = np.sqrt(np.maximum(squares[ends[1:]] - squares[ends[:-1]], 1e-12))
        values = values / np.repeat(lengths, np.diff(ends)).astype(np.float32)
        return csr_matrix((values, at[keep], ends), shape=(rows.shape[0], int(self._wordless.max(initial=-1)) + 1))

    def _known(self, text: str) -> Counts:
        index = self._index
        return _counted(at for unit in self._units(text) if (at := index.get(unit)) is not None)

    def _rows(self, counted: Iterable[Counts]) -> csr_matrix:
        ids, values, ends = [], [], [0]
        for at, counts in counted:
            row = (1 + np.log(counts)) * self._weights[at]
            ids.append(at)
            values.append(row / max(float(np.sqrt(row @ row)), 1e-9))
            ends.append(ends[-1] + len(at))
        shape = (len(ends) - 1, max(len(self._index), 1))
        return csr_matrix((np.concatenate(values), np.concatenate(ids), np.array(ends)), shape=shape, dtype=np.float32)

    def _units(self, text: str) -> Iterator[str]:
        text = text[:LONGEST]
        yield from self._concepts.units(text)
        bounded = f"\x02{text}\x03"
        for size in (1, 2, 3):
            for i in range(len(bounded) - size + 1):
                yield bounded[i:i + size]
        words = [word for word in jieba.cut(text) if not word.isspace()]
        for word in words:
            yield WORD + word
        for pair in zip(words, words[1:]):
            yield WORD + WORD.join(pair)


def _counted(numbers: Iterable[int]) -> Counts:
    """Each number once, in the order they came, and how often it did. Arrays, because in training there are as many of
    these as texts: dictionaries of strings took a gigabyte."""
    counts: Dict[int, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    return np.fromiter(counts.keys(), np.int32, len(counts)), np.fromiter(counts.values(), np.float32, len(counts))
