"""Tickets at a city's size: whole lifecycles a second, lists and searches, and a spike of requests.

`python -m benchmarks.tickets [--tickets N] [--json]`. Fills a database of its own on PostgreSQL with N
tickets of two years by COPY and drops it afterwards. A lifecycle is open, dispatch, accept, answer, rate, close: the
product's own functions, a transaction each, by as many processes as there are cores. The spike is eGov DIGIT's shape,
1, 15, 1, 25, 2, 35 requests a second, against a real web process; what is asked is a list, a search, a ticket's page.
"""

import argparse
import asyncio
import gc
import itertools
import json
import math
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, text

from benchmarks.clocks import database
from bot.storage.ticket_mark import of_row

LIFECYCLES_A_SECOND, PAGE_MS, ERRORS, RECOVERED_SECONDS = 40.0, 150.0, 0.01, 10.0
SPIKE = (1, 15, 1, 25, 2, 35)
STEP_SECONDS = 10
THINGS = ("路灯不亮", "井盖松动", "垃圾没人收", "摊贩占道", "路面有坑", "水管漏水", "工地夜里施工", "电动车堵楼道",
          "树枝压电线", "公厕没水")
PLACES = ("恒春街", "新典路", "翠柏路", "中山西路", "环城西路", "望童路", "段塘东路", "蓝天路", "丽雅苑", "联丰新村")
STREETS = ("ximen", "gulou", "baiyun", "nanmen", "duantang", "wangchun", "gulin")
KINDS = ("complaint", "complaint", "help", "consult", "suggestion")
PARTS = {"dispatched": "dispatched", "accepted": "accepted", "waiting_for_citizen": "accepted", "suspended": "accepted",
         "returned": "returned"}
WORDS = ("三天了", "晚上看不见", "老人摔了一跤", "打过两次电话", "没人来", "气味很大", "挡住了盲道", "天天早上都这样",
         "孩子上学要走", "请尽快")


def fill(count: int) -> None:
    """Tickets of two years, a few items and streets with most of them, 97 of 100 ended: what is open is mostly of the
    last weeks, some of it old. With their parts, what they are found by, and their openings."""
    from bot.services import catalogue, conversations
    from bot.services.supervision import CHANGE
    from bot.storage import Assignment, Change, Ticket, TicketMark, engine, transaction
    from bot.storage.bulk import insert_many

    dice = random.Random(7)
    items = [i for i in catalogue.catalogue().items.values() if not i.life]
    dice.shuffle(items)
    shares = list(itertools.accumulate(1 / (n + 1) for n in range(len(items))))
    here, now = conversations.for_channel("telegram", "bench"), datetime.now(UTC)
    _run("DROP INDEX ix_ticket_mark_marks")
    for first in range(1, count + 1, 20_000):
        rows, parts, found, told = [], [], [], []
        for n in range(first, min(first + 20_000, count + 1)):
            item = dice.choices(items, cum_weights=shares)[0]
            ticket = _one(dice, n, count, now, item.code)
            part = SimpleNamespace(department=item.department, role="lead", unit="", state=PARTS.get(ticket["state"]))
            rows.append((n, here, *ticket.values()))
            parts.append((n, item.department, "lead", PARTS.get(ticket["state"], "answered"), "", "", "", 0))
            found.append((n, ticket["received_at"], of_row({**ticket, "place": json.loads(ticket["place"])}, [part],
                                                           "telegram")))
            told.append(("ticket", str(n), ticket["received_at"], "citizen", "opened", "", "received", ""))
        with transaction() as session:
            insert_many(session, Ticket, ("id", "conversation_id", *ticket), rows)
            insert_many(session, Assignment, ("ticket_id", "department", "role", "state", "note", "proposed", "unit",
                                              "step"), parts)
            insert_many(session, TicketMark, ("ticket_id", "received_at", "marks"), found)
            insert_many(session, Change, CHANGE, told)
    _run("SELECT setval('ticket_id_seq', (SELECT max(id) FROM ticket))",
         "CREATE INDEX ix_ticket_mark_marks ON ticket_mark USING gin (marks) WITH (fastupdate = off)",
         "VACUUM ANALYZE")
    engine().dispose()


