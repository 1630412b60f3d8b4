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
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console as Terminal

from benchmarks import report
from benchmarks.measures import percentile
from benchmarks.running import Running, free_port
from bot import processes
from bot.config import ROOT, settings

OPERATORS, EACH, PER_SECOND, BAR_MS = 20, 5, 10.0, 300.0
SECONDS, QUICK_SECONDS, PATIENCE = 60.0, 10.0, 10.0
out = Terminal(highlight=False, width=None if sys.stdout.isatty() else 140)


@dataclass
class Desk:
    """One operator: her cookie, her conversations (id, citizen's token); the first is opened on her screen."""

    cookie: str
    conversations: list[tuple[str, str]]


@dataclass
class Seen:
    """What was sent when and whether to the opened conversation, and how many milliseconds until it was on the screen:
    in that conversation, or in the queue's row of another."""

    sent: dict[str, tuple[float, bool]] = field(default_factory=dict)
    opened: list[float] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    _empty: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self, html: str, opened: bool) -> None:
        """Whatever of the words sent to such a place is in the HTML has arrived."""
        into = self.opened if opened else self.rows
        for words in [w for w, (_, to_opened) in self.sent.items() if to_opened == opened and w in html]:
            into.append((time.perf_counter() - self.sent.pop(words)[0]) * 1000)
        if not self.sent:
            self._empty.set()

    def will_come(self, words: str, opened: bool) -> None:
        """Sent just now."""
        self.sent[words] = time.perf_counter(), opened
        self._empty.clear()

    async def all_there(self) -> None:
        """Until nothing is missing."""
        if self.sent:
            await self._empty.wait()


class Screen:
    """A console without its browser."""

    def __init__(self, http: httpx.AsyncClient, desk: Desk, seen: Seen) -> None:
        self._http, self._seen = http, seen
        self._cookies = {"hotline_session": desk.cookie}
        self._ids = {id_ for id_, _ in desk.conversations}
        self._opened = desk.conversations[0][0]
        self._at = {"after": 0, "event": 0, "note": 0}
        self._running: set[str] = set()
        self._again: set[str] = set()
        self.errors: list[str] = []
        self.ready = asyncio.Event()

    async def follow(self) -> None:
        """The event stream until cancelled, opened anew when it breaks, as a browser does."""
        while True:
            try:
                await self._stream()
            except httpx.HTTPError as error:
                self.errors.append(f"stream {error!r}"[:120])
                await asyncio.sleep(0.5)

    async def _stream(self) -> None:
        headers = {"Cookie": f"hotline_session={self._cookies['hotline_session']}"}
        async with self._http.stream("GET", "/console/events", headers=headers, timeout=None) as stream:
            event = ""
            async for line in stream.aiter_lines():
                if line.startswith("event:"):
                    event = line[6:].strip()
                elif line.startswith("data:") and event == "hello":
                    await asyncio.gather(self._conversation(), self._queue())
                    self.ready.set()
                elif line.startswith("data:") and event == "change":
                    self._changed(set(json.loads(line[5:])["topics"]))

    def _changed(self, topics: set[str]) -> None:
        if topics & (self._ids | {"queue"}):
            self._coalesced("queue")
        if topics & {"queue", "tickets", "outbox", self._opened}:
            self._coalesced("conversation")

    def _coalesced(self, name: str) -> None:
        if name in self._running:
            self._again.add(name)
            return
        self._running.add(name)
        asyncio.get_running_loop().create_task(self._run(name))

    async def _run(self, name: str) -> None:
        while True:
            self._again.discard(name)
            try:
                await (self._queue() if name == "queue" else self._conversation())
            except (httpx.HTTPError, KeyError, ValueError) as error:
                self.errors.append(repr(error)[:120])
            if name not in self._again:
                break
        self._running.discard(name)

    async def _queue(self) -> None:
        self._seen.look((await self._get("/console/api/queue"))["html"], opened=False)

    async def _conversation(self) -> None:
        path = f"/console/api/conversations/{self._opened}"
        found = await self._get(path, self._at)
        self._at = {"after": found["seq"], "event": found["event"], "note": found.get("note", 0)}
        self._seen.look(found["lines"], opened=True)

    async def _get(self, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Cookie": f"hotline_session={self._cookies['hotline_session']}", "Accept": "application/json"}
        answer = await self._http.get(path, params=params, headers=headers)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


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
        "errors": len(errors), "which": sorted(set(errors))[:5],
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
    return {"count": len(found), **{f"p{int(100 * q)}": round(percentile(found, q), 1) for q in (0.5, 0.95, 0.99)}}


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


def main() -> None:
    """Start, measure the base and the load, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SECONDS:.0f} seconds instead of {SECONDS:.0f}")
    parser.add_argument("--json", action="store_true", help="JSON for programs")
    chosen = parser.parse_args()
    model = processes.MODELS / f"{processes.model_name()}.tar.gz"
    if not model.exists():
        out.print("hotline bench: no model fits the data: make train")
        raise SystemExit(1)
    seconds = QUICK_SECONDS if chosen.quick else SECONDS
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as name, _database(Path(name)) as url, \
            Running(Path(name)) as running:
        results = _run(Path(name), url, running, model, seconds)
    where = report.machine()
    if chosen.json:
        json.dump({"machine": where, **results}, sys.stdout, ensure_ascii=False, indent=1)
        return
    for what, found in results.items():
        out.print(f"{what}: {json.dumps(found, ensure_ascii=False)}")
    loaded, base = results["loaded"]["all"].get("p95", 0.0), results["base"]["all"].get("p95", 1.0)
    met = "met" if loaded <= BAR_MS and not results["loaded"]["never_seen"] else "MISSED"
    out.print(f"p95 {loaded} ms, bar ≤ {BAR_MS:g}: {met}; {loaded / base:.1f} times the base's {base} ms",
              report.machine_words(where), sep="\n")


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
