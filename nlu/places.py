"""Where: the territories, landmarks and former names of `data/territories` that a message names."""

import csv
import re
from pathlib import Path
from typing import Any, Dict, List

_SUFFIXES = ("街道", "社区", "镇", "乡", "村")
_NEAR_HOME = re.compile(
    r"(?:我们?家?|咱们?家?|阿拉|俺们?)(?:家|小区|楼|单元)?(?:楼下|楼上|门口|隔壁|小区里?|对面|后面|旁边)"
)


class Places:
    """Names of places and the codes they stand for; the longest name wins where several overlap."""

    def __init__(self, codes: Dict[str, str]) -> None:
        self._codes = codes
        names = sorted(codes, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(re.escape, names)) or r"(?!)", re.IGNORECASE)

    @classmethod
    def read(cls, folder: Path) -> "Places":
        """From every CSV of the folder; without files no place is known. Grids and the district itself are too small
        and too large to be named."""
        codes: Dict[str, str] = {}
        for file in sorted(folder.glob("*.csv")):
            with file.open(encoding="utf-8", newline="") as handle:
                for row in csv.DictReader(handle):
                    if row["level"] in ("street", "community"):
                        codes.update({name: row["code"] for name in _names(row) if name not in codes})
        return cls(codes)

    def entities(self, text: str) -> List[Dict[str, Any]]:
        """[{type: "place", value, text, start, end}]: `value` is a territory's code, or `home` for 我家楼下."""
        found = [_entity(m, self._codes[m.group().lower()]) for m in self._pattern.finditer(text)
                 if m.group().lower() in self._codes]
        return found or [_entity(m, "home") for m in _NEAR_HOME.finditer(text)]


def _names(row: Dict[str, str]) -> List[str]:
    words = [row["name_zh"], row["name_en"], *row["former_names"].split("|"), *row["aliases"].split("|")]
    for suffix in _SUFFIXES:
        if row["name_zh"].endswith(suffix):
            words.append(row["name_zh"][: -len(suffix)])
    return [word.lower() for word in words if len(word) >= 2]


def _entity(match: "re.Match[str]", value: str) -> Dict[str, Any]:
    return {"type": "place", "value": value, "text": match.group(), "start": match.start(), "end": match.end()}
