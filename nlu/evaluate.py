"""How well a model understands: every figure on a development set, as text, JSON and an HTML page with plots.

    python -m nlu.evaluate --set DIR [--model M.tar.gz] [--json] [--html FILE]

DIR holds requests.jsonl, emergency.jsonl, outofscope.jsonl and control.jsonl (each line a `text` with what is right,
see the set's own README). The figures are those of its score.py, and more: per style and category, confusions,
calibration, speed. Where a second reader is configured (`second_opinion.py`), also what it changes.
"""

import argparse
import asyncio
import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Sequence, Tuple

from nlu.second_opinion import SecondOpinion, from_environment

SETS = ("requests", "emergency", "outofscope", "control")
REFUSALS = ("out_of_scope", "chitchat", "greet", "thanks", "goodbye", "language")
BINS = 10
Row = Dict[str, Any]
Heard = Dict[str, Any]
Pairs = List[Tuple[Row, Heard]]


def evaluate(folder: Path, understand: Callable[[str], Heard]) -> Dict[str, Any]:
    """All figures, shares from 0 to 100. Raises FileNotFoundError where the set is not there."""
    rows = {name: _read(folder / f"{name}.jsonl") for name in SETS}
    times: List[float] = []
    heard = {name: [(row, _timed(understand, row["text"], times)) for row in rows[name]] for name in SETS}
    return {
        "requests": _requests(heard["requests"]),
        "emergencies": _emergencies(heard["emergency"], heard["requests"]),
        "out_of_scope": _refusals(heard["outofscope"]),
        "acts": _acts(heard["control"]),
        "calibration": calibration([(h["confidence"], _right(r, h)) for r, h in heard["requests"] if h["ranking"]]),
        "parse_ms": {"p50": _rank(times, 0.5), "p99": _rank(times, 0.99)},
    }


def second_reader(folder: Path, understand: Callable[[str], Heard], second: SecondOpinion) -> Dict[str, Any]:
    """What asking it changes about the requests: how many it was asked about and named an item for, how many of those
    rightly, the shares first right, settled, and right of the settled with it, and milliseconds an answer."""
    times: List[float] = []
    heard = [(row, understand(row["text"])) for row in _read(folder / "requests.jsonl")]
    asked = [(row, h) for row, h in heard if second.wanted(h)]
    named = [(row, _timed(lambda h: asyncio.run(second.better(h)), h, times)) for row, h in asked]
    found = _requests([pair for pair in heard if not second.wanted(pair[1])] + named)
    settled = [(row, h) for row, h in named if h["item"]]
    return {"asked": len(asked), "named": len(settled), "named_right": sum(_right(row, h) for row, h in settled),
            "first_before": sum(_right(row, h) for row, h in asked), "ms": _rank(times, 0.5) if times else 0.0,
            **{name: found[name] for name in ("top1", "settled", "settled_right")}}


