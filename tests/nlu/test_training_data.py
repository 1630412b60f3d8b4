"""What the training data must be: enough of everything, nothing twice, nothing from the development set."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from bot.config import ROOT
from bot.services.catalogue import read_folder

NLU = ROOT / "data" / "nlu"
DEVELOPMENT_SET = ROOT.parent / "shared" / "nlu-dev"
SHARED = 0.6
"""A training line that shares this much of its three-letter pieces with a line of the development set is a copy."""


@cache
def utterances() -> dict[str, list[str]]:
    """Label → its lines, over all files."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(NLU.rglob("*.yml")):
        label = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            if started := re.match(r"- intent: (\S+)", line):
                label = started.group(1)
            elif line.startswith("    - "):
                found[label].append(line.removeprefix("    - "))
    return found


def pieces(text: str) -> frozenset[str]:
    plain = re.sub(r"\W", "", text).lower()
    return frozenset(plain[i:i + 3] for i in range(len(plain) - 2)) or frozenset([plain])


def test_every_item_emergency_and_act_has_enough() -> None:
    counts = {label: len(lines) for label, lines in utterances().items()}
    tables = read_folder(ROOT / "data" / "catalogue")
    items = [row["code"] for name in ("life_services", "government_services") for row in tables[name]]
    assert min(counts[f"request/{code}"] for code in items) >= 40
    assert min(counts[f"emergency/{row['code']}"] for row in tables["emergencies"]) >= 100
    assert min(n for label, n in counts.items() if "/" not in label) >= 150
    assert counts["out_of_scope"] >= 1500
    assert sum(1 for line in (NLU / "near_misses.yml").read_text(encoding="utf-8").splitlines() if line.startswith("    - ")) >= 300


def test_no_line_stands_twice() -> None:
    twice = [line for line, n in Counter(line for lines in utterances().values() for line in lines).items() if n > 1]
    assert twice == []


def development_lines() -> Iterator[str]:
    for name in ("requests", "emergency", "outofscope", "control"):
        for line in (DEVELOPMENT_SET / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]


def measuring_lines() -> Iterator[str]:
    """Of the sets of our own that are only measured on."""
    for name in ("emergencies.csv", "injuries.csv", "two_needs.csv"):
        with (ROOT / "tests" / "nlu" / name).open(encoding="utf-8", newline="") as handle:
            yield from (row["text"] for row in csv.DictReader(handle))


@pytest.mark.skipif(not DEVELOPMENT_SET.is_dir(), reason="the development set is not beside this checkout")
def test_nothing_comes_from_the_development_set() -> None:
    assert copies_of(development_lines()) == []


def test_nothing_comes_from_our_own_measuring_sets() -> None:
    assert copies_of(measuring_lines()) == []


def copies_of(texts: Iterable[str]) -> list[tuple[str, str]]:
    """(training line, text) of those too much alike."""
    known = [(text, pieces(text)) for text in texts]
    by_piece: dict[str, list[int]] = defaultdict(list)
    for number, (_, parts) in enumerate(known):
        for part in parts:
            by_piece[part].append(number)
    copies: list[tuple[str, str]] = []
    for lines in utterances().values():
        for line in lines:
            own = pieces(line)
            hits = Counter(number for part in own for number in by_piece.get(part, ()))
            for number, shared in hits.items():
                text, parts = known[number]
                if shared / len(own | parts) >= SHARED and len(own | parts) >= 2:
                    copies.append((line, text))
    return copies
