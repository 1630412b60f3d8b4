"""Both twins of signals pass the same contract; with Redis away the service goes on."""

import threading

import pytest

from bot.storage.signals import MemorySignals, RedisSignals, Signals
from tests.conftest import redis_url
from tests.support.world import wait_until


@pytest.fixture(params=["memory", "redis", "redis away"])
def pair(request: pytest.FixtureRequest) -> tuple[Signals, Signals]:
    """Two processes' signals (the same one where there is only one process)."""
    if request.param == "redis":
        url = redis_url()
        return RedisSignals(url), RedisSignals(url)
    alone: Signals = MemorySignals() if request.param == "memory" else RedisSignals("redis://127.0.0.1:1/0")
    return alone, alone


def test_a_wake_up_reaches_the_listener(pair: tuple[Signals, Signals], request: pytest.FixtureRequest) -> None:
    here, there = pair
    heard, woken = [], threading.Event()

    def listener(topic: str) -> None:
        heard.append(topic)
        if topic == "c1":  # others may use the same Redis
            woken.set()

    stop = there.listen(listener)

    def ring() -> bool:
        here.publish("c1")
        return woken.wait(0.1)

    wait_until(ring, 5, "wake-up")
    stop()
    assert "c1" in heard


def test_a_lock_has_one_owner_until_it_is_given_up(pair: tuple[Signals, Signals]) -> None:
    here, there = pair
    assert here.lock("poll", 30, "a") and not there.lock("poll", 30, "b")
    assert here.lock("poll", 30, "a")
    there.unlock("poll", "b")
    assert not there.lock("poll", 30, "b")
    here.unlock("poll", "a")
    assert there.lock("poll", 30, "b")


def test_the_limit_counts_across_processes(pair: tuple[Signals, Signals]) -> None:
    here, there = pair
    allowed = [s.allow("x", 3, 3600) for s in (here, there, here, there)]
    assert allowed == [True, True, True, False]


def test_presence_is_seen_by_all_or_unknown(pair: tuple[Signals, Signals]) -> None:
    here, there = pair
    here.seen("operators", "account:1", 60)
    assert there.present("operators") in ({"account:1"}, None)
    assert there.present("nobody") in (set(), None)


def test_a_lock_falls_off_by_itself() -> None:
    time = [0.0]
    memory = MemorySignals(lambda: time[0])
    assert memory.lock("x", 5, "a")
    time[0] = 5.1
    assert memory.lock("x", 5, "b")
