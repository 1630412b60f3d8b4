"""One form for what people type: width, script, case, repeats, invisible signs, words of the region.

Traditional becomes Simplified by OpenCC; the few dialect words below are those that change a sentence's meaning
(呒没 is 没有) or stand for the commonest words, so that Ningbo, northern and standard speech share their n-grams.
"""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

LONGEST = 2000
_REPEATS = re.compile(r"(.)\1{2,}")
_SPACES = re.compile(r"\s+")
_NUMBERS = re.compile(r"\d{5,}")
_DIALECT = {
    "呒没": "没有", "呒么": "没有", "嘸沒": "没有", "呒": "没", "勿": "不", "弗": "不",
    "覅": "不要", "阿拉": "我们", "侬": "你", "啥辰光": "什么时候", "辰光": "时候", "啥人": "谁",
    "啥地方": "哪里", "啥": "什么", "落雨": "下雨", "屋里厢": "家里", "屋里向": "家里", "窗门": "窗户",
    "今朝": "今天", "明朝": "明天", "夜到": "晚上", "小人": "小孩", "囡囡": "孩子", "俺们": "我们",
    "俺": "我", "咋整": "怎么办", "咋": "怎么", "搁哪": "在哪", "晓得": "知道", "唔": "没",
}
_WORDS = re.compile("|".join(sorted(_DIALECT, key=len, reverse=True)))

CRIES = {"🆘": "救命", "🚑": "救护车", "🚒": "消防车", "🚓": "警察", "🚨": "警察"}
"""Signs that alone may be a cry for help."""
_CRY = re.compile(rf"([{''.join(CRIES)}])\1*")


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def normalise(text: str) -> str:
    """NFKC (full width to half), Traditional to Simplified, lower case, at most two of a kind in a row, long numbers
    as `0`, invisible signs out, dialect words as standard ones, signs that cry for help as words. What follows the
    first 2,000 signs is not read."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST])
    folded = "".join(c for c in folded if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    folded = _simplifier().convert(folded).lower()
    folded = _CRY.sub(lambda found: CRIES[found.group(1)], folded)
    folded = _WORDS.sub(lambda found: _DIALECT[found.group()], folded)
    folded = _NUMBERS.sub("0", folded)
    return _SPACES.sub(" ", _REPEATS.sub(r"\1\1", folded)).strip()
