"""The handoff queue for a municipality's own call-centre software: all that the console's operators do, by token.

docs/api.md walks through it. What one token or account holds, another cannot answer.
"""

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from bot.channels.api import views
from bot.channels.api.callers import Caller
from bot.channels.api.waiting import POLL_SECONDS, wakeups
from bot.domain.access import Actor, Right
from bot.domain.contact import masked
from bot.errors import BadInput
from bot.services import conversations, desk, handoffs, transfers
from bot.services.briefs import draft_of
from bot.services.desk import TicketForm
from bot.storage import Conversation, Handoff, reading, transaction

router = APIRouter(prefix="/api/v1/handoffs", tags=["handoffs"])
KEEP_ALIVE_SECONDS = 15.0


class Reply(BaseModel):
    """Words to the citizen; the same `client_message_id` again sends nothing twice."""

    text: str = Field(min_length=1, max_length=4000, examples=["您好，我来看看。"])
    client_message_id: str = Field(default="", max_length=60, examples=["reply-1"])


class End(BaseModel):
    """`outcome`: solved | ticket | referral | explained | unreachable, or empty."""

    outcome: str = Field(default="", max_length=12, examples=["solved"])


class Transfer(BaseModel):
    """Exactly one of `account`, an operator on duty, and `team`."""

    account: int | None = Field(default=None, examples=[7])
    team: str = Field(default="", max_length=32, examples=["english"])
    why: str = Field(default="", max_length=200)


class Note(BaseModel):
    """Words for colleagues; the citizen never sees them."""

    text: str = Field(min_length=1, max_length=2000)


class Correction(BaseModel):
    """What a citizen's message really meant: an item's code, or `out_of_scope`."""

    message: int
    item: str = Field(max_length=48, examples=["streetlight-out"])


class Ticket(BaseModel):
    """A ticket for the citizen; `street` is a territory's code, without `phone` the citizen is anonymous."""

    item: str = Field(max_length=48, examples=["streetlight-out"])
    kind: str = Field(default="", max_length=12, examples=["complaint"])
    description: str = Field(max_length=2000, examples=["新典路口路灯三天不亮"])
    place: str = Field(max_length=200, examples=["西门街道新典路12号"])
    street: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=40)
    phone: str = Field(default="", max_length=40)
    when: str = Field(default="", max_length=60)
    client_message_id: str = Field(default="", max_length=40)


class Referral(BaseModel):
    """A provider for a life service, named to the citizen and asked after the next day."""

    item: str = Field(max_length=48, examples=["drain-unclogging"])
    provider: str = Field(max_length=40)
    client_message_id: str = Field(default="", max_length=40)


@router.get("")
def list_handoffs(actor: Caller, state: str = "", team: str = "") -> dict[str, Any]:
    """Who waits and who is being served, in the queue's order; `state` waiting | active and `team` narrow it."""
    actor.must(Right.TAKE_HANDOFFS)
    if state not in ("", "waiting", "active"):
        raise BadInput("request.invalid", why="state")
    with reading() as session:
        found = [h for h in handoffs.queue(session)
                 if (not state or h.state == state) and (not team or h.team == team)]
        return {"handoffs": [_handoff(h) for h in found]}


