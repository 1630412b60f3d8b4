"""A small neural net over n-grams: an embedding for each feature, summed, one hidden layer, a softmax.

The shape of fastText (Joulin et al. 2017) with a rectifier after the sum, label smoothing (Szegedy et al. 2016) and
dropout (Srivastava et al. 2014). The embeddings are learnt with one second moment a row (as row-wise Adagrad does in
recommender models) because a batch touches a tenth of them; the rest with Adam (Kingma & Ba 2015). NumPy only.
"""

from dataclasses import dataclass
from typing import List, Optional

import numpy as np
from scipy.sparse import csr_matrix

from nlu.compact import Compact

FAST, SLOW = np.float32(0.9), np.float32(0.99)
TINY = np.float32(1e-8)


@dataclass(frozen=True)
class Recipe:
    """How a net is trained; `rate` is the learning rate's peak, `embedding_rate` that of the embeddings."""

    hidden: int = 256
    epochs: int = 10
    batch: int = 512
    rate: float = 3e-3
    embedding_rate: float = 8e-3
    smoothing: float = 0.1
    dropout: float = 0.5
    feature_dropout: float = 0.1
    seed: int = 0


class Net:
    """Fitted when made; `scores` are logits."""

    def __init__(
        self, rows: csr_matrix, targets: np.ndarray, classes: int, recipe: Recipe = Recipe(),
        weights: Optional[np.ndarray] = None,
    ) -> None:
        """`weights`: how much each text counts, 1 if not given."""
        embeddings, (self._bias, self._out, self._out_bias) = _fit(rows, targets, classes, recipe, weights)
        self._embeddings = Compact(embeddings)

    def scores(self, rows: csr_matrix) -> np.ndarray:
        """Texts × classes."""
        hidden = np.maximum(self._embeddings.product(rows) + self._bias, 0)
        return hidden @ self._out + self._out_bias


def _small(dice: np.random.RandomState, rows: int, columns: int) -> np.ndarray:
    """Normal numbers in single precision, drawn a few rows at a time: all at once, in doubles, they take half a
    gigabyte."""
    table = np.empty((rows, columns), np.float32)
    for start in range(0, rows, 4096):
        part = table[start:start + 4096]
        part[:] = dice.standard_normal(part.shape)
    return table


def _fit(
    rows: csr_matrix, targets: np.ndarray, classes: int, recipe: Recipe, weights: Optional[np.ndarray]
) -> "tuple[np.ndarray, List[np.ndarray]]":
    dice = np.random.RandomState(recipe.seed)
    texts, features = rows.shape
    table = _small(dice, features, recipe.hidden)
    table *= np.float32(0.5 * np.sqrt(2 / recipe.hidden))
    out = (dice.randn(recipe.hidden, classes) * np.sqrt(1 / recipe.hidden)).astype(np.float32)
    rest = Adam([np.zeros(recipe.hidden, np.float32), out, np.zeros(classes, np.float32)])
    moments, touched = np.zeros(features, np.float32), np.zeros(features, np.float32)
    starts = range(0, texts, recipe.batch)
    steps, step = recipe.epochs * len(starts), 0
    for _ in range(recipe.epochs):
        order = dice.permutation(texts)
        shuffled, wanted = _thinned(rows[order], recipe.feature_dropout, dice), targets[order]
        counts = None if weights is None else weights[order].astype(np.float32)
        for start in starts:
            part = slice(start, min(texts, start + recipe.batch))
            step += 1
            pace = min(1, step / (0.05 * steps)) * max(0.02, 1 - step / steps)
            batch, used = _narrow(shuffled, part)
            rows_used = table[used]
            slopes, gradient = _slopes(
                batch, rows_used, rest.values, wanted[part], recipe, dice, None if counts is None else counts[part]
            )
            rest.move(slopes, recipe.rate * pace)
            square = np.einsum("ij,ij->i", gradient, gradient) / np.float32(recipe.hidden)
            moments[used] = SLOW * moments[used] + (1 - SLOW) * square
            touched[used] += 1
            fair = moments[used] / (1 - SLOW ** np.minimum(touched[used], 2000))
            gradient *= (np.float32(recipe.embedding_rate * pace) / (np.sqrt(fair) + TINY))[:, None]
            rows_used -= gradient
            table[used] = rows_used
    return table, rest.values


def _slopes(
    batch: csr_matrix, table: np.ndarray, rest: List[np.ndarray], wanted: np.ndarray, recipe: Recipe,
    dice: np.random.RandomState, counts: Optional[np.ndarray],
) -> "tuple[List[np.ndarray], np.ndarray]":
    """Gradients of the smoothed cross entropy: those of bias, output and its bias, and that of the embeddings."""
    bias, out, out_bias = rest
    sums = batch @ table + bias
    mask = (dice.random_sample(sums.shape) > recipe.dropout) * (sums > 0) / np.float32(1 - recipe.dropout)
    mask = mask.astype(np.float32)
    hidden = sums * mask
    chances = softmax(hidden @ out + out_bias)
    chances -= np.float32(recipe.smoothing / chances.shape[1])
    chances[np.arange(len(wanted)), wanted] -= np.float32(1 - recipe.smoothing)
    if counts is not None:
        chances *= counts[:, None]
    chances /= np.float32(len(wanted))
    back = (chances @ out.T) * mask
    turned = batch.T.tocsr()  # by rows, each sum is written once: a third of the time that columns take
    return [back.sum(axis=0), hidden.T @ chances, chances.sum(axis=0)], turned @ back


def softmax(scores: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Rows that sum to 1."""
    scaled = scores / np.float32(temperature)
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class Adam:
    """Values moved along their gradients (Kingma & Ba 2015)."""

    def __init__(self, values: List[np.ndarray]) -> None:
        self.values = values
        self._means, self._squares = [np.zeros_like(v) for v in values], [np.zeros_like(v) for v in values]
        self._step = 0

    def move(self, gradients: List[np.ndarray], rate: float) -> None:
        """One step, in place."""
        self._step += 1
        mean_share, square_share = 1 - FAST ** self._step, 1 - SLOW ** self._step
        for value, gradient, mean, square in zip(self.values, gradients, self._means, self._squares):
            mean *= FAST
            mean += (1 - FAST) * gradient
            square *= SLOW
            square += (1 - SLOW) * gradient * gradient
            value -= np.float32(rate) * (mean / mean_share) / (np.sqrt(square / square_share) + TINY)


def _narrow(rows: csr_matrix, part: slice) -> "tuple[csr_matrix, np.ndarray]":
    """These rows over only the features that occur in them, and which those are."""
    ends = rows.indptr[part.start:part.stop + 1]
    inside = slice(ends[0], ends[-1])
    indices = rows.indices[inside]
    occurs = np.zeros(rows.shape[1], bool)
    occurs[indices] = True
    used = np.flatnonzero(occurs)
    at = np.cumsum(occurs, dtype=np.int32)[indices] - 1  # many times faster than np.unique, which sorts
    shape = (part.stop - part.start, len(used))
    return csr_matrix((rows.data[inside], at, ends - ends[0]), shape=shape), used


def _thinned(rows: csr_matrix, share: float, dice: np.random.RandomState) -> csr_matrix:
    """A share of the features left out at random, the others made larger in turn."""
    keep = dice.random_sample(rows.nnz) > share
    rows.data = np.where(keep, rows.data / np.float32(1 - share), 0).astype(np.float32)
    rows.eliminate_zeros()
    return rows
