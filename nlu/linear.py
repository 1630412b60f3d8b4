"""One linear model: one-vs-rest support vector machines (Fan et al. 2008, LIBLINEAR)."""

from typing import List, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from nlu.compact import Compact

AT_ONCE = 64
"""Classes fitted in one call: LIBLINEAR's weights for all of them, in doubles and twice, would take a gigabyte."""


class Linear:
    """Margins of every class."""

    def __init__(self, rows: csr_matrix, targets: np.ndarray, classes: int, c: float) -> None:
        """Fit. `targets` are class numbers from 0 to `classes` - 1, each occurring."""
        weights = np.empty((rows.shape[1], classes), np.float32)
        self._bias = np.empty(classes, np.float32)
        for first in range(0, classes, AT_ONCE):
            part = slice(first, min(first + AT_ONCE, classes))
            weights[:, part], self._bias[part] = _against_the_rest(rows, targets, part, c)
        self._weights = Compact(weights)

    def scores(self, rows: csr_matrix) -> np.ndarray:
        """Texts × classes."""
        return self._weights.product(rows) + self._bias


def _against_the_rest(rows: csr_matrix, targets: np.ndarray, part: slice, c: float) -> Tuple[np.ndarray, np.ndarray]:
    """Weights (features × classes) and biases of these classes, each against all other texts. What belongs to none of
    them is one more class, whose own machine is thrown away."""
    inside = (targets >= part.start) & (targets < part.stop)
    machine = LinearSVC(C=c, random_state=0).fit(rows, np.where(inside, targets, part.stop))
    weights, bias = machine.coef_.T, machine.intercept_
    if weights.shape[1] == 1:  # of two classes scikit-learn keeps the second one's machine
        weights, bias = np.hstack([-weights, weights]), np.hstack([-bias, bias])
    wanted = part.stop - part.start
    return weights[:, :wanted], bias[:wanted]


def numbered(labels: Sequence[str]) -> Tuple[List[str], np.ndarray]:
    """The classes in order, and each label as its class's number."""
    classes = sorted(set(labels))
    number = {label: i for i, label in enumerate(classes)}
    return classes, np.array([number[label] for label in labels])
