"""The handoff queue for a municipality's own call-centre software: all that the console's operators do, by token.

docs/api.md walks through it. What one token or account holds, another cannot answer.
"""

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from bot.channels.api import handoff_shapes as shapes
from bot.channels.api import views
from bot.channels.api.callers import Caller, Credentials, bearer
from bot.channels.api.waiting import POLL_SECONDS, wakeups
from bot.config import settings
from bot.domain.access import Actor, Right
from bot.domain.contact import masked
from bot.domain.handoff import HandoffState
from bot.errors import BadInput, Conflict, NotSignedIn
from bot.services import conversations, desk, files, handoffs, transfers
from bot.services.briefs import draft_of
from bot.storage import Conversation, Handoff, reading, transaction

router = APIRouter(prefix="/api/v1/handoffs", tags=["handoffs"], responses=shapes.REFUSALS)
KEEP_ALIVE_SECONDS = 15.0
LONGEST_BODY = 100_000
FORM_OVERHEAD = 10_000
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "private, max-age=3600"}


@router.get("", response_model=shapes.Handoffs)
def list_handoffs(actor: Caller, state: str = "", team: str = "") -> dict[str, Any]:
    """Who waits and who is being served, in the queue's order; `state` waiting | active and `team` narrow it."""
    actor.must(Right.TAKE_HANDOFFS)
    if state not in ("", "waiting", "active"):
        raise BadInput("request.invalid", why="state")
    with reading() as session:
        found = [h for h in handoffs.queue(session)
                 if (not state or h.state == state) and (not team or h.team == team)]
        return {"handoffs": [_handoff(h) for h in found]}


