"""A softmax regression over sentence vectors (`transformer.py`), with label smoothing (Szegedy et al. 2016)."""

import numpy as np

from nlu.net import Adam, softmax

EPOCHS, BATCH, RATE, SMOOTHING = 30, 512, 5e-3, 0.1


class Dense:
    """Fitted when made; `scores` are logits."""

    def __init__(self, rows: np.ndarray, targets: np.ndarray, classes: int) -> None:
        """`rows` are texts × size."""
        dice = np.random.RandomState(0)
        self._middle, self._spread = rows.mean(axis=0), rows.std(axis=0) + np.float32(1e-6)
        rows = (rows - self._middle) / self._spread
        values = Adam([np.zeros((rows.shape[1], classes), np.float32), np.zeros(classes, np.float32)])
        steps = EPOCHS * -(-len(rows) // BATCH)
        for step in range(steps):
            part = dice.randint(0, len(rows), BATCH)
            batch, slope = rows[part], _slope(rows[part], targets[part], values)
            values.move([batch.T @ slope, slope.sum(axis=0)], RATE * max(0.02, 1 - step / steps))
        self._out, self._bias = values.values

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Texts × classes."""
        return np.asarray((rows - self._middle) / self._spread @ self._out + self._bias)


def _slope(batch: np.ndarray, wanted: np.ndarray, values: Adam) -> np.ndarray:
    """The gradient of the smoothed cross entropy by the logits."""
    out, bias = values.values
    slope = softmax(batch @ out + bias)
    slope -= np.float32(SMOOTHING / slope.shape[1])
    slope[np.arange(len(wanted)), wanted] -= np.float32(1 - SMOOTHING)
    return np.asarray(slope / np.float32(len(wanted)))
