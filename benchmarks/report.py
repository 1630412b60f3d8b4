"""From raw figures to the table people read and the JSON programs read."""

import datetime
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.measures import Figures, Product, median, percentile
from bot.config import ROOT


@dataclass(frozen=True)
class Bar:
    """What a ratio is held against: at most or at least `limit`."""

    name: str
    ratio: float
    limit: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        return self.ratio <= self.limit if self.at_most else self.ratio >= self.limit

    def words(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


def summary(product: Product, found: Figures) -> dict[str, Any]:
    """One product's figures by name; milliseconds, seconds, MB."""
    facts: dict[str, Any] = {
        "parse_p50_ms": round(median(found.parse_ms), 2),
        "parse_p95_ms": round(percentile(found.parse_ms, 0.95), 2),
        "parse_p99_ms": round(percentile(found.parse_ms, 0.99), 2),
        "parses_per_second": round(found.parses / found.parse_seconds, 1),
        "turns_per_second": round(found.turns / found.load_seconds, 1),
        "turn_p50_ms": round(median(found.turn_ms), 1),
        "turn_p95_ms": round(percentile(found.turn_ms, 0.95), 1),
        "turn_cpu_ms": round(sum(found.load_cpu_seconds.values()) * 1000 / found.turns, 1),
        "turn_cpu_by_process_ms": {
            name: round(spent * 1000 / found.turns, 1) for name, spent in found.load_cpu_seconds.items()
        },
        "turns": found.turns,
        "failed_turns": found.failed_turns,
    }
    facts |= {f"turn_{age}_ms": round(median(times), 1) for age, times in found.aged_ms.items()}
    return facts | {
        "resident_mb": round(sum(found.resident_mb.values())),
        "resident_by_process_mb": {name: round(mb) for name, mb in found.resident_mb.items()},
        "training_seconds": product.training_seconds,
        "training_note": product.note,
        "start_seconds": round(found.start_seconds, 1),
    }


def bars(results: dict[str, dict[str, Any]], ages: tuple[int, ...]) -> list[Bar]:
    """The bars of the issue that can be judged from these results."""
    ours, stock = results["ours"], results.get("stock")
    found = []
    if stock:
        found += [
            Bar("parse p50, ours / stock", ours["parse_p50_ms"] / stock["parse_p50_ms"], 0.2),
            Bar("parses a second with 8 clients, ours / stock", ours["parses_per_second"] / stock["parses_per_second"],
                8.0, False),
            Bar("turns a second, ours / stock", ours["turns_per_second"] / stock["turns_per_second"], 2.0, False),
            Bar("resident memory, ours / stock", ours["resident_mb"] / stock["resident_mb"], 0.6),
        ]
    oldest, youngest = f"turn_{ages[-1]}_ms", f"turn_{ages[0]}_ms"
    return [*found, Bar(f"turn {ages[-1]} / turn {ages[0]}, ours", ours[oldest] / ours[youngest], 1.3)]


def as_json(where: dict[str, Any], results: dict[str, dict[str, Any]], judged: list[Bar]) -> dict[str, Any]:
    """Everything, for `--json`."""
    return {"machine": where, "results": results,
            "bars": [asdict(bar) | {"ratio": round(bar.ratio, 3), "met": bar.met} for bar in judged]}


def figures_table(results: dict[str, dict[str, Any]]) -> Table:
    """A row for each figure, a column for each product, the ratio where there are two."""
    table = Table(box=None)
    table.add_column("figure")
    for name in results:
        table.add_column(name, justify="right")
    if len(results) == 2:
        table.add_column("ours / stock", justify="right")
    for key in results["ours"]:
        values = [result.get(key) for result in results.values()]
        cells = [_cell(value) for value in values]
        if len(results) == 2:
            numbers = [v for v in values if isinstance(v, int | float) and v]
            cells.append(f"{numbers[0] / numbers[1]:.2f}" if len(numbers) == 2 and key != "turns" else "")
        table.add_row(key.replace("_", " "), *cells)
    return table


def bars_table(judged: list[Bar]) -> Table:
    """Bar, measured, met or not."""
    table = Table(box=None)
    for column in ("bar", "limit", "measured", ""):
        table.add_column(column)
    for bar in judged:
        verdict = "[green]met[/green]" if bar.met else "[red]missed[/red]"
        table.add_row(bar.name, bar.words(), f"{bar.ratio:.2f}", verdict)
    return table


def machine() -> dict[str, Any]:
    """Where and when this was measured, and of which state of the code."""
    return {
        "commit": _git("rev-parse", "--short", "HEAD"), "changed": bool(_git("status", "--porcelain")),
        "date": datetime.datetime.now().astimezone().isoformat(timespec="minutes"), "cpu": _cpu(),
        "cores": os.cpu_count(), "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(), "load_before": round(os.getloadavg()[0], 2),
    }


def machine_words(where: dict[str, Any]) -> str:
    """`machine` as one line."""
    state = f"{where['commit']}{' with changes' if where['changed'] else ''}"
    return (f"{state} · {where['date']} · {where['cores']} × {where['cpu']} · {where['system']} · "
            f"Python {where['python']} · load before {where['load_before']}")


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {mb}" for name, mb in value.items())
    return "-" if value is None else str(value)


def _git(*arguments: str) -> str:
    command = ["git", "--no-optional-locks", *arguments]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    return done.stdout.strip()


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