@router.get("/events", response_class=StreamingResponse, responses=shapes.EVENT_STREAM)
async def events(actor: Caller, given: Credentials, request: Request) -> StreamingResponse:
    """Server-sent events: `queue {handoffs}` at once and whenever the queue is another. Ends once the token is
    revoked."""
    actor.must(Right.TAKE_HANDOFFS)
    return StreamingResponse(_stream(request, given), media_type="text/event-stream",
                             headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


@router.get("/{handoff_id}", response_model=shapes.Story)
def one(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """One handoff with what is known: brief, notes, the contact masked."""
    actor.must(Right.SEE_CONVERSATIONS)
    with reading() as session:
        handoff = handoffs.find(session, handoff_id)
        conversation = session.get_one(Conversation, handoff.conversation_id)
        reach = draft_of(conversation).reach()
        notes = [{"author": n.author, "text": n.text, "at": n.at.isoformat()}
                 for n in desk.notes(session, handoff.conversation_id)]
        contact = {"name": reach.name or conversation.display_name, "phone": masked(reach.phone or conversation.phone)}
        return {**_handoff(handoff), "language": conversation.language, "channel": conversation.channel,
                "contact": contact, "notes": notes}


@router.get("/{handoff_id}/messages", response_model=shapes.Transcript)
async def messages(
    actor: Caller, handoff_id: int, after: Annotated[int, Query(ge=0)] = 0,
    wait: Annotated[float, Query(ge=0, le=30)] = 0,
) -> dict[str, Any]:
    """The transcript after message number `after`, 200 at a time; with `wait` it is waited for, in seconds. Reading
    along with what somebody else holds is written down."""
    conversation = await run_in_threadpool(_listen, actor, handoff_id)
    until = time.monotonic() + wait
    while True:
        found = await run_in_threadpool(_after, handoff_id, conversation, after)
        left = until - time.monotonic()
        if found or left <= 0:
            return {"messages": found}
        await wakeups.wait(conversation, min(left, POLL_SECONDS))


@router.get("/{handoff_id}/files/{key}", response_class=FileResponse)
def file(actor: Caller, handoff_id: int, key: str) -> FileResponse:
    """A photo or voice note of the conversation."""
    actor.must(Right.SEE_CONVERSATIONS)
    with reading() as session:
        found = files.find(session, handoffs.find(session, handoff_id).conversation_id, key)
    return FileResponse(files.path_of(found), media_type=found.media_type, headers=FILE_HEADERS)


@router.get("/{handoff_id}/providers", response_model=shapes.Providers)
def providers(actor: Caller, handoff_id: int, item: str) -> dict[str, Any]:
    """Who offers a life service near the citizen of a conversation one holds, the best first."""
    with reading() as session:
        return {"providers": [views.provider(found) for found in desk.offered(session, handoff_id, actor, item)]}


@router.post("/{handoff_id}/claim", response_model=shapes.Handoff)
def claim(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """Take a waiting conversation; 409 when somebody was first. Claiming what one holds already is no error."""
    try:
        with transaction() as session:
            return _handoff(handoffs.claim(session, handoff_id, actor))
    except Conflict:
        with reading() as session:
            handoff = handoffs.find(session, handoff_id)
            if (handoff.state, handoff.holder) != (HandoffState.ACTIVE, actor.id):
                raise
            return _handoff(handoff)


@router.post("/{handoff_id}/reply", response_model=shapes.Sent, openapi_extra=shapes.REPLY_BODY)
async def reply(actor: Caller, handoff_id: int, request: Request) -> dict[str, Any]:
    """Words to the citizen as JSON, or a photo as multipart."""
    length = int(request.headers.get("content-length") or 0)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _reply_with_photo(actor, handoff_id, request, length)
    if length > LONGEST_BODY:
        raise BadInput("request.invalid", why="body")
    try:
        body = shapes.Reply.model_validate_json(await request.body())
    except ValidationError as error:
        why = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
        raise BadInput("request.invalid", why=why) from error
    return await run_in_threadpool(_say, actor, handoff_id, body)


@router.post("/{handoff_id}/return", response_model=shapes.Handoff)
def give_back(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """Back to the bot, which goes on with what is agreed."""
    with transaction() as session:
        return _handoff(handoffs.give_back(session, handoff_id, actor))


@router.post("/{handoff_id}/end", response_model=shapes.Handoff)
def end(actor: Caller, handoff_id: int, body: shapes.End | None = None) -> dict[str, Any]:
    """Settled, with an outcome."""
    with transaction() as session:
        return _handoff(handoffs.end(session, handoff_id, actor, body.outcome if body else ""))


@router.post("/{handoff_id}/transfer", response_model=shapes.Handoff)
def transfer(actor: Caller, handoff_id: int, body: shapes.Transfer) -> dict[str, Any]:
    """To an operator on duty, or back into the queue for a team. The holder may, and a supervisor."""
    if (body.account is None) == (not body.team):
        raise BadInput("request.invalid", why="account, team")
    with transaction() as session:
        if body.account is not None:
            return _handoff(transfers.to_operator(session, handoff_id, actor, body.account, body.why))
        return _handoff(transfers.to_team(session, handoff_id, actor, body.team, body.why))


@router.post("/{handoff_id}/take-over", response_model=shapes.Handoff)
def take_over(actor: Caller, handoff_id: int, body: shapes.TakeOver | None = None) -> dict[str, Any]:
    """A supervisor's program takes what waits or what somebody else holds."""
    with transaction() as session:
        return _handoff(transfers.take_over(session, handoff_id, actor, body.why if body else ""))


@router.post("/{handoff_id}/note", response_model=shapes.Made)
def add_note(actor: Caller, handoff_id: int, body: shapes.Note) -> dict[str, Any]:
    """A note beside the conversation; the same words within a minute are one note."""
    with transaction() as session:
        made = desk.add_note(session, handoffs.find(session, handoff_id).conversation_id, actor, body.text)
        return {"id": made.id, "duplicate": False}


@router.post("/{handoff_id}/correct", response_model=shapes.Corrected)
def correct(actor: Caller, handoff_id: int, body: shapes.Correction) -> dict[str, Any]:
    """What a message meant; kept for training, and the matter goes by it."""
    with transaction() as session:
        handoff = handoffs.held_by(session, handoff_id, actor)
        made = desk.correct(session, body.message, actor, body.item, handoff.conversation_id)
        return {"message": made.message_id, "item": made.right}


@router.post("/{handoff_id}/ticket", response_model=shapes.Opened)
def open_ticket(actor: Caller, handoff_id: int, body: shapes.TicketForm) -> dict[str, Any]:
    """A ticket on the citizen's behalf; its number is told in the chat."""
    form = desk.TicketForm(**body.model_dump(exclude={"client_message_id"}))
    with transaction() as session:
        ticket = desk.open_ticket(session, handoff_id, actor, form, body.client_message_id)
        return {"number": ticket.number, "due_at": ticket.due_at.isoformat()}


@router.post("/{handoff_id}/referral", response_model=shapes.Made)
def refer(actor: Caller, handoff_id: int, body: shapes.Referral) -> dict[str, Any]:
    """The citizen passed on to a provider, whose contact is told in the chat."""
    with transaction() as session:
        made = desk.refer(session, handoff_id, actor, body.item, body.provider, body.client_message_id)
        return {"id": made.id if made else None, "duplicate": made is None}


def _handoff(handoff: Handoff) -> dict[str, Any]:
    return {
        "id": handoff.id, "conversation": handoff.conversation_id, "reason": handoff.reason,
        "emergency": handoff.emergency or None, "item": handoff.item or None, "team": handoff.team or None,
        "priority": handoff.priority, "state": handoff.state, "outcome": handoff.outcome or None,
        "waiting_since": handoff.waiting_since.isoformat(), "warned": handoff.warned_at is not None,
        "escalated": handoff.escalated_at is not None, "account": handoff.account_id, "holder": handoff.holder or None,
        "offered_to": handoff.offered_to, "brief": handoff.brief,
    }


def _listen(actor: Actor, handoff_id: int) -> str:
    actor.must(Right.SEE_CONVERSATIONS)
    with transaction() as session:
        conversation = handoffs.find(session, handoff_id).conversation_id
        desk.listen(session, conversation, actor)
        return conversation


def _after(handoff_id: int, conversation: str, after: int) -> list[dict[str, Any]]:
    with reading() as session:
        return views.transcript(session, handoff_id, conversations.messages_after(session, conversation, after))


def _say(actor: Actor, handoff_id: int, body: shapes.Reply) -> dict[str, Any]:
    with transaction() as session:
        message = handoffs.reply(session, handoff_id, actor, body.text, body.client_message_id)
        return {"id": str(message.id) if message else None, "duplicate": message is None}


async def _reply_with_photo(actor: Actor, handoff_id: int, request: Request, length: int) -> dict[str, Any]:
    if length > settings().upload_limit_bytes + FORM_OVERHEAD:
        raise BadInput("file.too_big", limit=settings().upload_limit_bytes // 1_048_576)
    async with request.form(max_files=1, max_fields=5) as form:
        upload, client_id = form.get("photo"), str(form.get("client_message_id") or "")[:40]
        if not isinstance(upload, UploadFile):
            raise BadInput("request.invalid", why="photo")
        content, words = await upload.read(), str(form.get("text") or "")
    return await run_in_threadpool(_show, actor, handoff_id, content, words, client_id)


def _show(actor: Actor, handoff_id: int, content: bytes, words: str, client_id: str) -> dict[str, Any]:
    checked = files.checked_photo(content)
    with transaction() as session:
        message = desk.send_photo(session, handoff_id, actor, checked, words, client_id)
        return {"id": str(message.id) if message else None, "duplicate": message is None}


async def _stream(request: Request, given: Credentials) -> AsyncIterator[str]:
    said, last = "", time.monotonic()
    yield "retry: 2000\n\n"
    while not await request.is_disconnected():
        try:
            queue = await run_in_threadpool(_queue, given)
        except NotSignedIn:
            return
        if queue != said:
            said, last = queue, time.monotonic()
            yield f"event: queue\ndata: {queue}\n\n"
        elif time.monotonic() - last > KEEP_ALIVE_SECONDS:
            last = time.monotonic()
            yield ": still here\n\n"
        await wakeups.wait("queue", POLL_SECONDS)


def _queue(given: Credentials) -> str:
    bearer(given)
    with reading() as session:
        return json.dumps({"handoffs": [_handoff(h) for h in handoffs.queue(session)]}, ensure_ascii=False)