def _one(dice: random.Random, n: int, count: int, now: datetime, item: str) -> dict[str, Any]:
    at = now - timedelta(seconds=int((count - n) * 63_000_000 / count) + dice.randrange(60))
    street = f"haishu-{dice.choices(STREETS, range(len(STREETS), 0, -1))[0]}"
    where = f"{dice.choice(PLACES)}{dice.randrange(1, 300)}号"
    age, luck, state = (now - at).total_seconds() / 86400, dice.random(), "closed"
    if luck < math.exp(-age / 20) + 0.003:
        state = dice.choices(("dispatched", "accepted", "waiting_for_citizen", "suspended", "returned"),
                             (30, 55, 8, 4, 3))[0]
    elif age < 15 and dice.random() < 0.5:
        state = "answered"
    done = at + timedelta(days=min(2, age / 2)) if state in ("closed", "answered") else None
    over, again = state == "closed", int(dice.random() < 0.02)
    return {
        "number": f"HS{at:%Y%m%d}{n:07d}", "item": item, "kind": dice.choice(KINDS), "description":
            f"{where}{dice.choice(THINGS)}，{dice.choice(WORDS)}，{dice.choice(WORDS)}",
        "place": json.dumps({"text": where, "street": street}), "street": street, "community": "", "grid": "",
        "occurred_at": "", "contact_name": "陈秀英", "contact_phone": f"+86139{n % 300_000:08d}", "anonymous": False,
        "confidential": False, "reported_by": "", "state": state, "outcome": "solved" if done else "",
        "answer": "已处理。" if done else "", "received_at": at,
        "due_at": at + timedelta(days=dice.choice((1, 3, 5, 15))),
        "answered_at": done, "closed_at": done if over else None, "score": 5 if over else None,
        "solved": True if over else None, "urged": int(dice.random() < 0.05), "reopened": again, "needs_call": False,
    }


def _run(*statements: str) -> None:
    from bot.storage import engine

    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as link:
        for statement in statements:
            link.execute(text(statement))


def lifecycles(seconds: float) -> dict[str, Any]:
    """How many whole lives a second, by two processes, and milliseconds of processor time for one."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(_live, [(seconds, n) for n in range(2)])
    done = sum(n for n, *_ in found)
    return {"a_second": round(sum(n / took for n, took, _ in found), 1), "done": done,
            "processor_ms": round(1000 * sum(spent for *_, spent in found) / done, 1)}


def _live(job: tuple[float, int]) -> tuple[int, float, float]:
    from bot.domain.access import Actor, Role
    from bot.domain.disposal import Form
    from bot.domain.draft import Draft
    from bot.domain.rating import Rating
    from bot.services import assignments, conversations, disposals, ratings, tickets
    from bot.services.catalogue import catalogue
    from bot.storage import Ticket, reading, transaction

    seconds, which = job
    item = catalogue().items["streetlight-out"]
    actor = Actor(f"account:{90 + which}", "小陈", Role.HANDLER, item.department, 90 + which)
    form = Form("yes", False, None, "yes", "", "到场更换", "路灯已修好，今晚亮灯。")
    here = conversations.for_channel("telegram", f"bench-{which}")
    draft = Draft(item=item.code, kind="complaint", description="新典路口路灯三天不亮，晚上太黑",
                  place={"text": "新典路", "street": "haishu-ximen"}, confirmed=True)
    gc.freeze()
    with reading() as session:
        before = _processor(session)
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        with transaction() as session:
            ticket = tickets.open_for(session, here, draft, "citizen")
            number, key = ticket.number, ticket.id
        with transaction() as session:
            assignments.accept(session, number, actor)
        with transaction() as session:
            disposals.answer(session, number, actor, form, without=True)
        with transaction() as session:
            ratings.settle(session, session.get_one(Ticket, key), Rating(5, True), "很好", "citizen")
        done += 1
    took = time.perf_counter() - started
    with reading() as session:
        return done, took, _processor(session) - before


def pages(rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of a page's rows and its counts, for lists and searches as desks and departments ask them."""
    from bot.console.views.tickets import listing
    from bot.domain.access import Actor, Role
    from bot.services.ticket_search import Filter
    from bot.storage import Assignment, reading

    boss = Actor("account:1", "赵强", Role.SUPERVISOR)
    with reading() as session:
        largest = session.execute(select(Assignment.department, func.count()).group_by(Assignment.department)
                                  .order_by(func.count().desc()).limit(1)).one()
    handler = Actor("account:2", "周建国", Role.HANDLER, largest[0])
    past = (datetime.now(UTC) - timedelta(days=365)).date()
    deep, lamps = "", Filter(street="haishu-ximen", item="streetlight-out")
    with reading() as session:
        for _ in range(20):
            deep = listing(session, boss, Filter(), "closed", deep, "zh").after
    asked: dict[str, Callable[[Any], Any]] = {
        "all open": lambda s: listing(s, boss, Filter(), "open", "", "zh"),
        "all closed, page 21": lambda s: listing(s, boss, Filter(), "closed", deep, "zh"),
        f"largest department ({largest[1]:,}): open": lambda s: listing(s, handler, Filter(), "open", "", "zh"),
        "largest department: closed": lambda s: listing(s, handler, Filter(), "closed", "", "zh"),
        "late": lambda s: listing(s, boss, Filter(), "late", "", "zh"),
        "street and item": lambda s: listing(s, boss, lamps, "closed", "", "zh"),
        "a common word, open": lambda s: listing(s, boss, Filter(words="路灯"), "open", "", "zh"),
        "a month a year ago": lambda s: listing(s, boss, Filter(since=past, until=past + timedelta(days=30)), "closed",
                                                "", "zh"),
        "a number's end": lambda s: listing(s, boss, Filter(words="0012345"), "closed", "", "zh"),
        "a common word": lambda s: listing(s, boss, Filter(words="路灯"), "closed", "", "zh"),
        "two words": lambda s: listing(s, boss, Filter(words="恒春街 井盖"), "closed", "", "zh"),
        "a rare word": lambda s: listing(s, boss, Filter(words="恒春街217号"), "closed", "", "zh"),
        "a word nobody said": lambda s: listing(s, boss, Filter(words="飞碟"), "closed", "", "zh"),
        "largest department: words": lambda s: listing(s, handler, Filter(words="占道 盲道"), "closed", "", "zh"),
    }
    gc.collect()
    gc.freeze()  # as the web process does
    found = {}
    for name, ask in asked.items():
        times, spent = [], 0.0
        for _ in range(rounds):
            with reading() as session:
                before, started = _processor(session), time.perf_counter()
                ask(session)
                times.append(1000 * (time.perf_counter() - started))
                spent += _processor(session) - before
        found[name] = {"p50": round(statistics.median(times), 1), "p95": round(_p95(times), 1),
                       "processor": round(1000 * spent / rounds, 1)}
    return found


