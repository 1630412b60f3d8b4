"""Which of many texts and places are about one matter: leaders and those near them, in one pass, without chains."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import log, sqrt
from typing import TypeVar

ALIKE = 0.4
"""Cosine from which on two texts say the same."""
COMMON = 0.2
"""Pieces in more than this share of all texts tell nothing."""
FEW = 200
T = TypeVar("T")


def grams(words: str) -> list[str]:
    """Pairs and triples of letters, without space and punctuation."""
    kept = "".join(c for c in words.casefold() if c.isalnum())
    return [kept[n:n + size] for size in (2, 3) for n in range(len(kept) - size + 1)]


def leaders(things: Sequence[T], same: Callable[[T, T], bool]) -> list[list[int]]:
    """Groups of indexes: each thing joins the first group whose first member is the same, else begins one. Everything
    in a group is near its first member, so that a row of neighbours does not become one group."""
    groups: list[list[int]] = []
    for n, thing in enumerate(things):
        home = next((group for group in groups if same(things[group[0]], thing)), None)
        groups.append([n]) if home is None else home.append(n)
    return groups


def alike(texts: Sequence[str], least: float = ALIKE) -> list[list[int]]:
    """Groups of indexes of texts that share most of their rarer pieces (cosine of tf-idf), as `leaders`."""
    vectors = _vectors(texts)
    groups: list[list[int]] = []
    where: dict[str, list[int]] = defaultdict(list)  # piece → groups whose leader has it
    for n, vector in enumerate(vectors):
        near: dict[int, float] = defaultdict(float)
        for piece, weight in vector.items():
            for group in where[piece]:
                near[group] += weight * vectors[groups[group][0]][piece]
        best = max(near, key=lambda group: (near[group], -group), default=None)
        if best is not None and near[best] >= least:
            groups[best].append(n)
            continue
        for piece in vector:
            where[piece].append(len(groups))
        groups.append([n])
    return groups


def _vectors(texts: Sequence[str]) -> list[dict[str, float]]:
    counted = [Counter(grams(words)) for words in texts]
    spread = Counter(piece for counts in counted for piece in counts)
    many = max(len(texts), FEW)  # among a few texts, three that say the same do not make it common
    return [_unit({piece: count * log(1 + many / spread[piece]) for piece, count in counts.items()
                   if spread[piece] <= COMMON * many}) for counts in counted]


def _unit(vector: dict[str, float]) -> dict[str, float]:
    length = sqrt(sum(weight * weight for weight in vector.values()))
    return {piece: weight / length for piece, weight in vector.items()} if length else {}
