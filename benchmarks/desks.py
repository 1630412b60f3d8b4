"""An operator's console without its browser: what it fetches, and when a citizen's words are on it."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx


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
        self.fetches = 0
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
        self.fetches += 1
        found: dict[str, Any] = answer.raise_for_status().json()
        return found
