"""Wake-ups, locks, rate limits and presence. Hints only: with all of it gone the truth is still in SQL.

Two twins, in memory (one machine) and on Redis (many); `tests/services/test_signals.py` runs against both.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.config import settings

Listener = Callable[[str], None]
CHANNEL = "hotline:wake"


class Signals(Protocol):
    """What both twins do. No method raises when the other side is away: it answers as if nothing were known."""

    def publish(self, topic: str) -> None:
        """Tell listeners in every process that something changed."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(topic)` on every wake-up, from any thread. Returns the way to stop."""

    def lock(self, name: str, seconds: float, owner: str = "") -> bool:
        """Take or extend a lock that falls off by itself; False where another owner holds it."""

    def unlock(self, name: str, owner: str = "") -> None:
        """Give a lock up early; nothing happens where another owner holds it."""

    def allow(self, name: str, limit: int, seconds: int) -> bool:
        """Count one more event; False above `limit` within the running window of `seconds`."""

    def seen(self, group: str, who: str, seconds: int) -> None:
        """Note that somebody is there for the next `seconds`."""

    def present(self, group: str) -> set[str] | None:
        """Who is there now; None where that cannot be known."""


class MemorySignals:
    """One process. Other processes on the machine learn of changes by polling SQL."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._listeners: list[Listener] = []
        self._locks: dict[str, tuple[str, float]] = {}
        self._counts: dict[tuple[str, int], int] = defaultdict(int)
        self._seen: dict[str, dict[str, float]] = defaultdict(dict)

    def publish(self, topic: str) -> None:
        for listener in list(self._listeners):
            listener(topic)

    def listen(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def lock(self, name: str, seconds: float, owner: str = "") -> bool:
        with self._guard:
            holder, until = self._locks.get(name, ("", 0.0))
            if until > self._clock() and not (owner and holder == owner):
                return False
            self._locks[name] = (owner, self._clock() + seconds)
            return True

    def unlock(self, name: str, owner: str = "") -> None:
        with self._guard:
            if self._locks.get(name, ("", 0.0))[0] == owner:
                self._locks.pop(name, None)

    def allow(self, name: str, limit: int, seconds: int) -> bool:
        window = int(self._clock() // seconds)
        with self._guard:
            if len(self._counts) > 20_000:
                self._counts.clear()
            self._counts[(name, window)] += 1
            return self._counts[(name, window)] <= limit

    def seen(self, group: str, who: str, seconds: int) -> None:
        self._seen[group][who] = self._clock() + seconds

    def present(self, group: str) -> set[str] | None:
        return {who for who, until in self._seen[group].items() if until > self._clock()}


class RedisSignals:
    """Many processes and machines. Short time-outs: a slow Redis must not slow a citizen."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=1.0, socket_connect_timeout=0.5, decode_responses=True, retry=Retry(NoBackoff(), 1)
        )
        self._pubsub = redis.Redis.from_url(url, socket_connect_timeout=0.5, decode_responses=True)
        self._fallback = MemorySignals()
        self._listeners: list[Listener] = []
        self._thread: threading.Thread | None = None

    def publish(self, topic: str) -> None:
        try:
            self._redis.publish(CHANNEL, topic)
        except redis.RedisError:
            for listener in list(self._listeners):
                listener(topic)

    def listen(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        if self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="redis-wake", daemon=True)
            self._thread.start()
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def lock(self, name: str, seconds: float, owner: str = "") -> bool:
        key = f"hotline:lock:{name}"
        try:
            if self._redis.set(key, owner, nx=True, px=round(seconds * 1000)):
                return True
            if owner and self._redis.get(key) == owner:
                return bool(self._redis.pexpire(key, int(seconds * 1000)))
            return False
        except redis.RedisError:
            return self._fallback.lock(name, seconds, owner)

    def unlock(self, name: str, owner: str = "") -> None:
        key = f"hotline:lock:{name}"
        try:
            if self._redis.get(key) == owner:
                self._redis.delete(key)
        except redis.RedisError:
            self._fallback.unlock(name, owner)

    def allow(self, name: str, limit: int, seconds: int) -> bool:
        key = f"hotline:rate:{name}:{int(time.time() // seconds)}"
        try:
            pipe = self._redis.pipeline(transaction=False)
            count, _ = pipe.incr(key).expire(key, seconds * 2).execute()
            return int(count) <= limit
        except redis.RedisError:
            return self._fallback.allow(name, limit, seconds)

    def seen(self, group: str, who: str, seconds: int) -> None:
        try:
            self._redis.set(f"hotline:here:{group}:{who}", "1", ex=seconds)
        except redis.RedisError:
            self._fallback.seen(group, who, seconds)

    def present(self, group: str) -> set[str] | None:
        prefix = f"hotline:here:{group}:"
        try:
            return {str(k).removeprefix(prefix) for k in self._redis.scan_iter(prefix + "*", count=500)}
        except redis.RedisError:
            return None

    def _follow(self) -> None:
        while True:
            try:
                pubsub = self._pubsub.pubsub(ignore_subscribe_messages=True)
                pubsub.subscribe(CHANNEL)
                for message in pubsub.listen():
                    for listener in list(self._listeners):
                        listener(str(message["data"]))
            except redis.RedisError:
                time.sleep(1)


@lru_cache
def signals() -> Signals:
    """The process's signals, by configuration."""
    url = settings().redis_url
    return RedisSignals(url) if url else MemorySignals()
