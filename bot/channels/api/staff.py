"""The API for programs with a token: understanding, tickets, the handoff queue."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, Field

from bot.domain.access import Actor, Right
from bot.domain.contact import masked
from bot.services import accounts, assignments, handoffs, rasa
from bot.storage import Handoff, Ticket, reading, transaction

router = APIRouter(prefix="/api/v1", tags=["staff"])


def bearer(authorization: Annotated[str, Header()] = "") -> Actor:
    """Who the API token stands for; 401 without one."""
    with reading() as session:
        return accounts.by_api_token(session, authorization.removeprefix("Bearer "))


Caller = Annotated[Actor, Depends(bearer)]


class Text(BaseModel):
    text: str = Field(max_length=4000)


class Reply(BaseModel):
    text: str = Field(min_length=1, max_length=4000)
    client_message_id: str = Field(default="", max_length=60)


class Dispatch(BaseModel):
    department: str = Field(max_length=32)
    why: str = Field(max_length=2000)


@router.post("/understand")
def understand(actor: Caller, body: Text) -> dict[str, Any]:
    """`{act, kind, item, category, department, emergency, confidence, ranking[], entities[]}`."""
    actor.must(Right.UNDERSTAND)
    return rasa.understand(body.text)


@router.get("/tickets")
def list_tickets(actor: Caller, state: str = "") -> dict[str, Any]:
    """The tickets the caller may see; `state` is open, answered, closed, returned or a single state."""
    with reading() as session:
        return {"tickets": [_ticket(t) for t in assignments.inbox(session, actor, state)]}


@router.get("/tickets/{number}")
def one_ticket(actor: Caller, number: str) -> dict[str, Any]:
    """One ticket; 404 for none and for somebody else's alike."""
    with reading() as session:
        return _ticket(assignments.find(session, number, actor))


@router.post("/tickets/{number}/dispatch")
def dispatch(actor: Caller, number: str, body: Dispatch) -> dict[str, Any]:
    """A returned ticket to the department that shall lead it; 409 when it is not returned."""
    with transaction() as session:
        return _ticket(assignments.dispatch(session, number, actor, body.department, body.why))


@router.get("/handoffs")
def list_handoffs(actor: Caller) -> dict[str, Any]:
    """Who waits and who is being served, in the queue's order."""
    actor.must(Right.TAKE_HANDOFFS)
    with reading() as session:
        return {"handoffs": [_handoff(h) for h in handoffs.queue(session)]}


@router.post("/handoffs/{handoff_id}/claim")
def claim(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """Take a waiting conversation; 409 when somebody was first."""
    with transaction() as session:
        return _handoff(handoffs.claim(session, handoff_id, actor))


@router.post("/handoffs/{handoff_id}/reply")
def reply(actor: Caller, handoff_id: int, body: Reply) -> dict[str, Any]:
    """Words to the citizen."""
    with transaction() as session:
        message = handoffs.reply(session, handoff_id, actor, body.text, body.client_message_id)
        return {"id": str(message.id) if message else None, "duplicate": message is None}


@router.post("/handoffs/{handoff_id}/return")
def give_back(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """Back to the bot."""
    with transaction() as session:
        return _handoff(handoffs.give_back(session, handoff_id, actor))


@router.post("/handoffs/{handoff_id}/end")
def end(actor: Caller, handoff_id: int) -> dict[str, Any]:
    """Settled."""
    with transaction() as session:
        return _handoff(handoffs.end(session, handoff_id, actor))


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number, "item": ticket.item, "kind": ticket.kind, "description": ticket.description,
        "place": ticket.place, "state": ticket.state, "outcome": ticket.outcome or None, "answer": ticket.answer,
        "contact": {"name": ticket.contact_name, "phone": masked(ticket.contact_phone)},
        "anonymous": ticket.anonymous, "received_at": ticket.received_at.isoformat(),
        "due_at": ticket.due_at.isoformat(), "score": ticket.score, "solved": ticket.solved,
        "departments": [{"department": a.department, "role": a.role, "state": a.state} for a in ticket.assignments],
    }


def _handoff(handoff: Handoff) -> dict[str, Any]:
    return {
        "id": handoff.id, "conversation": handoff.conversation_id, "reason": handoff.reason,
        "emergency": handoff.emergency or None, "priority": handoff.priority, "state": handoff.state,
        "waiting_since": handoff.waiting_since.isoformat(), "account": handoff.account_id,
    }
