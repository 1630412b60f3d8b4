"""A Bot API server for tests: real HTTP on a loopback port, the rules of the real one, and people to write to the bot.

    with BotApi() as telegram:
        wang = telegram.person("王芳")
        wang.writes("水管漏了")
        …the hotline runs against telegram.base_url with telegram.token…
        assert telegram.wait_for(lambda: wang.heard)[0].text == "…"
"""

import asyncio
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import uvicorn
from fastapi import FastAPI, Request, Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.support import bot_api_rules as rules
from tests.support.bot_api_methods import METHODS
from tests.support.bot_api_people import Person
from tests.support.bot_api_rules import Refusal

T = TypeVar("T")


@dataclass
class Sent:
    """A message of the bot, or with `photo` its caption. `buttons` are (title, callback data)."""

    chat_id: int
    message_id: int
    text: str
    rows: list[list[dict[str, str]]] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    photo: bytes = b""

    @property
    def buttons(self) -> list[tuple[str, str]]:
        return [(b["text"], b["callback_data"]) for row in self.rows for b in row]


@dataclass
class Fault:
    """After `skip` good ones, `times` calls of `method` (to `chat_id`, if given) go wrong.

    `refusal` None: the connection is cut, before the call did anything or, with `after`, when it has."""

    method: str
    refusal: Refusal | None = None
    chat_id: int | None = None
    times: int = 1
    skip: int = 0
    after: bool = False


class _Cuttable(H11Protocol):
    """Lets a handler cut its own connection."""

    open: dict[int, asyncio.Transport] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.open[transport.get_extra_info("peername")[1]] = transport


class BotApi:
    """The server and its state. Every attribute may be read and set from the test's thread."""

    def __init__(self, token: str = "100000001:AAH-stand-in-of-the-bot-api-server0") -> None:
        self.token = token
        self.poll = 0
        self.pushing: asyncio.Task[None] | None = None
        self.changed = threading.Condition()
        self.numbers = itertools.count(1)
        self.reset()

    def reset(self) -> None:
        """As if new: nobody known, nothing said, no faults. Whoever polls is told to come again."""
        self.updates: list[dict[str, Any]] = []
        self.chats: dict[int, dict[str, Any]] = {}
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answered: dict[str, dict[str, Any]] = {}
        self.queries: set[str] = set()
        self.files: dict[str, bytes] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.left: list[int] = []
        self.faults: list[Fault] = []
        self.blocked: set[int] = set()
        self.shuffled = False
        """getUpdates answers newest first."""
        self.confirmed = 0
        self.polling = False
        """Somebody has asked for updates."""
        self.webhook, self.secret = "", ""
        self.poll += 1

    def __enter__(self) -> Self:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self._app(), log_level="error", http=_Cuttable, lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        with self.changed:
            self.poll += 1
        self._thread.join(5)

    def person(self, name: str = "王芳", language_code: str | None = "zh-hans", chat_id: int = 0) -> Person:
        """Somebody with a private chat with the bot."""
        return Person(self, chat_id or 700_000_000 + next(self.numbers), name, language_code)

    def push(self, update: dict[str, Any]) -> None:
        """Put an update in the queue under a number of its own."""
        with self.changed:
            update["update_id"] = 500_000_000 + next(self.numbers)
            self.updates.append(update)
            self.changed.notify_all()

    def push_again(self, update: dict[str, Any]) -> None:
        """The same update once more, also where it was confirmed already."""
        with self.changed:
            self.updates.append(update)
            self.confirmed = min(self.confirmed, update["update_id"] - 1)
            self.changed.notify_all()

    def fail(self, method: str, refusal: Refusal | None = None, **how: Any) -> Fault:
        """Let the next calls of a method fail; see Fault."""
        self.faults.append(Fault(method, refusal, **how))
        return self.faults[-1]

    def wait_for(self, what: Callable[[], T], seconds: float = 10) -> T:
        """Wait until `what` is true, looking whenever something happens here; returns what it gave."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not (found := what()):
                left = deadline - time.monotonic()
                assert left > 0, f"waited {seconds} s in vain; calls: {[name for name, _ in self.calls][-20:]}"
                self.changed.wait(min(left, 0.05))
            return found

    def pending(self) -> list[dict[str, Any]]:
        """Updates that nobody has confirmed."""
        return [u for u in self.updates if u["update_id"] > self.confirmed]

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of all calls of a method."""
        return [params for name, params in self.calls if name == method]

    def confirm(self, below: int) -> None:
        """Forget the updates with a lower id."""
        with self.changed:
            self.confirmed = max(self.confirmed, below - 1)
            self.changed.notify_all()

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.add_api_route("/bot{token}/{method}", self._call, methods=["GET", "POST"])
        app.add_api_route("/file/bot{token}/{path:path}", self._download, methods=["GET"])
        return app

    async def _call(self, token: str, method: str, request: Request) -> Response:
        params: dict[str, Any] = dict(request.query_params) | dict(await request.form())
        name = next((known for known in METHODS if known.lower() == method.lower()), "")
        self.calls.append((name or method, params))
        try:
            if token != self.token:
                raise Refusal(401, "Unauthorized")
            if not name:
                raise Refusal(404, "Not Found")
            fault = self._fault(name, params)
            if fault and fault.refusal:
                raise fault.refusal
            if fault and not fault.after:
                return self._cut(request)
            result = await METHODS[name](self, params)
        except Refusal as refusal:
            return Response(json.dumps(refusal.body()), refusal.status, media_type="application/json")
        finally:
            with self.changed:
                self.changed.notify_all()
        if fault:
            return self._cut(request)
        return Response(json.dumps({"ok": True, "result": result}), media_type="application/json")

    async def _download(self, token: str, path: str, request: Request) -> Response:
        fault = self._fault("download", {})
        self.calls.append(("download", {"path": path}))
        if token != self.token or path not in self.files or (fault and fault.refusal):
            return Response(json.dumps(Refusal(404, "Not Found").body()), 404, media_type="application/json")
        return self._cut(request) if fault else Response(self.files[path], media_type="application/octet-stream")

    def _fault(self, method: str, params: dict[str, Any]) -> Fault | None:
        chat = int(params.get("chat_id") or 0)
        if method.startswith(("send", "edit")) and chat in self.blocked:
            return Fault(method, rules.BLOCKED)
        for fault in self.faults:
            if fault.times > 0 and fault.method == method and fault.chat_id in (None, chat):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def _cut(self, request: Request) -> Response:
        assert request.client is not None
        _Cuttable.open[request.client.port].abort()
        return Response(status_code=500)
