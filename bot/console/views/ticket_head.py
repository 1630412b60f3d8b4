"""The head of a ticket's page: whose turn it is in one sentence, the clocks that run or rest, the cards."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.tickets import department_name
from bot.domain.access import Actor, Right
from bot.domain.clock import RED, YELLOW, ClockKind
from bot.domain.ticket import DONE, ENDED, RESTING, TicketState
from bot.i18n import text
from bot.services import clocks, part_clocks, supervision
from bot.services.supervision_papers import of_ticket
from bot.storage import Clock, Ticket, now

_S = TicketState
COLOURS = {YELLOW: "yellow", RED: "red"}


@dataclass(frozen=True)
class Running:
    """A clock: `what` it is for, and `whose` where it is a co-handler's. One that `rests` has `left` in words."""

    what: str
    whose: str
    due_at: datetime
    rests: bool
    left: str


@dataclass(frozen=True)
class Card:
    """yellow | red, and whose."""

    colour: str
    department: str
    at: datetime


@dataclass(frozen=True)
class Head:
    """What stands above everything else on a ticket's page."""

    turn: str
    clocks: list[Running]
    cards: list[Card]


def head(session: Session, ticket: Ticket, actor: Actor, language: str) -> Head:
    """For the page of a ticket the actor may see; of cards a department sees its own."""
    running = _open_clocks(session, ticket)
    return Head(_turn(session, ticket, running, language), _owed(ticket, running, language),
                _cards(session, ticket, actor, language))


def _open_clocks(session: Session, ticket: Ticket) -> list[Clock]:
    parts = [a.id for a in ticket.assignments]
    query = select(Clock).where(Clock.stopped_at.is_(None), or_(
        and_(Clock.subject == clocks.SUBJECT, Clock.subject_id == ticket.id),
        and_(Clock.subject == part_clocks.SUBJECT, Clock.subject_id.in_(parts))))
    return list(session.scalars(query.order_by(Clock.due_at, Clock.id)))


def _turn(session: Session, ticket: Ticket, running: list[Clock], language: str) -> str:
    """One sentence; where somebody is waited for, with the day by which."""
    state = _S(ticket.state)
    own = {c.kind: c for c in running if c.subject == clocks.SUBJECT}
    wanted = ClockKind.ACCEPT if state == _S.DISPATCHED else ClockKind.ANSWER
    due = own[wanted].due_at if wanted in own else ticket.due_at
    until = own[ClockKind.FOLLOW_UP].due_at if ClockKind.FOLLOW_UP in own else None
    facts = {
        "department": department_name(ticket.lead, language), "until": words.stamp(until, language) if until else "",
        "by": text(f"tickets.{'by_late' if due < now() else 'by'}", language, when=words.stamp(due, language)),
        "other": session.get_one(Ticket, ticket.merged_into).number if ticket.merged_into else "",
        "outcome": text(f"console.outcome_{ticket.outcome}", language) if ticket.outcome else "",
    }
    unsaid = (state in RESTING | {_S.ANSWERED} and until is None) or (state == _S.CLOSED and not ticket.outcome)
    return text(f"tickets.turn_{state.value}{'_open' if unsaid else ''}", language, **facts)


def _owed(ticket: Ticket, running: list[Clock], language: str) -> list[Running]:
    """What departments owe: the lead's clocks, then of each co-handler the next. A ticket whose clock is not stored has
    the deadline it was given."""
    if TicketState(ticket.state) in DONE | ENDED:
        return []
    owed = [c for c in running if c.kind in clocks.OWED]
    lead = [_running(c, "", language) for c in owed if c.subject == clocks.SUBJECT]
    if not any(c.subject == clocks.SUBJECT and c.kind == ClockKind.ANSWER for c in owed):
        rests = TicketState(ticket.state) in RESTING
        lead.append(Running(text("tickets.clock_answer", language), "", ticket.due_at, rests, ""))
    return lead + [_running(c, department_name(part.department, language), language)
                   for part in ticket.assignments for c in _of_part(owed, part.id)[:1]]


def _of_part(owed: list[Clock], part: int) -> list[Clock]:
    return [c for c in owed if c.subject == part_clocks.SUBJECT and c.subject_id == part]


def _running(clock: Clock, whose: str, language: str) -> Running:
    left = clock.remaining_seconds
    known = "" if left is None else text(
        f"tickets.{'rests_left' if left >= 0 else 'rests_late'}", language, span=words.span(left, language))
    what = text(f"tickets.clock_{clock.kind}", language)
    return Running(what, whose, clock.due_at, clock.paused_at is not None, known)


def _cards(session: Session, ticket: Ticket, actor: Actor, language: str) -> list[Card]:
    """One of each colour for a department, as they are counted."""
    found: dict[tuple[str, int], Card] = {}
    for paper in of_ticket(session, ticket):
        theirs = actor.may(Right.SEE_ALL_TICKETS) or paper.department == actor.department
        if theirs and paper.level in COLOURS and paper.kind != supervision.MANUAL:
            name = department_name(paper.department, language) or text("supervision.desk", language)
            found.setdefault((paper.department, paper.level), Card(COLOURS[paper.level], name, paper.due_at))
    return list(found.values())
