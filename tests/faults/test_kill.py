"""kill -9 of every process, one after another, while a hundred citizens talk.

Every message is stored once, every one is answered once and in order, or its citizen is told and queued for a human.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from sqlalchemy import func, select

from bot import launch
from bot.config import ROOT
from bot.i18n import messages as texts
from bot.storage import Conversation, Handoff, Message, Ticket, now, reading
from tests.conftest import emptied, seeded, use
from tests.support.world import free_port, wait_until

CITIZENS, AT_ONCE = 100, 10
SAYS = ("你好", "楼下烧烤摊每晚炒到一点，油烟全飘进来", "恒春街12号楼下", "13900000034", "确认提交", "我的单子办到哪了")
ORDER = ("web", "worker", "actions", "rasa")
IN_FLIGHT = timedelta(seconds=3)
"""A message on its way to a process that dies is told of it a little later."""
TOLD = texts("zh")["brain.down"]


class Hotline:
    """`hotline up` as an admin starts it."""

    def __init__(self, var: Path) -> None:
        self.port, self._var = free_port(), var
        self.base = f"http://127.0.0.1:{self.port}/api/v1"
        environment = {**os.environ, "HOTLINE_MESSAGES_PER_MINUTE": "100000", "HOTLINE_CONVERSATIONS_PER_MINUTE": "100000"}
        log = (var / "up.log").open("wb")
        command = [sys.executable, "-m", "bot.cli", "up", "--port", str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        wait_until(self.ready, 120, f"hotline up, see {var / 'up.log'}")

    def ready(self) -> bool:
        try:
            return bool(httpx.get(f"http://127.0.0.1:{self.port}/health/ready", timeout=3).json().get("rasa"))
        except (httpx.HTTPError, ValueError):
            return False

    def pid(self, name: str) -> int:
        lines = (self._var / "hotline.pids").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith(name + " ")), 0)

    def kill(self, name: str) -> None:
        """kill -9, and wait until the supervisor has started another one and it answers."""
        old = self.pid(name)
        os.killpg(old, signal.SIGKILL)
        wait_until(lambda: self.pid(name) not in (0, old), 60, f"{name} started again")
        wait_until(self.ready, 90, f"ready after {name}")

    def stop(self) -> int:
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)


class Talker(threading.Thread):
    """Ten citizens, one after another; each sends again until the message is taken, as a phone does."""

    def __init__(self, hotline: Hotline, stop_at: float) -> None:
        super().__init__(daemon=True)
        self._hotline, self._stop_at = hotline, stop_at
        self.sent: dict[str, list[str]] = {}
        self.errors: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._hotline.base, timeout=15, trust_env=False) as http:
            for _ in range(CITIZENS // AT_ONCE):
                made = self._until_taken(http, "/conversations", {}, "")
                self.sent[made["id"]] = []
                for number, words in enumerate(SAYS):
                    body = {"client_message_id": f"c{number}", "text": words}
                    self._until_taken(http, f"/conversations/{made['id']}/messages", body, made["token"])
                    self.sent[made["id"]].append(words)
                    self._wait_for_answer(http, made, 2 * number)

    def _until_taken(self, http: httpx.Client, path: str, body: dict[str, str], token: str) -> dict[str, str]:
        while True:
            try:
                answer = http.post(path, json=body, headers={"Authorization": f"Bearer {token}"} if token else {})
                if answer.status_code < 500:
                    return answer.raise_for_status().json()  # type: ignore[no-any-return]
            except httpx.TransportError:
                pass
            if time.monotonic() > self._stop_at:
                raise AssertionError(f"{path} not taken")
            time.sleep(0.1)

    def _wait_for_answer(self, http: httpx.Client, made: dict[str, str], after: int) -> None:
        """A citizen who is told that the hotline is down goes on when it is there again, as people do."""
        with suppress(httpx.TransportError):
            found = http.get(f"/conversations/{made['id']}/messages", params={"after": after, "wait": 3},
                             headers={"Authorization": f"Bearer {made['token']}"})
            if TOLD in found.text:
                wait_until(self._hotline.ready, 90, "ready again")


@pytest.fixture(params=["sqlite", "postgresql"])
def hotline(request: pytest.FixtureRequest) -> Iterator[Hotline]:
    database, redis_url, var = seeded(request.param, "faults")
    use(database, redis_url, var)
    emptied()
    launch.ensure_model(Console(quiet=True))
    running = Hotline(var)
    yield running
    assert running.stop() == 0


@pytest.mark.processes
def test_kill_every_process_while_a_hundred_citizens_talk(hotline: Hotline) -> None:
    talkers = [Talker(hotline, time.monotonic() + 240) for _ in range(AT_ONCE)]
    for talker in talkers:
        talker.start()
    outages: list[tuple[datetime, datetime]] = []
    for name in ORDER:
        seen = _answered()  # outages are one after the other: the last one is over when the bot answers again
        wait_until(lambda at=seen: _answered() > at + 20 or not any(t.is_alive() for t in talkers), 60, "talk")
        began, at = now(), _answered()
        hotline.kill(name)
        wait_until(lambda at=at: _answered() > at or not any(t.is_alive() for t in talkers), 30, "the bot answers again")
        outages.append((began, now() + IN_FLIGHT))
    for talker in talkers:
        talker.join(300)
        assert not talker.is_alive()
    wait_until(lambda: _unsettled() == 0, 90, "every message settled")

    sent = {key: words for talker in talkers for key, words in talker.sent.items()}
    assert len(sent) == CITIZENS
    told = 0
    for conversation, words in sent.items():
        told += _check(conversation, words)
    with reading() as session:
        opened = session.scalar(select(func.count()).select_from(Ticket))
        assert session.scalar(select(func.count(func.distinct(Ticket.opened_by)))) == opened
    print(f"{len(sent)} citizens, {len(sent) * len(SAYS)} messages, {told} told to wait for a human, {opened} tickets")
    with reading() as session:
        when = session.scalars(select(Message.created_at).where(Message.text == TOLD)).all()
    assert [at for at in when if not any(a <= at <= b for a, b in outages)] == [], "only while something was down"
    assert told < len(sent) * len(SAYS) / 2  # four outages of some seconds, not the rule


def _check(conversation: str, words: list[str]) -> int:
    """One citizen's story is whole; returns how many messages were handed to a human."""
    with reading() as session:
        story = list(session.scalars(
            select(Message).where(Message.conversation_id == conversation).order_by(Message.seq)
        ))
        handoffs = session.scalars(select(Handoff).where(Handoff.conversation_id == conversation)).all()
        assert session.get_one(Conversation, conversation).last_seq == len(story)
    assert [m.seq for m in story] == list(range(1, len(story) + 1))
    asked = [m for m in story if m.sender == "citizen"]
    assert [m.text for m in asked] == words
    replies = [m for m in story if m.in_reply_to]
    assert {m.in_reply_to for m in replies} == {m.id for m in asked}  # each answered
    assert [key for key, _ in groupby(m.in_reply_to for m in replies)] == [m.id for m in asked]  # in order, once
    told = sum(m.text == TOLD for m in replies)
    assert not told or handoffs
    return told


def _count(model: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def _answered() -> int:
    with reading() as session:
        query = select(func.count()).select_from(Message).where(Message.sender == "bot", Message.text != TOLD)
        return session.scalar(query) or 0


def _unsettled() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Message).where(Message.state == "received")) or 0


