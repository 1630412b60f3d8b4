"""One form for what people type: width, script, case, repeats, invisible signs."""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_REPEATS = re.compile(r"(.)\1{2,}")
_SPACES = re.compile(r"\s+")
_NUMBERS = re.compile(r"\d{5,}")


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def normalise(text: str) -> str:
    """NFKC (full width to half), Traditional to Simplified, lower case, at most two of a kind in a row, long numbers
    as `0`, invisible signs out."""
    folded = unicodedata.normalize("NFKC", text[:2000])
    folded = "".join(c for c in folded if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    folded = _simplifier().convert(folded).lower()
    folded = _NUMBERS.sub("0", folded)
    return _SPACES.sub(" ", _REPEATS.sub(r"\1\1", folded)).strip()
