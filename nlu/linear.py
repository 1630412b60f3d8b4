"""One linear model: one-vs-rest support vector machines (Fan et al. 2008, LIBLINEAR)."""

from typing import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from nlu.compact import Compact


class Linear:
    """Margins of every class."""

    def __init__(self, rows: csr_matrix, targets: np.ndarray, classes: int, c: float) -> None:
        """Fit. `targets` are class numbers from 0 to `classes` - 1, each occurring."""
        machine = LinearSVC(C=c, random_state=0).fit(rows, targets)
        weights = machine.coef_.T.astype(np.float32)
        bias = machine.intercept_.astype(np.float32)
        if classes == 2:  # scikit-learn keeps one column for two classes
            weights, bias = np.hstack([-weights, weights]), np.hstack([-bias, bias])
        self._weights, self._bias = Compact(weights), bias

    def scores(self, rows: csr_matrix) -> np.ndarray:
        """Texts × classes."""
        return self._weights.product(rows) + self._bias


def numbered(labels: Sequence[str]) -> "tuple[list[str], np.ndarray]":
    """The classes in order, and each label as its class's number."""
    classes = sorted(set(labels))
    number = {label: i for i, label in enumerate(classes)}
    return classes, np.array([number[label] for label in labels])
