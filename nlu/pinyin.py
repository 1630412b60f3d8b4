"""Pinyin typed without tones, read as the Chinese it stands for: "wo jia de deng huai le" is 我家的灯坏了.

Syllables are turned into characters by the likeliest path (Viterbi 1967) through the pairs of characters that occur in
the training sentences; which characters a syllable may stand for comes from pypinyin
(https://github.com/mozillazg/python-pinyin, MIT). A text counts as pinyin where it has no Chinese, every word of it
falls into syllables, three at least, and what they say makes sense: hardly any English sentence does.
"""

import math
import re
from collections import Counter, defaultdict
from typing import Dict, Iterable, List, Optional, Tuple

from pypinyin import Style, pinyin

FEWEST, MOST = 3, 60
"""Syllables of a text that is read."""
CANDIDATES = 25
PAIR = 0.9
"""How much the pair weighs beside the character alone."""
SENSE = -6.9
"""Logarithm a character below which the path makes no sense: "change language" is no pinyin. Chosen on the training
sentences in Latin letters: 65 of 65 in pinyin lie above, five of five English ones that fall into syllables below."""
LONGEST_SYLLABLE = 6
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_WORDS = re.compile(r"[a-zü]+|[^a-zü]+")
_ONLY = re.compile(r"[a-zü\s\d'’,.!?，。！？-]+")


class PinyinReader:
    """Fitted when made, on normalised sentences."""

    def __init__(self, texts: Iterable[str]) -> None:
        alone: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for text in texts:
            for run in _HAN.findall(text):
                alone.update(run)
                pairs.update(a + b for a, b in zip(run, run[1:]))
        known: Dict[str, List[str]] = defaultdict(list)
        for character, _ in alone.most_common():
            for syllable in {s.replace("v", "ü") for s in pinyin(character, style=Style.NORMAL, heteronym=True)[0]}:
                if len(known[syllable]) < CANDIDATES:
                    known[syllable].append(character)
        self._known = {s: tuple(c) for s, c in known.items() if any(vowel in s for vowel in "aeiouü")}
        self._alone, self._all = dict(alone), max(sum(alone.values()), 1)
        self._pairs = {pair: n for pair, n in pairs.items() if n > 1}

    def read(self, text: str) -> str:
        """A normalised text that is pinyin as Chinese; any other as it is."""
        if not _ONLY.fullmatch(text):
            return text
        parts = [(part, self._syllables(part)) for part in _WORDS.findall(text.replace("v", "ü"))]
        words = [found for part, found in parts if part[0].isalpha()]
        count = sum(len(found) for found in words if found)
        if not words or not all(words) or not FEWEST <= count <= MOST:
            return text
        likely, characters = self._characters([s for found in words for s in found or ()])
        if likely / count < SENSE:
            return text
        said = iter(characters)
        return "".join("".join(next(said) for _ in found) if found else part.strip(" '’-") for part, found in parts)

    def _syllables(self, word: str) -> Optional[Tuple[str, ...]]:
        """The fewest syllables that make up the word; None where none do."""
        best: List[Optional[Tuple[str, ...]]] = [()] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - LONGEST_SYLLABLE), end):
                before, syllable = best[start], word[start:end]
                if before is None or syllable not in self._known:
                    continue
                if best[end] is None or len(before) + 1 < len(best[end] or ()):
                    best[end] = (*before, syllable)
        return best[len(word)] or None

    def _characters(self, syllables: List[str]) -> Tuple[float, List[str]]:
        """The likeliest characters, and the logarithm of how likely they are."""
        paths: Dict[str, Tuple[float, List[str]]] = {"": (0.0, [])}
        for syllable in syllables:
            paths = {
                character: max(((score + self._likely(before, character), [*path, character])
                                for before, (score, path) in paths.items()), key=lambda one: one[0])
                for character in self._known[syllable]
            }
        return max(paths.values(), key=lambda one: one[0])

    def _likely(self, before: str, character: str) -> float:
        alone = self._alone[character] / self._all
        pair = self._pairs.get(before + character, 0) / self._alone[before] if before else 0.0
        return math.log(PAIR * pair + (1 - PAIR) * alone)
