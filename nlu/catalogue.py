"""The catalogue's CSV files as training examples and look-up table. Plain data, nothing of the application."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Tuple


@dataclass(frozen=True)
class CatalogueRows:
    """`items` by code: {kinds, life, category, department}; `words` by label; `emergencies` by code."""

    items: Dict[str, Dict[str, Any]]
    words: Dict[str, List[str]]
    emergencies: Dict[str, str]

    def examples(self) -> List[Tuple[str, str]]:
        """(text, label) for every name and alias."""
        return [(word, label) for label, words in self.words.items() for word in words if word]


def read_catalogue(folder: Path) -> CatalogueRows:
    """Read the files of `data/catalogue`."""
    items: Dict[str, Dict[str, Any]] = {}
    words: Dict[str, List[str]] = {}
    for row in _rows(folder / "life_services.csv"):
        items[row["code"]] = {"kinds": ["help"], "life": True, "category": row["category"], "department": None}
        words[f"request/{row['code']}"] = _words(row)
    for row in _rows(folder / "government_services.csv"):
        kinds = row["request_kinds"].split("|")
        items[row["code"]] = {"kinds": kinds, "life": False, "category": None, "department": row["department"]}
        words[f"request/{row['code']}"] = _words(row)
    emergencies = {}
    for row in _rows(folder / "emergencies.csv"):
        emergencies[row["code"]] = row["number_to_call"]
        words[f"emergency/{row['code']}"] = [w for w in row["aliases_zh"].split("|") if w]
    return CatalogueRows(items, words, emergencies)


def _words(row: Dict[str, str]) -> List[str]:
    return [row["name_zh"], row["name_en"], *(w for w in row["aliases_zh"].split("|") if w)]


def _rows(path: Path) -> List[Dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
