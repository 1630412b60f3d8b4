"""Which of the rarer moves are open to who looks at a ticket, and what their forms need."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.ticket import IN_HAND, NEXT, OPEN, TicketState
from bot.services import duplicates, extensions
from bot.services.catalogue import catalogue
from bot.storage import Extension, Ticket

_S = TicketState
FRONT = frozenset({"called", "decide", "refuse_return", "refuse_co", "ask", "resume"})
"""Moves shown at once; the others wait behind "more"."""


@dataclass(frozen=True)
class Part:
    """A co-handler: code, name, and whether its return waits for a decision."""

    code: str
    name: str
    returned: bool
    note: str


@dataclass(frozen=True)
class Similar:
    """A ticket that may be the same matter."""

    number: str
    description: str
    place: str
    received_at: datetime


@dataclass(frozen=True)
class Moves:
    """`may` are the verbs of `bot/console/ticket_moves.py`; `asked` is the request for more time not decided yet."""

    may: frozenset[str]
    co: list[Part]
    droppable: list[Part]
    similar: list[Similar]
    asked: Extension | None
    extensions: list[Extension]

    @property
    def hidden(self) -> bool:
        """Whether there is anything behind "more"."""
        return bool(self.may - FRONT)


def moves(session: Session, ticket: Ticket, actor: Actor, language: str) -> Moves:
    """For the page of a ticket the actor may see."""
    co = [a for a in ticket.assignments if a.role == AssignmentRole.CO]
    known = catalogue().departments
    parts = [(Part(a.department, known[a.department].name(language) if a.department in known else a.department,
                   a.state == AssignmentState.RETURNED, a.note), a.state) for a in co]
    asked = extensions.of_ticket(session, ticket)
    waiting = next((one for one in asked if one.granted is None), None)
    droppable = [p for p, state in parts if state != AssignmentState.ANSWERED]
    may = _desk(ticket, bool(droppable), any(p.returned for p, _ in parts), waiting, actor) | _lead(
        ticket, bool(droppable), waiting, actor)
    similar = duplicates.similar(session, ticket, 5) if "merge" in may else []
    return Moves(may, [p for p, _ in parts], droppable, [
        Similar(s.number, s.description, str(s.place.get("text") or ""), s.received_at) for s in similar
    ], waiting, asked)


def _desk(
    ticket: Ticket, droppable: bool, returned: bool, asked: Extension | None, actor: Actor
) -> frozenset[str]:
    state, may = TicketState(ticket.state), set[str]()
    if ticket.needs_call and actor.may(Right.SUPERVISE):
        may.add("called")
    if not actor.may(Right.DISPATCH_TICKETS):
        return frozenset(may)
    if state in IN_HAND:
        may |= {"add_part"} | ({"drop_part"} if droppable else set()) | ({"refuse_co"} if returned else set())
    if state in (_S.DISPATCHED, _S.ACCEPTED):
        may.add("reassign")
    if state == _S.RETURNED:
        may |= {"refuse_return", "out_of_remit"}
    if state in (_S.SUSPENDED, _S.WAITING):
        may.add("resume")
    may |= {verb for verb, then in (("suspend", _S.SUSPENDED), ("merge", _S.MERGED), ("withdraw", _S.WITHDRAWN))
            if then in NEXT[state]}
    if asked is not None:
        may.add("decide")
    if state in OPEN and not ticket.anonymous:
        may.add("secret")
    return frozenset(may)


def _lead(ticket: Ticket, droppable: bool, asked: Extension | None, actor: Actor) -> frozenset[str]:
    if not actor.may(Right.HANDLE_TICKETS) or ticket.lead != actor.department:
        return frozenset()
    state, may = TicketState(ticket.state), set[str]()
    if state == _S.ACCEPTED:
        may |= {"ask"} | ({"extension"} if asked is None else set())
    if state in (_S.SUSPENDED, _S.WAITING):
        may.add("resume")
    if state in IN_HAND:
        may |= {"add_part"} | ({"drop_part"} if droppable else set())
    return frozenset(may)


