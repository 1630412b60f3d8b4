"""The measurements themselves. Each goes round and round between the products, so that noise hits all alike."""

import contextlib
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.running import Running
from benchmarks.utterances import BREAK_OFF, DAY, PROBE

SETTLING_TURNS = 3


class Product(Protocol):
    """What is measured."""

    name: str
    note: str
    training_seconds: float | None
    running: Running

    def start(self) -> None: ...
    def ready(self) -> bool: ...
    def parser(self) -> Callable[[str], Any]: ...
    def citizen(self) -> Callable[[str], list[str]]: ...
    def failed(self, replies: list[str]) -> bool: ...


@dataclass
class Figures:
    """One product's raw results, times in milliseconds."""

    parse_ms: list[float] = field(default_factory=list)
    parses: int = 0
    parse_seconds: float = 0.0
    turn_ms: list[float] = field(default_factory=list)
    turns: int = 0
    failed_turns: int = 0
    load_seconds: float = 0.0
    load_cpu_seconds: Counter[str] = field(default_factory=Counter)
    aged_ms: dict[int, list[float]] = field(default_factory=dict)
    resident_mb: dict[str, float] = field(default_factory=dict)
    start_seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """How much is measured. `aged` names how many conversations of each product are followed to the last age."""

    parse_rounds: int
    load_rounds: int
    citizens: int
    turns_each: int
    ages: tuple[int, ...]
    aged: dict[str, int]


FULL = Plan(parse_rounds=6, load_rounds=3, citizens=8, turns_each=len(DAY), ages=(5, 50, 200, 400),
            aged={"ours": 3, "stock": 1})
QUICK = Plan(parse_rounds=2, load_rounds=1, citizens=8, turns_each=14, ages=(5, 50), aged={"ours": 1, "stock": 1})


def measure_parsing(products: Sequence[Product], figures: dict[str, Figures], plan: Plan) -> None:
    """One client, one message after the other; the first round only warms up."""
    parsers = {product.name: product.parser() for product in products}
    for turn in range(plan.parse_rounds + 1):
        for product in products:
            times = [_timed(parsers[product.name], text)[0] for text in DAY]
            if turn:
                figures[product.name].parse_ms += times


def measure_parse_load(products: Sequence[Product], figures: dict[str, Figures], plan: Plan) -> None:
    """Many clients who only have their messages understood, one after the other, each over a connection of its own."""
    for _ in range(plan.load_rounds):
        for product in products:
            found, at_once = figures[product.name], threading.Barrier(plan.citizens + 1)
            clients = [product.parser() for _ in range(plan.citizens)]

            def parse(ask: Callable[[str], Any], started: threading.Barrier) -> None:
                started.wait()
                for text in DAY:
                    ask(text)

            threads = [threading.Thread(target=parse, args=(client, at_once)) for client in clients]
            for thread in threads:
                thread.start()
            at_once.wait()
            began = time.perf_counter()
            for thread in threads:
                thread.join()
            found.parse_seconds += time.perf_counter() - began
            found.parses += plan.citizens * len(DAY)


def measure_load(products: Sequence[Product], figures: dict[str, Figures], plan: Plan) -> None:
    """Citizens who talk at the same time, each in a conversation of their own, each waiting for every reply."""
    for _ in range(plan.load_rounds):
        for product in products:
            _talk_together(product, figures[product.name], plan)


def measure_ageing(products: Sequence[Product], figures: dict[str, Figures], plan: Plan) -> None:
    """What a turn costs late in a conversation: at each age the same probe, the age being its middle turn."""
    for number in range(max(plan.aged.values())):
        for product in products:
            if number < plan.aged[product.name]:
                _grow_old(product, figures[product.name], plan.ages)


def measure_memory(products: Sequence[Product], figures: dict[str, Figures]) -> None:
    """After everything else."""
    for product in products:
        figures[product.name].resident_mb = product.running.resident_mb()


def _talk_together(product: Product, found: Figures, plan: Plan) -> None:
    at_once = threading.Barrier(plan.citizens + 1)
    errors: list[Exception] = []
    guard = threading.Lock()

    def talk(offset: int) -> None:
        try:
            turn = product.citizen()
            at_once.wait()
            for number in range(plan.turns_each):
                took, replies = _timed(turn, DAY[(offset + number) % len(DAY)])
                with guard:
                    _count(product, found, took, replies)
        except Exception as error:
            errors.append(error)
            at_once.abort()

    threads = [threading.Thread(target=talk, args=(i * len(DAY) // plan.citizens,)) for i in range(plan.citizens)]
    for thread in threads:
        thread.start()
    with contextlib.suppress(threading.BrokenBarrierError):
        at_once.wait()
    started, cpu = time.perf_counter(), product.running.cpu_seconds()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    found.load_seconds += time.perf_counter() - started
    found.load_cpu_seconds.update(product.running.cpu_seconds())
    found.load_cpu_seconds.subtract(cpu)


def _count(product: Product, found: Figures, took: float, replies: list[str]) -> None:
    found.turns += 1
    found.turn_ms.append(took)
    found.failed_turns += product.failed(replies)


def _grow_old(product: Product, found: Figures, ages: Sequence[int]) -> None:
    turn, said = product.citizen(), 0
    for age in ages:
        first = age - len(PROBE) // 2
        while said < first - 1:
            said += 1
            turn(BREAK_OFF if first - said <= SETTLING_TURNS else DAY[said % len(DAY)])
        said += len(PROBE)
        found.aged_ms.setdefault(age, []).extend(_timed(turn, text)[0] for text in PROBE)


def _timed(ask: Callable[[str], Any], text: str) -> tuple[float, Any]:
    """(milliseconds, answer)."""
    started = time.perf_counter()
    answer = ask(text)
    return (time.perf_counter() - started) * 1000, answer


def percentile(values: Sequence[float], part: float) -> float:
    """By rank, without interpolation; `part` from 0 to 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
