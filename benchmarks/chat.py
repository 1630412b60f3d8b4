"""`hotline bench chat`: what a message costs, ours and a stock Rasa project's, in one run on this machine.

    python -m benchmarks.chat [--compare-stock] [--quick] [--json]

Measured and said, never judged by an exit code: it is 0 whatever the figures are, 1 when something did not run.
"""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from benchmarks import measures, report
from benchmarks.measures import FULL, QUICK, Figures, Plan, Product
from benchmarks.ours import Ours
from benchmarks.stock import PYTHON as STOCK_PYTHON
from benchmarks.stock import Stock

out = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True, highlight=False)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare-stock", action="store_true", help="also build and measure a stock Rasa project")
    parser.add_argument("--quick", action="store_true", help="fewer turns, no fresh training: a first look")
    parser.add_argument("--json", action="store_true", help="JSON for programs")
    chosen = parser.parse_args()
    if chosen.compare_stock and not STOCK_PYTHON.exists():
        err.print(f"hotline bench: {STOCK_PYTHON} is missing: make .venv-stock/ready")
        raise SystemExit(1)
    plan = QUICK if chosen.quick else FULL
    where = report.machine()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave through the `with` block: nothing stays running
    try:
        products, figures = run(plan, chosen.compare_stock, not chosen.quick, lambda words: err.print(words))
    except (OSError, RuntimeError) as error:
        err.print(f"hotline bench: {error}", markup=False)
        raise SystemExit(1) from error
    results = {p.name: report.summary(p, figures[p.name]) for p in products}
    judged = report.bars(results, plan.ages)
    if chosen.json:
        json.dump(report.as_json(where, results, judged), sys.stdout, ensure_ascii=False, indent=1)
        return
    out.print(report.figures_table(results), "", report.bars_table(judged), "", report.machine_words(where), sep="\n")


def run(
    plan: Plan, with_stock: bool, train: bool, say: Callable[[str], None]
) -> tuple[list[Product], dict[str, Figures]]:
    """Start what is to be measured, measure, stop. Raises RuntimeError or OSError when a product fails."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-bench-")))
        products: list[Product] = [Ours(_home(folder, "ours"), say, train)]
        if with_stock:
            products.append(Stock(_home(folder, "stock"), say))
        figures = {product.name: Figures() for product in products}
        for product in products:
            say(f"starting {product.name}")
            stack.enter_context(product.running)
            product.start()
            figures[product.name].start_seconds = product.running.wait_until(product.ready)
        say("parsing, one client")
        measures.measure_parsing(products, figures, plan)
        say(f"parsing, {plan.citizens} clients")
        measures.measure_parse_load(products, figures, plan)
        say(f"{plan.citizens} citizens at once")
        measures.measure_load(products, figures, plan)
        say(f"conversations up to turn {plan.ages[-1]}")
        measures.measure_ageing(products, figures, plan)
        measures.measure_memory(products, figures)
        return products, figures


def _home(folder: Path, name: str) -> Path:
    home = folder / name
    home.mkdir()
    return home


if __name__ == "__main__":
    main()
