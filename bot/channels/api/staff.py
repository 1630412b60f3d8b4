"""The API for programs with a token: understanding and tickets."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bot.channels.api.callers import Caller
from bot.domain.access import Right
from bot.domain.contact import masked
from bot.services import assignments, rasa
from bot.storage import Ticket, reading, transaction

router = APIRouter(prefix="/api/v1", tags=["staff"])


class Text(BaseModel):
    text: str = Field(max_length=4000)


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


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number, "item": ticket.item, "kind": ticket.kind, "description": ticket.description,
        "place": ticket.place, "state": ticket.state, "outcome": ticket.outcome or None, "answer": ticket.answer,
        "contact": {"name": ticket.contact_name, "phone": masked(ticket.contact_phone)},
        "anonymous": ticket.anonymous, "received_at": ticket.received_at.isoformat(),
        "due_at": ticket.due_at.isoformat(), "score": ticket.score, "solved": ticket.solved,
        "departments": [{"department": a.department, "role": a.role, "state": a.state} for a in ticket.assignments],
    }
