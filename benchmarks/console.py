"""`hotline bench console`: from a citizen's message to its words on an operator's screen.

    python -m benchmarks.console [--quick] [--json]

Real web, worker, Rasa and action server; twenty consoles with five open conversations each do over HTTP what
`bot/console/static/js` does in a browser: keep the event stream, fetch the queue and the opened conversation when a
change concerns them, one fetch at a time. Citizens write to all hundred. Measured from just before a citizen's POST to
the moment the words are in what the console fetched; drawing them is not measured. The base is one console with one
conversation.
PostgreSQL and Redis where DATABASE_URL and REDIS_URL are set, in a database of its own; else SQLite.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console as Terminal
from rich.table import Table

from benchmarks import report
from benchmarks.desks import Desk, Screen, Seen
from benchmarks.measures import percentile
from benchmarks.running import Running, free_port
from bot import processes
from bot.config import ROOT, settings

OPERATORS, EACH, PER_SECOND, BAR_MS = 20, 5, 10.0, 300.0
SECONDS, QUICK_SECONDS, PATIENCE = 60.0, 10.0, 10.0
QUANTILES = (0.5, 0.95, 0.99)
PLACES = {"opened": "in the opened conversation", "rows": "in the queue's row", "all": "in either"}
out = Terminal(highlight=False, width=None if sys.stdout.isatty() else 140)
err = Terminal(stderr=True, highlight=False)


async def measure(base: str, desks: list[Desk], per_second: float, seconds: float) -> dict[str, Any]:
    """Milliseconds by where the words appeared, what never did, errors, and the load generator's own CPU share."""
    random.seed(0)
    seens = [Seen() for _ in desks]
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=base, timeout=30, limits=limits, trust_env=False) as http:
        screens = [Screen(http, desk, seen) for desk, seen in zip(desks, seens, strict=True)]
        tasks = [asyncio.create_task(screen.follow()) for screen in screens]
        await asyncio.gather(*(screen.ready.wait() for screen in screens))
        cpu, began = _cpu(), time.perf_counter()
        sends = []
        for number in range(round(per_second * seconds)):
            await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            at = random.randrange(len(desks))
            which = random.randrange(len(desks[at].conversations))
            written = _write(http, desks[at].conversations[which], seens[at], number, which == 0)
            sends.append(asyncio.create_task(written))
        statuses = await asyncio.gather(*sends)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(seen.all_there() for seen in seens)), PATIENCE)
        spent, share = time.perf_counter() - began, _cpu() - cpu
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError, httpx.HTTPError):
            await asyncio.gather(*tasks, return_exceptions=True)
    errors = [e for s in screens for e in s.errors] + [str(status) for status in statuses if status >= 300]
    opened, rows = [ms for s in seens for ms in s.opened], [ms for s in seens for ms in s.rows]
    return {
        "messages": len(sends), "never_seen": sum(len(s.sent) for s in seens),
        "fetches": sum(s.fetches for s in screens), "errors": len(errors), "which": sorted(set(errors))[:5],
        "all": _figures(opened + rows), "opened": _figures(opened), "rows": _figures(rows),
        "generator_cpu_share": round(share / spent, 2),
    }


async def _write(
    http: httpx.AsyncClient, conversation: tuple[str, str], seen: Seen, number: int, opened: bool
) -> int:
    id_, token = conversation
    words = f"路灯不亮 {number}-{secrets.token_hex(4)}"
    seen.will_come(words, opened)
    answer = await http.post(f"/api/v1/conversations/{id_}/messages", headers={"Authorization": f"Bearer {token}"},
                             json={"client_message_id": secrets.token_hex(8), "text": words})
    return answer.status_code


