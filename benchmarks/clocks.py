"""How long a sweep of 100,000 open clocks takes: none due, one in a hundred due, all due, all three days late.

`python -m benchmarks.clocks [--sqlite] [--json] [--clocks N]`. Makes a database of its own and drops it; PostgreSQL is
the one of BENCH_POSTGRES_URL. A sweep is what the worker does: `clocks.sweep` in batches, each a transaction,
until nothing is left. Every clock that is due is moved, written into its ticket's story and among the supervision.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.engine import make_url

POSTGRES = os.environ.get("BENCH_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
NAME = f"hotline_bench_{os.getpid()}"
LIMIT_SECONDS = 2.0
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""The instant of the first sweep, 10:00 in Ningbo."""
ROUNDS: tuple[tuple[str, str, int], ...] = (
    ("none_due", "none due", 0), ("one_percent", "1 in 100 due", 100), ("all_due", "all due", 1),
    ("three_days_off", "all due, three days off: every level", 1),
)


def measure(count: int) -> dict[str, Any]:
    """Seconds of a sweep in each round, and what it wrote."""
    from bot.services import clocks
    from bot.storage import Change, Supervision, transaction

    conversation = _ready()
    found: dict[str, Any] = {}
    for key, _, every in ROUNDS:
        _fill(conversation, count, every, timedelta(days=3) if key == "three_days_off" else timedelta(minutes=5))
        started = time.perf_counter()
        looked_at = clocks.catch_up(MONDAY)
        seconds = time.perf_counter() - started
        with transaction() as session:
            written = session.scalar(select(func.count()).select_from(Supervision)) or 0
            told = session.scalar(select(func.count()).select_from(Change).where(Change.actor == "clock")) or 0
        found[key] = {"seconds": round(seconds, 3), "clocks_moved": looked_at, "papers": written, "history_rows": told,
                      "clocks_per_second": round(looked_at / seconds) if looked_at else None}
    return found


def _ready() -> str:
    from bot.config import ROOT
    from bot.services import catalogue, conversations
    from bot.storage import transaction
    from bot.storage.migrate import migrate

    migrate()
    with transaction() as session:
        catalogue.replace(session, catalogue.read_folder(ROOT / "data" / "catalogue"))
    return conversations.for_channel("telegram", "bench")


def _fill(conversation: str, count: int, every: int, late: timedelta) -> None:
    """`count` open clocks of as many tickets; every so many'th is due for `late` already, the others next week."""
    from bot.services.catalogue import catalogue
    from bot.storage import Assignment, Change, Clock, Supervision, Ticket, engine, transaction

    items = [i for i in catalogue().items.values() if not i.life]
    with transaction() as session:
        if not session.scalar(select(func.count()).select_from(Ticket)):
            for first in range(0, count, 5000):
                ids = range(first + 1, min(first + 5000, count) + 1)
                session.execute(insert(Ticket), [
                    {"id": n, "number": f"HS20261120{n:06d}", "conversation_id": conversation,
                     "item": items[n % len(items)].code, "kind": "help", "description": "路灯不亮", "state": "accepted",
                     "received_at": MONDAY, "due_at": MONDAY} for n in ids])
                session.execute(insert(Assignment), [
                    {"ticket_id": n, "department": items[n % len(items)].department, "role": "lead"} for n in ids])
                session.execute(insert(Clock), [
                    {"subject": "ticket", "subject_id": n, "kind": "answer", "limit_seconds": 28800,
                     "department": items[n % len(items)].department, "notice_seconds": 5760, "around_the_clock": False,
                     "started_at": MONDAY, "warn_at": MONDAY, "due_at": MONDAY} for n in ids])
        for table in (Supervision, Change):
            session.execute(table.__table__.delete())
        _set_times(session, late, every)
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if engine().dialect.name == "postgresql" else "ANALYZE"))


def _set_times(session: Any, late: timedelta, every: int) -> None:
    from bot.storage import Clock

    hour, week = timedelta(hours=1), timedelta(days=7)
    for due, which in ((MONDAY + week, None), (MONDAY - late, Clock.id % every == 0 if every else None)):
        if which is None and due < MONDAY:
            continue
        query = update(Clock).values(
            level=0, next_at=due, warn_at=due, due_at=due + hour, supervise_at=due + timedelta(days=1),
            escalate_at=due + timedelta(days=2))
        chosen = query if which is None else query.where(which)
        session.execute(chosen, execution_options={"synchronize_session": False})


@contextmanager
def database(sqlite: bool) -> Iterator[None]:
    """A database of our own, gone afterwards."""
    from bot.config import settings
    from bot.storage.session import engine

    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        url = make_url(POSTGRES)
        admin = url.set(drivername="postgresql").render_as_string(False)
        ours = f"sqlite:///{Path(folder) / 'bench.db'}" if sqlite else url.set(database=NAME).render_as_string(False)
        if not sqlite:
            with psycopg.connect(admin, autocommit=True) as link:
                link.execute(f'CREATE DATABASE "{NAME}"')
        os.environ.update(DATABASE_URL=ours, REDIS_URL="", HOTLINE_VAR=folder)
        settings.cache_clear()
        try:
            yield
        finally:
            engine().dispose()
            if not sqlite:
                with psycopg.connect(admin, autocommit=True) as link:
                    link.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--clocks", type=int, default=100_000)
    chosen = parser.parse_args()
    with database(chosen.sqlite):
        found = measure(chosen.clocks)
    if chosen.json:
        json.dump({"database": "sqlite" if chosen.sqlite else "postgresql", "clocks": chosen.clocks,
                   "limit_seconds": LIMIT_SECONDS, "rounds": found}, sys.stdout)
        return
    table = Table(box=None)
    table.add_column(f"sweep of {chosen.clocks:,} open clocks (bar: {LIMIT_SECONDS:g} s)", no_wrap=True)
    for column in ("seconds", "moved", "rows written", "a second"):
        table.add_column(column, justify="right")
    for key, words, _ in ROUNDS:
        row = found[key]
        table.add_row(words, f"{row['seconds']:.3f}", f"{row['clocks_moved']:,}",
                      f"{row['papers'] + row['history_rows']:,}", f"{row['clocks_per_second'] or '':}")
    Console().print(table)


if __name__ == "__main__":
    main()
