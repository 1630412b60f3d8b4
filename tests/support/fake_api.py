"""The conversation API in memory, with the page in front of it: scripted answers, and faults on demand.

`python -m tests.support.fake_api 8200` serves it to look at; fake_replies.py lists the words that get special answers.
"""

import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from bot.channels.webchat import routes
from tests.support.fake_replies import replies

HEADERS = {"Content-Security-Policy": "default-src 'self'; base-uri 'none'", "X-Content-Type-Options": "nosniff"}
EMPTY = {
    "kind": "text", "text": "", "buttons": [], "cards": [], "photo_url": None, "file": None, "operator_name": None,
    "location": None, "client_message_id": None,
}
WRITTEN = ("client_message_id", "text", "choice", "location")


class FakeHotline:
    """What the server knows, and what it is told to do wrong.

    `posts` holds every attempt to send, also those that failed; `failures` the statuses of the next ones (0: stored,
    but the answer is lost).
    """

    def __init__(self) -> None:
        self.conversations: dict[str, dict[str, Any]] = {}
        self.posts: list[dict[str, Any]] = []
        self.failures: list[int] = []
        self.calls: list[str] = []
        self.events_work = True
        self.events_hold_back = False
        self.cut = 0
        self.silent = False

    def start(self, language: str) -> dict[str, str]:
        number = str(len(self.conversations) + 1)
        self.conversations[number] = {"token": f"token-{number}", "language": language, "messages": []}
        return {"id": number, "token": f"token-{number}"}

    def add(self, conversation: str, sender: str, ago: float = 0, **parts: Any) -> dict[str, Any]:
        """Append a message, `ago` seconds in the past."""
        messages = self.conversations[conversation]["messages"]
        at = datetime.now(UTC) - timedelta(seconds=ago)
        number = len(messages) + 1
        known = {"id": f"m{number}", "seq": number, "sender": sender, "created_at": at.isoformat()}
        message = EMPTY | known | parts
        messages.append(message)
        return message

    def receive(self, conversation: str, sent: dict[str, Any], photo: bytes | None) -> tuple[int, dict[str, Any]]:
        """Store as the real one does: once per client id, choices only where offered."""
        known = self.conversations[conversation]["messages"]
        for message in known:
            if message["client_message_id"] == sent["client_message_id"]:
                return 202, {"id": message["id"], "seq": message["seq"], "duplicate": True}
        parts: dict[str, Any] = {"client_message_id": sent["client_message_id"], "text": sent.get("text", "")}
        if "choice" in sent:
            titles = {b["id"]: b["title"] for m in known for b in _buttons(m)}
            if sent["choice"] not in titles:
                return 422, _error("message.choice_gone", "这个按钮已经失效，请直接打字告诉我。")
            parts |= {"kind": "choice", "text": titles[sent["choice"]]}
        elif "location" in sent:
            parts |= {"kind": "location", "location": sent["location"]}
        elif photo is not None:
            key = f"photo{len(known)}"
            self.conversations[conversation][key] = photo
            parts |= {"kind": "photo", "photo_url": f"/api/v1/conversations/{conversation}/files/{key}"}
        message = self.add(conversation, "citizen", **parts)
        if not self.silent:
            for reply in replies(sent):
                self.add(conversation, **{"sender": "bot", **reply})
        return 202, {"id": message["id"], "seq": message["seq"], "duplicate": False}


def _buttons(message: dict[str, Any]) -> list[dict[str, str]]:
    return [*message["buttons"], *(b for card in message["cards"] for b in card["buttons"])]


def _error(key: str, message: str) -> dict[str, Any]:
    return {"error": {"key": key, "message": message}}


