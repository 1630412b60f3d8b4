"""Messages understood a second, one client and eight, beside stock Rasa: ratios of one run.

`python -m benchmarks.parses [--rounds N] [--json]`. Only understanding is asked, as the application asks for it; the
two take turns, so that what else the machine does hits both. Stock is trained on six sentences a label for one epoch,
which is enough to be as slow as it is.
"""

import argparse
import json
import signal
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import measures, report
from benchmarks.measures import FULL, Figures, Product
from benchmarks.ours import Ours
from benchmarks.stock import Stock

SIX = 6
TIMES_STOCK = 8.0
"""The bar."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = run(chosen.rounds)
    found = {name: _summary(each) for name, each in figures.items()}
    ratios = {"times": round(found["ours"]["per_second"] / found["stock"]["per_second"], 1),
              "p50": round(found["ours"]["p50"] / found["stock"]["p50"], 2)}
    if chosen.json:
        json.dump({"machine": report.machine(), **found, "ratios": ratios}, sys.stdout, ensure_ascii=False, indent=1)
        return
    table = Table("", "ours", "stock", "ours to stock", title="Understanding")
    for name, words in (("p50", "one client, p50 ms"), ("p99", "one client, p99 ms"),
                        ("per_second", f"{FULL.citizens} clients, messages a second")):
        ratio = ratios["p50"] if name == "p50" else ratios["times"] if name == "per_second" else ""
        table.add_row(words, str(found["ours"][name]), str(found["stock"][name]), str(ratio))
    met = "met" if ratios["times"] >= TIMES_STOCK else "missed"
    Console().print(table, f"bar: {TIMES_STOCK:g} times stock's messages a second: {met}",
                    report.machine_words(report.machine()), sep="\n")


def run(rounds: int) -> dict[str, Figures]:
    """Train stock, start both, measure in turns."""
    err = Console(stderr=True)
    plan = replace(FULL, parse_rounds=rounds, load_rounds=rounds)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-parses-")))
        for name in ("ours", "stock"):
            (folder / name).mkdir()
        products: list[Product] = [Ours(folder / "ours", err.print, False),
                                   Stock(folder / "stock", err.print, SIX)]
        figures = {product.name: Figures() for product in products}
        for product in products:
            stack.enter_context(product.running)
            product.start()
            product.running.wait_until(product.ready)
        measures.measure_parsing(products, figures, plan)
        measures.measure_parse_load(products, figures, plan)
        return figures


def _summary(found: Figures) -> dict[str, Any]:
    ordered = sorted(found.parse_ms)
    return {"p50": round(statistics.median(ordered), 2), "p99": round(ordered[int(len(ordered) * 0.99)], 2),
            "per_second": round(found.parses / found.parse_seconds, 1)}


if __name__ == "__main__":
    main()
