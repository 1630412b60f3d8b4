"""A matrix in a quarter of its memory: one byte a number, one scale a row (symmetric int8 quantisation)."""

import numpy as np
from scipy.sparse import csr_matrix

PIECE = 4096


class Compact:
    """Read-only. Made for the product with sparse rows: only the rows that a text's features name are unpacked."""

    def __init__(self, dense: np.ndarray) -> None:
        self._scale = np.ones(len(dense), np.float32)
        self._codes = np.empty(dense.shape, np.int8)
        for at in range(0, len(dense), PIECE):  # the matrix may be half a gigabyte: no copy of the whole
            part = slice(at, at + PIECE)
            peak = np.abs(dense[part]).max(axis=1)
            self._scale[part] = np.where(peak > 0, peak / 127, 1)
            self._codes[part] = np.rint(dense[part] / self._scale[part, None])

    def product(self, rows: csr_matrix) -> np.ndarray:
        """`rows @ matrix`, texts × columns."""
        out = np.zeros((rows.shape[0], self._codes.shape[1]), np.float32)
        for i in range(rows.shape[0]):
            part = slice(rows.indptr[i], rows.indptr[i + 1])
            at = rows.indices[part]
            out[i] = (rows.data[part] * self._scale[at]) @ self._codes[at].astype(np.float32)
        return out
