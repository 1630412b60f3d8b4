"""Texts as sparse rows: TF-IDF of character n-grams, of words with their neighbours, of concepts.

Characters carry typing errors and words unseen by the dictionary; words carry meaning over distance; concepts
(`concepts.py`) what different words share. Weights are
(1 + log count) × smoothed inverse document frequency, rows of length 1 (Salton & Buckley 1988). Words come from jieba.
"""

import logging
from collections import Counter
from typing import Dict, Iterable, Iterator, Sequence

import jieba
import numpy as np
from scipy.sparse import csr_matrix

from nlu.concepts import Concepts

jieba.setLogLevel(logging.ERROR)
WORD = "\x00"
"""Begins every unit made of words."""
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
        counted = [Counter(self._units(text)) for text in texts]
        spread = Counter(unit for counts in counted for unit in counts)
        kept = sorted(unit for unit, n in spread.items() if n >= self._rarest)
        self._index = {unit: i for i, unit in enumerate(kept)}
        seen = np.array([spread[unit] for unit in kept], np.float32)
        self._weights = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        plain = np.array([not unit.startswith(WORD) for unit in kept])
        self._wordless = np.where(plain, np.cumsum(plain) - 1, -1).astype(np.int32)
        return self._rows({i: n for unit, n in counts.items() if (i := self._index.get(unit)) is not None}
                          for counts in counted)

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

    def _known(self, text: str) -> Dict[int, int]:
        index, counts = self._index, {}
        for unit in self._units(text):
            if (at := index.get(unit)) is not None:
                counts[at] = counts.get(at, 0) + 1
        return counts

    def _rows(self, counted: Iterable[Dict[int, int]]) -> csr_matrix:
        ids, values, ends = [], [], [0]
        for counts in counted:
            at = np.fromiter(counts.keys(), np.int32, len(counts))
            row = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * self._weights[at]
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
