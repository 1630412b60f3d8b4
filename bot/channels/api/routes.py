"""Conversations over HTTP: start, send, fetch by long poll or server-sent events."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Header, Query, Request
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from bot.channels.api import views
from bot.channels.api.waiting import POLL_SECONDS, wakeups
from bot.config import settings
from bot.domain.message import Incoming, Location
from bot.errors import BadInput, NotFound, TooMany
from bot.services import conversations, dialogue, files, typing
from bot.storage import Attachment, Conversation, reading, transaction
from bot.storage.signals import signals

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])
MAX_WAIT = 25.0
HEARTBEAT = 15.0
FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class Start(BaseModel):
    """What a new conversation may say of itself."""

    language: str = Field(default="zh", pattern="^(zh|en)$")


class Point(BaseModel):
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Send(BaseModel):
    """One of text, choice, location; `client_message_id` makes sending again harmless."""

    client_message_id: str = Field(min_length=1, max_length=100)
    text: str | None = None
    choice: str | None = Field(default=None, max_length=200)
    location: Point | None = None


class Seen(BaseModel):
    """The number of the newest message the page has shown."""

    seq: int = Field(ge=0, le=2**31 - 1)


class Language(BaseModel):
    language: str = Field(pattern="^(zh|en)$")


def owner(
    conversation_id: str, authorization: Annotated[str, Header()] = "", token: Annotated[str, Query()] = ""
) -> str:
    """The conversation's id, once its token has been shown (header, or `?token=` where headers cannot be sent)."""
    with reading() as session:
        return conversations.check_token(session, conversation_id, authorization.removeprefix("Bearer ") or token).id


Owner = Annotated[str, Depends(owner)]


@router.post("", status_code=201)
def start(request: Request, body: Start | None = None) -> dict[str, str]:
    """A new conversation: `{id, token}`."""
    _limit(f"start:{request.client.host if request.client else ''}", settings().conversations_per_minute)
    conversation_id, token = conversations.start(body.language if body else "zh")
    return {"id": conversation_id, "token": token}


@router.post("/{conversation_id}/messages", status_code=202)
async def send(conversation_id: Owner, request: Request, tasks: BackgroundTasks) -> JSONResponse:
    """Store a message, answer at once; the reply comes by `/messages` or `/events`."""
    incoming = await _incoming(conversation_id, request)
    message, new = await run_in_threadpool(_receive, conversation_id, incoming)
    if new:
        tasks.add_task(work_off, conversation_id)
    return JSONResponse({"id": str(message.id), "seq": message.seq, "duplicate": not new}, 202, background=tasks)


@router.get("/{conversation_id}/messages")
async def fetch(
    conversation_id: Owner, after: Annotated[int, Query(ge=0)] = 0, wait: Annotated[float, Query(ge=0)] = 0
) -> dict[str, Any]:
    """Messages numbered above `after`; with `wait` seconds, as soon as there is one not the citizen's own. `seen` is
    the last one that an operator has read."""
    until = time.monotonic() + min(wait, MAX_WAIT)
    while True:
        found = await run_in_threadpool(_after, conversation_id, after)
        left = until - time.monotonic()
        if any(m["sender"] != "citizen" for m in found) or left <= 0:
            return {"messages": found, "seen": await run_in_threadpool(_seen, conversation_id)}
        await wakeups.wait(conversation_id, min(left, POLL_SECONDS))