def make_app(hotline: FakeHotline) -> FastAPI:
    """The page and the API of DESIGN §8."""
    app = FastAPI()
    app.include_router(routes.router)
    base = "/api/v1/conversations"

    @app.middleware("http")
    async def guard(request: Request, go_on: Any) -> Response:
        parts = request.url.path.split("/")
        if request.url.path.startswith(base + "/"):
            hotline.calls.append(f"{request.method} {request.url.path}?{request.url.query}")
            header = request.headers.get("authorization", "")
            token = header.removeprefix("Bearer ") or request.query_params.get("token")
            known = hotline.conversations.get(parts[4])
            if known is None or known["token"] != token:
                return JSONResponse(_error("conversation.bad_token", "对话已结束"), 401)
        response: Response = await go_on(request)
        response.headers.update(HEADERS)
        return response

    @app.post(base, status_code=201)
    async def start(request: Request) -> dict[str, str]:
        body = await request.body()
        return hotline.start(json.loads(body).get("language", "zh") if body else "zh")

    @app.post(base + "/{conversation}/messages")
    async def send(conversation: str, request: Request) -> Response:
        sent, photo = await _read(request)
        hotline.posts.append(sent)
        failure = hotline.failures.pop(0) if hotline.failures else None
        if failure:
            headers = {"Retry-After": "1"} if failure == 429 else None
            return JSONResponse(_error("fake.failure", "服务器暂时不行"), failure, headers=headers)
        status, answer = hotline.receive(conversation, sent, photo)
        if failure == 0:
            return JSONResponse(_error("fake.lost", ""), 502)
        return JSONResponse(answer, status)

    @app.get(base + "/{conversation}/messages")
    async def fetch(conversation: str, after: int = 0, wait: float = 0) -> dict[str, Any]:
        until = time.monotonic() + wait
        while True:
            found = [m for m in hotline.conversations[conversation]["messages"] if m["seq"] > after][:200]
            if found or time.monotonic() >= until:
                return {"messages": found}
            await asyncio.sleep(0.05)

    @app.get(base + "/{conversation}/events")
    async def events(conversation: str, request: Request, after: int = 0) -> Response:
        if not hotline.events_work:
            return JSONResponse(_error("fake.no_events", ""), 503)
        return StreamingResponse(_stream(hotline, conversation, after, request), media_type="text/event-stream")

    @app.post(base + "/{conversation}/language")
    async def language(conversation: str, request: Request) -> dict[str, str]:
        hotline.conversations[conversation]["language"] = (await request.json())["language"]
        return {}

    @app.post(base + "/{conversation}/seen")
    async def seen(conversation: str, request: Request) -> dict[str, int]:
        hotline.conversations[conversation]["seen"] = (await request.json())["seq"]
        return {}

    @app.post(base + "/{conversation}/typing")
    async def writes(conversation: str) -> dict[str, bool]:
        return {"heard": False}

    @app.get(base + "/{conversation}/files/{key}")
    async def file(conversation: str, key: str) -> Response:
        return Response(hotline.conversations[conversation][key], media_type="image/jpeg")

    return app


async def _read(request: Request) -> tuple[dict[str, Any], bytes | None]:
    if not request.headers["content-type"].startswith("multipart/"):
        sent = await request.json()
        return {k: sent[k] for k in WRITTEN if k in sent}, None
    async with request.form() as form:
        photo = await form["photo"].read()  # type: ignore[union-attr]
        sent = {k: str(form[k]) for k in WRITTEN if k in form}
        return sent | {"photo_bytes": len(photo)}, photo


async def _stream(hotline: FakeHotline, conversation: str, after: int, request: Request) -> AsyncIterator[str]:
    cut = hotline.cut
    yield ": hello\n\n"
    while cut == hotline.cut and hotline.events_work and not await request.is_disconnected():
        for message in hotline.conversations[conversation]["messages"]:
            if message["seq"] > after and not hotline.events_hold_back:
                after = message["seq"]
                yield f"id: {after}\nevent: message\ndata: {json.dumps(message)}\n\n"
        await asyncio.sleep(0.05)


class Served:
    """An ASGI application on a free port of this machine, in a thread."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self.socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)

    def __enter__(self) -> "Served":
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(5)


if __name__ == "__main__":
    with Served(make_app(FakeHotline()), int(sys.argv[1])) as served:
        print(served.url)
        served.thread.join()
