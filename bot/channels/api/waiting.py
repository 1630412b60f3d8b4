"""Waiting for new messages without holding a thread: wake-ups where there are any, a look at SQL else."""

import asyncio
from collections import defaultdict

from bot.services.typing import BY_OPERATOR
from bot.storage.signals import signals

POLL_SECONDS = 1.0


class Wake(asyncio.Event):
    """Set at a wake-up; `typing` where an operator is writing."""

    typing = False


class Wakeups:
    """Turns signals from any thread into asyncio events of this process's loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._events: dict[str, set[Wake]] = defaultdict(set)

    def start(self) -> None:
        """Begin listening; called once the loop runs."""
        self._loop = asyncio.get_running_loop()
        signals().listen(self._heard)

    async def wait(self, topic: str, seconds: float) -> bool:
        """Return at the next wake-up of the topic, or after `seconds`; true where it was an operator writing."""
        event = Wake()
        self._events[topic].add(event)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._events[topic].discard(event)
            if not self._events[topic]:
                del self._events[topic]
        return event.typing

    def _heard(self, topic: str) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, topic)

    def _wake(self, topic: str) -> None:
        for event in self._events.get(topic.removeprefix(BY_OPERATOR), ()):
            event.typing |= topic.startswith(BY_OPERATOR)
            event.set()


wakeups = Wakeups()