@router.get("/{conversation_id}/events")
async def events(
    conversation_id: Owner, request: Request, after: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """Server-sent events: every message from `after` (or the browser's Last-Event-ID) on, then as they come; `typing`
    while an operator writes, `seen {seq}` when one has read on."""
    begin = int(last_event_id) if last_event_id.isdigit() else after
    return StreamingResponse(
        _stream(conversation_id, begin, request), media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.post("/{conversation_id}/language")
def language(conversation_id: Owner, body: Language) -> dict[str, str]:
    """The page's language switch."""
    with transaction() as session:
        conversation = session.get_one(Conversation, conversation_id)
        conversation.language, conversation.language_chosen = body.language, True
    return {"language": body.language}


@router.post("/{conversation_id}/seen")
def seen(conversation_id: Owner, body: Seen) -> dict[str, int]:
    """The citizen has seen the messages up to `seq`; the operator is told so."""
    with transaction() as session:
        conversations.seen_by_citizen(session, conversation_id, body.seq)
    return {"seq": body.seq}


@router.post("/{conversation_id}/typing")
def writes(conversation_id: Owner) -> dict[str, bool]:
    """The citizen is writing; `heard` false where no human is there to see it. Nothing is stored."""
    with reading() as session:
        return {"heard": typing.citizen_writes(session, conversation_id)}


@router.get("/{conversation_id}/files/{key}")
def file(conversation_id: Owner, key: str) -> FileResponse:
    """A photo of the conversation, under a name of ours (its own may name people), or a document to download."""
    with reading() as session:
        found = session.scalar(
            select(Attachment).where(Attachment.key == key, Attachment.conversation_id == conversation_id,
                                     Attachment.internal.is_(False))
        )
    if found is None:
        raise NotFound("conversation.unknown")
    path = files.path_of(found)
    if not path.is_file():
        raise NotFound("file.unknown")
    shown = found.media_type.startswith(("image/", "audio/"))
    name = path.name if shown else found.name or path.name
    return FileResponse(path, media_type=found.media_type, headers=FILE_HEADERS, filename=name,
                        content_disposition_type="inline" if shown else "attachment")


def work_off(conversation_id: str) -> None:
    """Answer what is stored; whatever goes wrong here, the worker finds it again."""
    try:
        dialogue.work_off(conversation_id)
    except Exception:
        log.exception("conversation %s left to the worker", conversation_id)


async def _incoming(conversation_id: str, request: Request) -> Incoming:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _photo(conversation_id, request)
    length = int(request.headers.get("content-length") or 0)
    if length > 1_000_000:
        raise BadInput("file.too_big", limit=1)
    try:
        body = Send.model_validate_json(await request.body())
    except ValueError as error:
        raise BadInput("request.invalid", why=str(error).splitlines()[0]) from error
    given = [v for v in (body.text, body.choice, body.location) if v is not None]
    if len(given) != 1:
        raise BadInput("message.one_of")
    if body.location is not None:
        return Incoming(body.client_message_id, "location", location=Location(body.location.lat, body.location.lon))
    if body.choice is not None:
        return Incoming(body.client_message_id, "choice", choice=body.choice)
    return Incoming(body.client_message_id, "text", text=body.text or "")


async def _photo(conversation_id: str, request: Request) -> Incoming:
    if int(request.headers.get("content-length") or 0) > settings().upload_limit_bytes + 10_000:
        raise BadInput("file.too_big", limit=settings().upload_limit_bytes // 1_048_576)
    async with request.form(max_files=1, max_fields=5) as form:
        upload, client_id = form.get("photo"), str(form.get("client_message_id") or "")
        if not isinstance(upload, UploadFile) or not client_id:
            raise BadInput("message.one_of")
        content, words = await upload.read(), str(form.get("text") or "")
    await run_in_threadpool(_limit, f"send:{conversation_id}", settings().messages_per_minute)
    key = await run_in_threadpool(files.keep_photo, conversation_id, content)
    return Incoming(client_id[:100], "photo", text=words, attachment=key)


def _receive(conversation_id: str, incoming: Incoming) -> Any:
    if incoming.kind != "photo":
        _limit(f"send:{conversation_id}", settings().messages_per_minute)
    return conversations.receive(conversation_id, incoming)


def _after(conversation_id: str, after: int) -> list[dict[str, Any]]:
    with reading() as session:
        return views.messages(session, conversations.messages_after(session, conversation_id, after))


def _seen(conversation_id: str) -> int:
    with reading() as session:
        return conversations.seen_by_staff(session, conversation_id)


def _news(conversation_id: str, after: int) -> tuple[list[dict[str, Any]], int]:
    with reading() as session:
        found = views.messages(session, conversations.messages_after(session, conversation_id, after))
        return found, conversations.seen_by_staff(session, conversation_id)


async def _stream(conversation_id: str, after: int, request: Request) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    last_said, read_to = time.monotonic(), 0
    while not await request.is_disconnected():
        found, seen_to = await run_in_threadpool(_news, conversation_id, after)
        for message in found:
            after = message["seq"]
            last_said = time.monotonic()
            yield f"id: {after}\nevent: message\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"
        if seen_to > read_to:
            read_to = seen_to
            yield f'event: seen\ndata: {{"seq": {read_to}}}\n\n'
        if time.monotonic() - last_said > HEARTBEAT:
            last_said = time.monotonic()
            yield ": still here\n\n"
        if await wakeups.wait(conversation_id, POLL_SECONDS):
            yield "event: typing\ndata: {}\n\n"
        await asyncio.sleep(0)


def _limit(name: str, limit: int) -> None:
    if not signals().allow(name, limit, 60):
        raise TooMany("rate.too_many")