def _figures(found: list[float]) -> dict[str, float]:
    if not found:
        return {"count": 0}
    return {"count": len(found), **{f"p{int(100 * q)}": round(percentile(found, q), 1) for q in QUANTILES}}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A URL to an empty database: beside DATABASE_URL's where that is PostgreSQL, else SQLite in the folder."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield f"sqlite:///{folder / 'hotline.db'}"
        return
    import psycopg
    from sqlalchemy import make_url

    name, url = f"hotline_bench_{os.getpid()}", make_url(given.replace("postgresql+psycopg", "postgresql"))
    with psycopg.connect(url.render_as_string(False), autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{name}"')
    try:
        yield url.set(database=name).render_as_string(False)
    finally:
        with psycopg.connect(url.render_as_string(False), autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def prepare() -> list[Desk]:
    """Accounts signed in, each holding her conversations."""
    from bot.domain.access import Right
    from bot.domain.handoff import Reason
    from bot.services import accounts, conversations, handoffs, signing_in
    from bot.storage import reading, transaction

    desks = []
    for number in range(OPERATORS):
        with transaction() as session:
            accounts.create(session, f"bench{number}", "operator", f"话务员{number}", password="bench-password-1")
        with transaction() as session:
            signed = signing_in.sign_in(session, f"bench{number}", "bench-password-1")
            assert signed is not None
        with reading() as session:
            actor = signing_in.signed_in(session, signed[0])[0]
        actor.must(Right.TAKE_HANDOFFS)
        held = [conversations.start() for _ in range(EACH)]
        for id_, _ in held:
            with transaction() as session:
                asked = handoffs.request(session, id_, Reason.ASKED)
                handoffs.claim(session, asked.id, actor)
        desks.append(Desk(signed[0], held))
    return desks


def bars(results: dict[str, dict[str, Any]]) -> list[report.Bar]:
    """What the load is held against, in milliseconds; what never arrived counts as later than any bar."""
    loaded = results["loaded"]
    late = 1000 * PATIENCE
    return [
        *(report.Bar(f"p95 {words}, ms", late if loaded["never_seen"] else loaded[place].get("p95", late), BAR_MS)
          for place, words in PLACES.items()),
        report.Bar("never seen, and errors", loaded["never_seen"] + loaded["errors"], 0.0),
    ]


def table(results: dict[str, dict[str, Any]]) -> Table:
    """A row for each figure; the ratio only where both sides measure the same thing."""
    base, loaded = results["base"], results["loaded"]
    made = Table(box=None)
    made.add_column("figure")
    for column in ("1 conversation, 1 console", f"{OPERATORS * EACH} conversations, {OPERATORS} consoles", "ratio"):
        made.add_column(column, justify="right")
    for place, words in PLACES.items():
        for quantile in (f"p{int(100 * q)}" for q in QUANTILES):
            one, many = base[place].get(quantile), loaded[place].get(quantile)
            ratio = f"{many / one:.1f}" if one and many and place == "opened" else ""
            made.add_row(f"{quantile} {words}, ms", _cell(one) if place == "opened" else "-", _cell(many), ratio)
    for name in ("messages", "never_seen", "errors", "fetches", "generator_cpu_share"):
        made.add_row(name.replace("_", " "), _cell(base[name]), _cell(loaded[name]), "")
    return made


def _cell(value: float | None) -> str:
    return "-" if value is None else str(value)


def main() -> None:
    """Start, measure the base and the load, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SECONDS:.0f} seconds instead of {SECONDS:.0f}")
    parser.add_argument("--json", action="store_true", help="JSON for programs")
    chosen = parser.parse_args()
    model = processes.MODELS / f"{processes.model_name()}.tar.gz"
    if not model.exists():
        err.print("hotline bench: no model fits the data: make train")
        raise SystemExit(1)
    seconds, where = QUICK_SECONDS if chosen.quick else SECONDS, report.machine()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave through the `with` block: nothing stays running
    try:
        with tempfile.TemporaryDirectory(prefix="hotline-bench-") as name, _database(Path(name)) as url, \
                Running(Path(name)) as running:
            results = _run(Path(name), url, running, model, seconds)
    except (OSError, RuntimeError) as error:
        err.print(f"hotline bench: {error}", markup=False)
        raise SystemExit(1) from error
    judged = bars(results)
    if chosen.json:
        json.dump(report.as_json(where, results, judged), sys.stdout, ensure_ascii=False, indent=1)
        return
    out.print(table(results), "", report.bars_table(judged), "", report.machine_words(where), sep="\n")
    if which := results["loaded"]["which"]:
        out.print(*which, sep="\n", markup=False)


def _run(folder: Path, url: str, running: Running, model: Path, seconds: float) -> dict[str, Any]:
    os.environ.update(DATABASE_URL=url, HOTLINE_VAR=str(folder), TELEGRAM_BOT_TOKEN="")
    settings.cache_clear()
    ports = [free_port() for _ in range(3)]
    chosen = settings().model_copy(update={"host": "127.0.0.1", "port": ports[0]})
    environment = {**processes.environment(chosen, ports[1], ports[2]), "REDIS_URL": os.environ.get("REDIS_URL", ""),
                   "HOTLINE_MESSAGES_PER_MINUTE": "1000000", "HOTLINE_CONVERSATIONS_PER_MINUTE": "1000000"}
    for step in ("migrate", "seed"):
        subprocess.run([sys.executable, "-m", "bot.cli", step], cwd=ROOT, env={**os.environ, **environment}, check=True,
                       stdout=subprocess.DEVNULL)
    for name, command in processes.commands(chosen, model, ports[1], ports[2]).items():
        running.start(name, command, environment, ROOT)
    base = f"http://127.0.0.1:{ports[0]}"
    running.wait_until(lambda: _ready(base))
    desks = prepare()
    one = [Desk(desks[0].cookie, desks[0].conversations[:1])]
    return {"base": asyncio.run(measure(base, one, 1.0, max(10.0, seconds / 3))),
            "loaded": asyncio.run(measure(base, desks, PER_SECOND, seconds))}


def _ready(base: str) -> bool:
    with suppress(httpx.HTTPError, ValueError):
        return all(httpx.get(f"{base}/health/ready", timeout=3, trust_env=False).json().values())
    return False


if __name__ == "__main__":
    main()