@router.get("/events")
async def events(actor: Caller, request: Request) -> StreamingResponse:
    """Server-sent events: `queue {handoffs}` at once and whenever the queue is another."""
    actor.must(Right.TAKE_HANDOFFS)
    return StreamingResponse(_stream(request), media_type="text/event-stream",
                             headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


@router.get("/{handoff_id}")
def one(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """One handoff with what is known: brief, notes, the contact masked."""
    actor.must(Right.TAKE_HANDOFFS)
    with reading() as session:
        handoff = handoffs.find(session, handoff_id)
        reach = draft_of(session.get_one(Conversation, handoff.conversation_id)).reach()
        notes = [{"author": n.author, "text": n.text, "at": n.at.isoformat()}
                 for n in desk.notes(session, handoff.conversation_id)]
        contact = {"name": reach.name, "phone": masked(reach.phone)}
        return {**_handoff(handoff), "contact": contact, "notes": notes}


@router.get("/{handoff_id}/messages")
async def messages(
    actor: Caller, handoff_id: int, after: Annotated[int, Query(ge=0)] = 0,
    wait: Annotated[float, Query(ge=0, le=30)] = 0,
) -> dict[str, Any]:
    """The transcript from message number `after` on; with `wait` it is waited for, in seconds."""
    conversation = await run_in_threadpool(_conversation, actor, handoff_id)
    until = time.monotonic() + wait
    while True:
        found = await run_in_threadpool(_after, conversation, after)
        left = until - time.monotonic()
        if found or left <= 0:
            return {"messages": found}
        await wakeups.wait(conversation, min(left, POLL_SECONDS))


@router.post("/{handoff_id}/claim")
def claim(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """Take a waiting conversation; 409 when somebody was first."""
    with transaction() as session:
        return _handoff(handoffs.claim(session, handoff_id, actor))


@router.post("/{handoff_id}/reply")
def reply(actor: Caller, handoff_id: int, body: Reply) -> dict[str, Any]:
    """Words to the citizen."""
    with transaction() as session:
        message = handoffs.reply(session, handoff_id, actor, body.text, body.client_message_id)
        return {"id": str(message.id) if message else None, "duplicate": message is None}


@router.post("/{handoff_id}/return")
def give_back(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """Back to the bot, which goes on with what is agreed."""
    with transaction() as session:
        return _handoff(handoffs.give_back(session, handoff_id, actor))


@router.post("/{handoff_id}/end")
def end(actor: Caller, handoff_id: int, body: End | None = None) -> dict[str, Any]:
    """Settled, with an outcome."""
    with transaction() as session:
        return _handoff(handoffs.end(session, handoff_id, actor, body.outcome if body else ""))


@router.post("/{handoff_id}/transfer")
def transfer(actor: Caller, handoff_id: int, body: Transfer) -> dict[str, Any]:
    """To an operator on duty, or back into the queue for a team."""
    if (body.account is None) == (not body.team):
        raise BadInput("request.invalid", why="account, team")
    with transaction() as session:
        if body.account is not None:
            return _handoff(transfers.to_operator(session, handoff_id, actor, body.account, body.why))
        return _handoff(transfers.to_team(session, handoff_id, actor, body.team, body.why))


@router.post("/{handoff_id}/note")
def add_note(actor: Caller, handoff_id: int, body: Note) -> dict[str, Any]:
    """A note beside the conversation."""
    with transaction() as session:
        made = desk.add_note(session, handoffs.find(session, handoff_id).conversation_id, actor, body.text)
        return {"id": made.id}


@router.post("/{handoff_id}/correct")
def correct(actor: Caller, handoff_id: int, body: Correction) -> dict[str, Any]:
    """What a message meant; kept for training, and the matter goes by it."""
    with transaction() as session:
        handoffs.held_by(session, handoff_id, actor)
        made = desk.correct(session, body.message, actor, body.item)
        return {"message": made.message_id, "item": made.right}


@router.post("/{handoff_id}/ticket")
def open_ticket(actor: Caller, handoff_id: int, body: Ticket) -> dict[str, Any]:
    """A ticket on the citizen's behalf; its number is told in the chat."""
    form = TicketForm(**body.model_dump(exclude={"client_message_id"}))
    with transaction() as session:
        ticket = desk.open_ticket(session, handoff_id, actor, form, body.client_message_id)
        return {"number": ticket.number, "due_at": ticket.due_at.isoformat()}


@router.post("/{handoff_id}/referral")
def refer(actor: Caller, handoff_id: int, body: Referral) -> dict[str, Any]:
    """The citizen passed on to a provider."""
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


def _conversation(actor: Actor, handoff_id: int) -> str:
    actor.must(Right.SEE_CONVERSATIONS)
    with transaction() as session:
        conversation = handoffs.find(session, handoff_id).conversation_id
        desk.listen(session, conversation, actor)
        return conversation


def _after(conversation: str, after: int) -> list[dict[str, Any]]:
    with reading() as session:
        return views.messages(session, conversations.messages_after(session, conversation, after))


async def _stream(request: Request) -> AsyncIterator[str]:
    said, last = "", time.monotonic()
    yield "retry: 2000\n\n"
    while not await request.is_disconnected():
        queue = await run_in_threadpool(_queue)
        if queue != said:
            said, last = queue, time.monotonic()
            yield f"event: queue\ndata: {queue}\n\n"
        elif time.monotonic() - last > KEEP_ALIVE_SECONDS:
            last = time.monotonic()
            yield ": still here\n\n"
        await wakeups.wait("queue", POLL_SECONDS)


def _queue() -> str:
    with reading() as session:
        return json.dumps({"handoffs": [_handoff(h) for h in handoffs.queue(session)]}, ensure_ascii=False)
