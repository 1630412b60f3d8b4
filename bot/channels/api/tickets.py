"""Tickets for other systems, by token: finding and reading them, and a department's own side of their life.

A token of role handler stands for one department. docs/api.md walks through it; what happens is told by webhooks.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.api import ticket_shapes as shapes
from bot.channels.api.callers import Caller
from bot.domain.access import Actor
from bot.domain.contact import masked
from bot.domain.ticket import TicketState
from bot.services import assignments, confidence, ticket_moves, ticket_search
from bot.services.ticket_search import Filter
from bot.storage import Change, Ticket, reading, transaction

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"], responses=shapes.REFUSALS)


@router.get("", response_model=shapes.Tickets)
def list_tickets(
    actor: Caller, state: str = "", q: Annotated[str, Query(max_length=100)] = "", department: str = "",
    street: str = "", community: str = "", item: str = "", category: str = "", kind: str = "", channel: str = "",
    since: date | None = None, until: date | None = None, overdue: bool = False, reopened: bool = False,
    newest: bool = False, after: str = "", limit: Annotated[int, Query(ge=1, le=ticket_search.MOST)] = 50,
) -> dict[str, Any]:
    """The tickets the caller may see, by deadline or `newest` first; `next` is the `after` of the next page, null at
    the end. `state` is open, answered, closed, returned or a single state; `q` a number or words; days are local."""
    wanted = Filter(q, state, department, "", street, community, item, category, kind, channel, since, until, overdue,
                    reopened=reopened)
    with reading() as session:
        found = ticket_search.find(session, actor, wanted, after, limit, newest)
        return {"tickets": [_ticket(t, actor) for t in found.tickets], "next": found.after or None}


@router.get("/{number}", response_model=shapes.Story)
def one_ticket(actor: Caller, number: str) -> dict[str, Any]:
    """One ticket with its steps; 404 for none and for somebody else's alike."""
    with reading() as session:
        ticket = assignments.find(session, number, actor)
        return {**_ticket(ticket, actor), "steps": _steps(session, ticket, actor)}


@router.post("/{number}/accept", response_model=shapes.Ticket)
def accept(actor: Caller, number: str) -> dict[str, Any]:
    """受理: the caller's department takes its part on."""
    with transaction() as session:
        return _ticket(assignments.accept(session, number, actor), actor)


@router.post("/{number}/answer", response_model=shapes.Ticket)
def answer(actor: Caller, number: str, body: shapes.Answer) -> dict[str, Any]:
    """答复: the lead's goes to the citizen, a co-handler's to the lead."""
    with transaction() as session:
        return _ticket(assignments.answer(session, number, actor, body.text, body.outcome), actor)


@router.post("/{number}/return", response_model=shapes.Ticket)
def send_away(actor: Caller, number: str, body: shapes.Return) -> dict[str, Any]:
    """退单, with a reason and whose it is instead; the hotline decides."""
    with transaction() as session:
        return _ticket(assignments.send_away(session, number, actor, body.why, body.proposed), actor)


@router.post("/{number}/ask", response_model=shapes.Ticket)
def ask(actor: Caller, number: str, body: shapes.Question) -> dict[str, Any]:
    """Something is needed of the citizen; the clock stands still until it comes."""
    with transaction() as session:
        return _ticket(ticket_moves.ask_citizen(session, number, actor, body.text), actor)


@router.post("/{number}/dispatch", response_model=shapes.Ticket)
def dispatch(actor: Caller, number: str, body: shapes.Dispatch) -> dict[str, Any]:
    """A returned ticket to the department that shall lead it, by the hotline; 409 when it is not returned."""
    with transaction() as session:
        return _ticket(assignments.dispatch(session, number, actor, body.department, body.why), actor)


def _ticket(ticket: Ticket, actor: Actor) -> dict[str, Any]:
    hidden = ticket.anonymous or ticket.confidential
    return {
        "number": ticket.number, "item": ticket.item, "kind": ticket.kind,
        "description": confidence.readable(ticket, ticket.description, actor),
        "place": ticket.place, "street": ticket.street or None, "community": ticket.community or None,
        "state": ticket.state, "outcome": ticket.outcome or None, "answer": ticket.answer,
        "contact": {"name": "" if hidden else ticket.contact_name,
                    "phone": "" if hidden else masked(ticket.contact_phone)},
        "anonymous": ticket.anonymous, "confidential": ticket.confidential,
        "received_at": ticket.received_at.isoformat(), "due_at": ticket.due_at.isoformat(),
        "answered_at": ticket.answered_at.isoformat() if ticket.answered_at else None,
        "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
        "score": ticket.score, "solved": ticket.solved, "urged": ticket.urged, "reopened": ticket.reopened,
        "departments": [{"department": a.department, "unit": a.unit or None, "role": a.role, "state": a.state,
                         "note": a.note} for a in ticket.assignments],
    }


def _steps(session: Session, ticket: Ticket, actor: Actor) -> list[dict[str, Any]]:
    """The moves between states, oldest first."""
    query = select(Change).where(Change.subject == "ticket", Change.subject_id == str(ticket.id),
                                 Change.after.in_([state.value for state in TicketState])).order_by(Change.id)
    return [{"at": c.at.isoformat(), "before": c.before or None, "state": c.after, "by": c.actor,
             "why": confidence.readable_step(ticket, c, c.why, actor)}
            for c in session.scalars(query)]