def _processor(session: Any) -> float:
    """Seconds of processor time that this process and its connection's backend, on the same machine, have had: what a
    machine with other work to do takes longer for, but not much more of."""
    backend = Path(f"/proc/{session.scalar(select(func.pg_backend_pid()))}/schedstat")
    return time.process_time() + (int(backend.read_text().split()[0]) / 1e9 if backend.exists() else 0.0)


def spike() -> dict[str, Any]:
    """The shape against a real web process: requests, errors, milliseconds, and when it was as quick as before."""
    from bot.services import accounts
    from bot.storage import transaction
    from tests.support.world import free_port

    with transaction() as session:
        token = accounts.create_token(session, "supervisor", "bench")
    port = free_port()
    web = subprocess.Popen([sys.executable, "-m", "uvicorn", "--factory", "bot.app:create_app", "--port", str(port),
                            "--log-level", "error"])
    try:
        return asyncio.run(_spike(f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {token}"}))
    finally:
        web.terminate()
        web.wait(20)


async def _spike(base: str, headers: dict[str, str]) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30, trust_env=False) as client:
        for _ in range(100):
            try:
                if (await client.get("/health/live")).status_code == 200:
                    break
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
        number = (await client.get("/api/v1/tickets?state=open&limit=1")).json()["tickets"][0]["number"]
        paths = ("/api/v1/tickets?state=open", "/api/v1/tickets?q=恒春街 井盖&newest=true", f"/api/v1/tickets/{number}")
        seen: list[tuple[float, float, bool]] = []
        started = time.perf_counter()

        async def one(n: int) -> None:
            at = time.perf_counter()
            try:
                good = (await client.get(paths[n % 3])).status_code == 200
            except httpx.HTTPError:
                good = False
            seen.append((at - started, 1000 * (time.perf_counter() - at), good))

        running, n = set(), 0
        for rate in (*SPIKE, 1):
            until = time.perf_counter() + STEP_SECONDS
            while time.perf_counter() < until:
                running.add(asyncio.create_task(one(n)))
                n += 1
                await asyncio.sleep(1 / rate)
        await asyncio.gather(*running)
    return _judged(seen)


def _judged(seen: list[tuple[float, float, bool]]) -> dict[str, Any]:
    base = statistics.median(ms for at, ms, _ in seen if at < STEP_SECONDS)
    peak_ends = len(SPIKE) * STEP_SECONDS
    slow = [at + ms / 1000 - peak_ends for at, ms, _ in seen if at >= peak_ends - STEP_SECONDS and ms > 3 * base + 50]
    by_step = {str(i): round(_p95([ms for at, ms, _ in seen if i * STEP_SECONDS <= at < (i + 1) * STEP_SECONDS]), 1)
               for i in range(len(SPIKE) + 1)}
    errors = round(sum(not good for *_, good in seen) / len(seen), 4)
    return {"requests": len(seen), "errors": errors, "p95_by_step": by_step,
            "base_ms": round(base, 1), "recovered_after_s": round(max([0.0, *slow]), 1)}


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, math.ceil(0.95 * len(times)) - 1)] if times else 0.0


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0, help="of lifecycles")
    chosen = parser.parse_args()
    with database(sqlite=False):
        from benchmarks.clocks import _ready

        _ready()
        started = time.perf_counter()
        fill(chosen.tickets)
        filled = round(time.perf_counter() - started)
        found = {"tickets": chosen.tickets, "filled_s": filled, "load": os.getloadavg()[0], "pages": pages(20),
                 "lifecycles": lifecycles(chosen.seconds), "spike": spike()}
    if chosen.json:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
        return
    table = Table("", "p50, ms", "p95, ms", "processor, ms", box=None)
    for name, times in found["pages"].items():
        table.add_row(name, *(str(times[key]) for key in ("p50", "p95", "processor")))
    Console(width=110).print(table, found["lifecycles"], found["spike"], sep="\n")


if __name__ == "__main__":
    main()
