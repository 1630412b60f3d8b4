"""How a sentence encoder's folder cuts a text into pieces: WordPiece (`vocab.txt`) or Unigram (`tokenizer.json`).

WordPiece (Wu et al. 2016) is what BERT's Chinese descendants use, Unigram (Kudo 2018) XLM-R and the multilingual
encoders made from it. Both without Hugging Face's library: the folder's own tables are read, nothing is installed.
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Dict, Iterator, List, Text, Tuple

SPACE = "▁"
"""What stands for a space in a Unigram table."""
UNSEEN = 10.0
"""How much less likely than the least likely piece a sign is that no piece holds (sentencepiece's constant)."""


class WordPiece:
    """`vocab.txt`: a piece a line, its line its number."""

    def __init__(self, table: Path) -> None:
        self._numbers = {word: at for at, word in enumerate(table.read_text("utf-8").splitlines())}
        self.ends = self._numbers["[CLS]"], self._numbers["[SEP]"]

    def numbers(self, text: Text) -> Iterator[int]:
        """The pieces' numbers, without the two ends."""
        return (number for word in _words(text) for number in self._of_word(word))

    def _of_word(self, word: Text) -> List[int]:
        """The longest known beginnings, one after the other."""
        found, start = [], 0
        while start < len(word):
            mark = "##" if start else ""
            ends = (end for end in range(len(word), start, -1) if mark + word[start:end] in self._numbers)
            end = next(ends, 0)
            if not end:
                return [self._numbers["[UNK]"]]
            found.append(self._numbers[mark + word[start:end]])
            start = end
        return found


class Unigram:
    """`tokenizer.json` of the type Unigram: pieces with their log chances; the likeliest cut is taken (Viterbi)."""

    def __init__(self, table: Path) -> None:
        """Raises ValueError where the table is of another type."""
        model = json.loads(table.read_text("utf-8"))["model"]
        if model.get("type") != "Unigram":
            raise ValueError(f"{table}: a Unigram table is needed, not {model.get('type')}")
        pieces: List[Tuple[Text, float]] = [(piece, chance) for piece, chance in model["vocab"]]
        self._unknown = int(model["unk_id"])
        self._known: Dict[Text, Tuple[int, float]] = {
            piece: (at, chance) for at, (piece, chance) in enumerate(pieces) if at != self._unknown}
        self._longest = max(len(piece) for piece in self._known)
        self._unseen = min(chance for _, chance in pieces) - UNSEEN
        self.ends = self._known["<s>"][0], self._known["</s>"][0]

    def numbers(self, text: Text) -> Iterator[int]:
        """The pieces' numbers, without the two ends; signs in a row that no piece holds are one unknown piece."""
        words = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
        last = -1
        for number in self._cut(SPACE + words.replace(" ", SPACE)) if words else ():
            if number != self._unknown or last != self._unknown:
                yield number
            last = number

    def _cut(self, signs: Text) -> List[int]:
        best: List[Tuple[float, int, int]] = [(0.0, 0, 0)]  # up to each sign: chance, where its last piece began, which
        for end in range(1, len(signs) + 1):
            ways = [(best[end - 1][0] + self._unseen, end - 1, self._unknown)]
            for start in range(max(0, end - self._longest), end):
                number, chance = self._known.get(signs[start:end], (-1, 0.0))
                if number >= 0:
                    ways.append((best[start][0] + chance, start, number))
            best.append(max(ways))
        found, at = [], len(signs)
        while at:
            found.append(best[at][2])
            at = best[at][1]
        return found[::-1]


def pieces_in(folder: Path) -> "WordPiece | Unigram":
    """The folder's own way to cut. Raises OSError where it has none, ValueError where it is one not known here."""
    written = folder / "vocab.txt"
    return WordPiece(written) if written.exists() else Unigram(folder / "tokenizer.json")


def _words(text: Text) -> Iterator[Text]:
    """Small letters without accents; every Chinese character and every sign a word of its own."""
    word = ""
    for sign in unicodedata.normalize("NFD", text.lower()):
        group = unicodedata.category(sign)
        if group in ("Mn", "Cc", "Cf") and sign not in "\t\n\r":
            continue
        alone = "\u3400" <= sign <= "\u9fff" or group[0] == "P" or sign in "$+<=>^`|~"
        if alone or sign.isspace():
            if word:
                yield word
            word = ""
            if alone:
                yield sign
        else:
            word += sign
    if word:
        yield word
