"""kill -9 of web, worker and actions while two hundred citizens are with operators.

Nothing said on either side is lost, doubled or out of order, and every handoff is in exactly one state.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from rich.console import Console
from sqlalchemy import func, select

from bot import launch
from bot.services import accounts
from bot.storage import Handoff, Message, reading, transaction
from tests.conftest import emptied, seeded, use
from tests.faults.test_kill import Hotline
from tests.support.world import wait_until

CITIZENS, TALKERS, OPERATORS = 200, 8, 4
SAYS = ("转人工", "路口的灯坏了三天", "在恒春街12号", "晚上太黑了", "谢谢")
ANSWERS = ("您好", "我来登记", "已转给部门", "还有别的吗")
ORDER = ("web", "worker", "actions")


class Caller:
    """HTTP that tries again until it is taken, as phones and call-centre software do."""

    def __init__(self, base: str, token: str, stop_at: float) -> None:
        self.http = httpx.Client(base_url=base, timeout=15, trust_env=False)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._stop_at = stop_at

    def post(self, path: str, body: dict[str, Any], token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else self._headers
        while True:
            with suppress(httpx.TransportError):
                answer = self.http.post(path, json=body, headers=headers)
                if answer.status_code < 500:
                    return answer
            if time.monotonic() > self._stop_at:
                raise AssertionError(f"{path} not taken")
            time.sleep(0.1)

    def waiting(self) -> list[int]:
        with suppress(httpx.TransportError):
            answer = self.http.get("/handoffs", headers=self._headers)
            if answer.status_code == 200:
                return [h["id"] for h in answer.json()["handoffs"] if h["state"] == "waiting"]
        return []


class Citizens(threading.Thread):
    """Citizens one after another: each asks for a person and goes on talking whether one is there or not."""

    def __init__(self, hotline: Hotline, stop_at: float) -> None:
        super().__init__(daemon=True)
        self._caller, self.sent = Caller(hotline.base, "", stop_at), dict[str, str]()

    def run(self) -> None:
        for _ in range(CITIZENS // TALKERS):
            made = self._caller.post("/conversations", {}).json()
            self.sent[made["id"]] = made["token"]
            for number, words in enumerate(SAYS):
                self._caller.post(f"/conversations/{made['id']}/messages",
                                  {"client_message_id": f"c{number}", "text": words}, made["token"]).raise_for_status()


class Operator(threading.Thread):
    """Claims who waits and answers; when all is said, ends a third and gives back a third."""

    def __init__(self, hotline: Hotline, token: str, stop_at: float, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._caller, self._over, self._stop_at = Caller(hotline.base, token, stop_at), over, stop_at
        self.answered: dict[int, int] = {}

    def run(self) -> None:
        while time.monotonic() < self._stop_at:
            waiting = self._caller.waiting()
            if not waiting and self._over.is_set():
                self._finish()
                return
            for number in waiting:
                self._serve(number)
            if not waiting:
                time.sleep(0.2)

    def _serve(self, number: int) -> None:
        # A claim whose answer was lost comes back as 409 though it is ours; the first reply tells whose it is.
        self._caller.post(f"/handoffs/{number}/claim", {})
        for at, words in enumerate(ANSWERS):
            answer = self._caller.post(f"/handoffs/{number}/reply", {"text": words, "client_message_id": f"a{at}"})
            if answer.status_code == 409:
                return
            self.answered[number] = at + 1

    def _finish(self) -> None:
        for number in self.answered:
            if number % 3:
                act = "end" if number % 3 == 1 else "return"
                assert self._caller.post(f"/handoffs/{number}/{act}", {}).status_code in (200, 409)


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
def test_two_hundred_citizens_are_with_operators_while_processes_die(hotline: Hotline) -> None:
    with transaction() as session:
        tokens = [accounts.create_token(session, "operator", f"呼叫中心{n}") for n in range(OPERATORS)]
    stop_at, over = time.monotonic() + 240, threading.Event()
    citizens = [Citizens(hotline, stop_at) for _ in range(TALKERS)]
    operators = [Operator(hotline, token, stop_at, over) for token in tokens]
    for person in (*citizens, *operators):
        person.start()
    for name in ORDER:
        seen = _count(Message.sender == "operator")
        wait_until(lambda at=seen: _count(Message.sender == "operator") > at + 20, 90, "operators answer")
        hotline.kill(name)
    for citizen in citizens:
        citizen.join(240)
        assert not citizen.is_alive()
    wait_until(lambda: _count(Message.state == "received") == 0, 120, "every message settled")
    over.set()
    for operator in operators:
        operator.join(120)
        assert not operator.is_alive()

    sent = [conversation for citizen in citizens for conversation in citizen.sent]
    answered = {number: count for operator in operators for number, count in operator.answered.items()}
    assert len(sent) == CITIZENS and len(answered) == CITIZENS and set(answered.values()) == {len(ANSWERS)}
    for conversation in sent:
        _check(conversation)
    print(f"{len(sent)} citizens, {len(sent) * len(SAYS)} messages and {len(sent) * len(ANSWERS)} answers, each once")


def _check(conversation: str) -> None:
    with reading() as session:
        story = list(session.scalars(
            select(Message).where(Message.conversation_id == conversation).order_by(Message.seq)))
        states = list(session.scalars(select(Handoff.state).where(Handoff.conversation_id == conversation)))
    assert [m.seq for m in story] == list(range(1, len(story) + 1))
    assert [m.text for m in story if m.sender == "citizen"] == list(SAYS)
    assert [m.text for m in story if m.sender == "operator"] == list(ANSWERS)
    assert len(states) == 1 and states[0] in ("active", "ended", "returned")
    claimed = [m.seq for m in story if m.sender == "operator"]
    between = [m for m in story if m.sender == "bot" and m.in_reply_to and claimed[0] < m.seq < claimed[-1]]
    assert between == [], "the bot is silent while a human answers"


def _count(condition: Any) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Message).where(condition)) or 0
