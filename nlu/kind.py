"""Consult, help, complaint or suggestion: learnt from labelled sentences, leaning on what the item usually is.

A small net over the sentence's n-grams and words, the item, its usual kinds and its first one: "楼上天天半夜拖椅子" on a
nuisance is a complaint, "怎么申请" on a benefit a consult, and what the words leave open follows the catalogue.
"""

import csv
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix, hstack

from nlu.features import Features
from nlu.linear import numbered
from nlu.net import Net, Recipe

KINDS = ("consult", "help", "complaint", "suggestion")
RECIPE = Recipe(hidden=64, epochs=10, batch=256, rate=2e-3, embedding_rate=4e-3)
ITEM, USUAL = 0.3, 0.5
"""How much the item itself and its usual kinds weigh beside the words, whose row has length 1."""


class KindModel:
    """Fitted when made."""

    def __init__(self, examples: Sequence[Tuple[str, str, str]], items: Dict[str, Dict[str, Any]]) -> None:
        """`examples`: (normalised text, item code, kind); `items` as in `CatalogueRows`."""
        self._items, self._number = items, {code: i for i, code in enumerate(sorted(items))}
        known = [(text, item, kind) for text, item, kind in examples if item in items and kind in KINDS]
        self._features = Features(rarest=2)
        words = self._features.fit([text for text, _, _ in known])
        rows = hstack([words, self._sides([item for _, item, _ in known])]).tocsr()
        self._classes, targets = numbered([kind for _, _, kind in known])
        self._net = Net(rows, targets, len(self._classes), RECIPE)

    def kinds(self, needs: Sequence[Tuple[str, str]]) -> List[Optional[str]]:
        """The kind of each (normalised text, item); None for an item it does not know."""
        known = [(text, item) for text, item in needs if item in self._items]
        if not known:
            return [None] * len(needs)
        words = self._features.transform([text for text, _ in known])
        rows = hstack([words, self._sides([item for _, item in known])]).tocsr()
        found = iter(np.argmax(self._net.scores(rows), axis=1))
        return [self._classes[int(next(found))] if item in self._items else None for _, item in needs]

    def _sides(self, codes: List[str]) -> csr_matrix:
        sides = np.zeros((len(codes), len(self._number) + 2 * len(KINDS)), np.float32)
        at = len(self._number)
        for row, code in zip(sides, codes):
            usual = usual_kinds(self._items[code])
            row[self._number[code]] = ITEM
            row[at + KINDS.index(usual[0])] = USUAL
            for kind in usual:
                row[at + len(KINDS) + KINDS.index(kind)] = USUAL
        return csr_matrix(sides)


def usual_kinds(item: Dict[str, Any]) -> List[str]:
    """The catalogue's request kinds of an item, the default first."""
    return ["help", "consult"] if item["life"] else list(item["kinds"]) or ["consult"]


def read_examples(file: Path) -> List[Tuple[str, str, str]]:
    """(text, item, kind) from `data/kinds/utterances.csv`; none where there is no such file."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as handle:
        return [(row["text"], row["item"], row["kind"]) for row in csv.DictReader(handle)]
