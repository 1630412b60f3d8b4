"""A matrix in a quarter of its memory: one byte a number, one scale a row (symmetric int8 quantisation)."""

import numpy as np
from scipy.sparse import csr_matrix


class Compact:
    """Read-only. Made for the product with sparse rows: only the rows that a text's features name are unpacked."""

    def __init__(self, dense: np.ndarray) -> None:
        peak = np.abs(dense).max(axis=1)
        self._scale = np.where(peak > 0, peak / 127, 1).astype(np.float32)
        self._codes = np.empty(dense.shape, np.int8)
        for at in range(0, len(dense), 4096):  # in pieces: the matrix may be half a gigabyte
            part = slice(at, at + 4096)
            self._codes[part] = np.rint(dense[part] / self._scale[part, None])

    def product(self, rows: csr_matrix) -> np.ndarray:
        """`rows @ matrix`, texts × columns."""
        out = np.zeros((rows.shape[0], self._codes.shape[1]), np.float32)
        for i in range(rows.shape[0]):
            part = slice(rows.indptr[i], rows.indptr[i + 1])
            at = rows.indices[part]
            out[i] = (rows.data[part] * self._scale[at]) @ self._codes[at].astype(np.float32)
        return out