def calibration(judged: Sequence[Tuple[float, bool]]) -> Dict[str, Any]:
    """Expected calibration error (Naeini et al. 2015, equal-width bins), in points, and the bins of its plot:
    [how many, mean confidence, share right]."""
    bins: Dict[int, List[Tuple[float, bool]]] = defaultdict(list)
    for confidence, right in judged:
        bins[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    points = [
        [len(part), sum(c for c, _ in part) / len(part), sum(r for _, r in part) / len(part)]
        for _, part in sorted(bins.items())
    ]
    error = sum(n * abs(sure - right) for n, sure, right in points) / max(len(judged), 1)
    return {"error": round(100 * error, 1), "bins": points}


def _requests(pairs: Pairs) -> Dict[str, Any]:
    settled = [(r, h) for r, h in pairs if h["item"]]
    government = [(r, h) for r, h in pairs if "department" in r]
    return {
        "texts": len(pairs),
        "top1": _share(_right(r, h) for r, h in pairs),
        "top3": _share(any(code in r["items"] for code in _codes(h)[:3]) for r, h in pairs),
        "department": _share(h["department"] == r["department"] for r, h in government),
        "kind": _share(h["kind"] == r["kind"] for r, h in pairs),
        "refused": _share(h["act"] == "out_of_scope" for _, h in pairs),
        "settled": _share(bool(h["item"]) for _, h in pairs),
        "settled_right": _share(h["item"] in r["items"] for r, h in settled),
        "by_style": _by(pairs, lambda r: r.get("style", "?")),
        "by_group": _by(pairs, lambda r: r.get("department") or "life"),
        "confusions": Counter(
            f"{r['items'][0]} > {_codes(h)[0] if _codes(h) else h['act']}" for r, h in pairs if not _right(r, h)
        ).most_common(25),
    }


def _emergencies(pairs: Pairs, requests: Pairs) -> Dict[str, Any]:
    real = [(r, h) for r, h in pairs if r["emergency"]]
    near = [(r, h) for r, h in pairs if not r["emergency"]]
    return {
        "texts": len(pairs),
        "raised": _share(bool(h["emergency"]) for _, h in real),
        "right_code": _share(h["emergency"] in (r["emergency"], *r.get("also_ok", ())) for r, h in real),
        "near_misses_raised": _share(bool(h["emergency"]) for _, h in near),
        "requests_raised": _share(bool(h["emergency"]) for _, h in requests),
        "missed": [r["text"] for r, h in real if not h["emergency"]],
        "false": [r["text"] for r, h in [*near, *requests] if h["emergency"]],
    }


def _refusals(pairs: Pairs) -> Dict[str, Any]:
    refused = [(r, not h["item"] and h["act"] in REFUSALS) for r, h in pairs]
    return {"texts": len(pairs), "refused": _share(right for _, right in refused),
            "taken_for_requests": [r["text"][:80] for r, right in refused if not right]}


def _acts(pairs: Pairs) -> Dict[str, Any]:
    return {"texts": len(pairs), "right": _share(h["act"] == r["act"] for r, h in pairs),
            "confusions": Counter(f"{r['act']} > {h['act']}" for r, h in pairs if h["act"] != r["act"]).most_common(10)}


def _by(pairs: Pairs, group: Callable[[Row], str]) -> Dict[str, List[float]]:
    """Group → [texts, top1], the largest first."""
    groups: Dict[str, List[bool]] = defaultdict(list)
    for row, heard in pairs:
        groups[group(row)].append(_right(row, heard))
    return {name: [len(r), _share(r)] for name, r in sorted(groups.items(), key=lambda kv: -len(kv[1]))}


def _codes(heard: Heard) -> List[str]:
    return [ranked["item"] for ranked in heard["ranking"]]


def _right(row: Row, heard: Heard) -> bool:
    return bool(heard["ranking"]) and heard["ranking"][0]["item"] in row["items"]


def _share(marks: Iterable[bool]) -> float:
    told = list(marks)
    return round(100 * sum(told) / len(told), 1) if told else 0.0


def _rank(times: List[float], part: float) -> float:
    return round(sorted(times)[min(len(times) - 1, int(part * len(times)))], 2)


def _timed(understand: Callable[[Any], Heard], what: Any, times: List[float]) -> Heard:
    started = time.perf_counter()
    heard = understand(what)
    times.append(1000 * (time.perf_counter() - started))
    return heard


def _read(file: Path) -> List[Row]:
    with file.open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle if line.strip()]


def main() -> None:
    from nlu.report import as_html, as_text
    from nlu.understand import Understander, newest

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--html", type=Path, default=None)
    chosen = parser.parse_args()
    understander = Understander.load(chosen.model or newest(Path("models")))
    understander.understand("明天下午三点")  # what is loaded once is no part of a message's time
    figures = evaluate(chosen.set, understander.understand)
    second = from_environment()
    if second:
        figures["second_reader"] = second_reader(chosen.set, understander.understand, second)
    print(json.dumps(figures, ensure_ascii=False, indent=1) if chosen.json else as_text(figures))
    if chosen.html:
        chosen.html.write_text(as_html(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
