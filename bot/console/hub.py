"""Wake-ups for the browsers connected to this process: signals from any thread, and the watch on SQL."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from bot.console.watch import Watch
from bot.storage.signals import signals

log = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 2.0


class Member:
    """One connected browser: the topics it has not been told of yet."""

    def __init__(self) -> None:
        self._topics: set[str] = set()
        self._woken = asyncio.Event()

    def tell(self, topics: set[str]) -> None:
        """Something changed."""
        self._topics |= topics
        self._woken.set()

    async def topics(self, seconds: float) -> set[str]:
        """What changed since the last call, waiting up to `seconds`; empty when nothing did."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()
        told, self._topics = self._topics, set()
        return told


class Hub:
    """Listens and looks while somebody is connected."""

    def __init__(self) -> None:
        self._members: set[Member] = set()
        self._stop_listening: Callable[[], None] = lambda: None
        self._looking: asyncio.Task[None] | None = None

    def join(self) -> Member:
        """A browser connects; the first one starts the listening."""
        member = Member()
        if not self._members:
            loop = asyncio.get_running_loop()
            self._stop_listening = signals().listen(lambda topic: self._from_any_thread(loop, topic))
            self._looking = loop.create_task(self._look())
        self._members.add(member)
        return member

    def leave(self, member: Member) -> None:
        """A browser is gone; the last one stops the listening."""
        self._members.discard(member)
        if not self._members:
            self._stop_listening()
            if self._looking:
                self._looking.cancel()
                self._looking = None

    def _from_any_thread(self, loop: asyncio.AbstractEventLoop, topic: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(self._tell, {topic})

    def _tell(self, topics: set[str]) -> None:
        for member in self._members:
            member.tell(topics)

    async def _look(self) -> None:
        watch = Watch()
        while True:
            try:
                if topics := await run_in_threadpool(watch.changed):
                    self._tell(topics)
            except Exception:  # the database is away: say so and look again
                log.exception("the console's look at the database failed")
            await asyncio.sleep(LOOK_EVERY_SECONDS)


hub = Hub()
