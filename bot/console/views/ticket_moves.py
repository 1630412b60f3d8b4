"""Which of the rarer moves are open to who looks at a ticket, and what their forms need."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.assignment import NOT_BEGUN, AssignmentRole, AssignmentState
from bot.domain.ticket import IN_HAND, NEXT, OPEN, TicketState
from bot.services import duplicates, extensions
from bot.services.catalogue import catalogue
from bot.storage import Extension, Ticket, now

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
    movable: list[Part]
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
    movable = [p for p, state in parts if state in NOT_BEGUN] if len(parts) > 1 else []
    of_parts = _of_parts(ticket, bool(droppable), any(p.returned for p, _ in parts), bool(movable))
    may = _desk(ticket, of_parts, waiting, actor) | _lead(ticket, of_parts, waiting, actor)
    similar = duplicates.similar(session, ticket, 5) if "merge" in may else []
    return Moves(may, [p for p, _ in parts], droppable, movable, [
        Similar(s.number, s.description, str(s.place.get("text") or ""), s.received_at) for s in similar
    ], waiting, asked)


def _of_parts(ticket: Ticket, droppable: bool, returned: bool, movable: bool) -> frozenset[str]:
    """What may be done with co-handlers' parts, by the desk or the lead."""
    if TicketState(ticket.state) not in IN_HAND:
        return frozenset()
    told = {"add_part": True, "drop_part": droppable, "refuse_co": returned, "order": movable}
    return frozenset(verb for verb, there in told.items() if there)


def _desk(ticket: Ticket, of_parts: frozenset[str], asked: Extension | None, actor: Actor) -> frozenset[str]:
    state, may = TicketState(ticket.state), set[str]()
    if ticket.needs_call and actor.may(Right.SUPERVISE):
        may.add("called")
    if not actor.may(Right.DISPATCH_TICKETS):
        return frozenset(may)
    may |= of_parts
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


def _lead(ticket: Ticket, of_parts: frozenset[str], asked: Extension | None, actor: Actor) -> frozenset[str]:
    if not actor.may(Right.HANDLE_TICKETS) or ticket.lead != actor.department:
        return frozenset()
    state, may = TicketState(ticket.state), set(of_parts)
    if state == _S.ACCEPTED:
        may |= {"ask"} | ({"extension"} if asked is None and ticket.due_at > now() else set())
    if state in (_S.SUSPENDED, _S.WAITING):
        may.add("resume")
    return frozenset(may)


