"""Finding tickets: lists and search for the console and the API, page by page.

A filter is put into marks (`ticket_marks.py`). Where few tickets bear them all, their index names them; where many do,
the list is walked in its own order and the first ones come soon. The one or the other is quick whatever is asked.
"""

import base64
import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, selectinload

from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.calendar import LOCAL
from bot.domain.contact import masked, read_phone
from bot.domain.ticket import ENDED, GROUPS, RESTING, TicketState
from bot.errors import BadInput
from bot.services import ticket_marks
from bot.services.history import note
from bot.services.ticket_marks import Asked
from bot.services.ticket_marks import Filter as Filter
from bot.storage import Assignment, Ticket, TicketMark, now
from bot.storage.planner import STEPWISE, WALKED, without
from bot.storage.session import once, writes
from bot.storage.ticket import NOT_ENDED

MOST = 200
FEW = 3000
"""So many are named by the index of marks; of more, a list is walked."""
OWN = 12_000
"""So many of a department's own are looked at in one go to count them; of more, each box is counted by itself."""
LONG, REMEMBERED = 60.0, 1000
"""Seconds for which it is remembered, of so many filters, that many tickets fit: it only says which way is quick."""
COUNTED = 1000
"""Beyond that a count says "1,000+"."""
_many: dict[tuple[Asked, int], float] = {}
_DIALLED = re.compile(r"\+?[\d \-()]{7,20}")


@dataclass(frozen=True)
class Page:
    """Some tickets; `after` finds the next ones, empty at the end."""

    tickets: list[Ticket]
    after: str


def find(
    session: Session, actor: Actor, wanted: Filter, after: str = "", limit: int = 50, newest: bool = False
) -> Page:
    """Those the actor may see: by deadline, or the newest first. Raises BadInput for a state or cursor unknown."""
    _note_number(session, actor, wanted)
    asked, size = _asked(session, actor, wanted), min(limit, MOST)
    few = _few(session, asked)
    marked = bool(asked) and few is None
    key = (TicketMark.received_at if marked else Ticket.received_at) if newest else Ticket.due_at
    row = TicketMark.ticket_id if marked and newest else Ticket.id
    query = select(Ticket).options(selectinload(Ticket.assignments)).where(*_rest(session, actor, wanted, few is None))
    if marked:
        query = query.join(TicketMark, TicketMark.ticket_id == Ticket.id).where(ticket_marks.match(session, asked))
    elif few is not None:
        query = query.where(_among(session, few))
    if after:
        here, last = tuple_(key, row), _read(after)
        query = query.where(here < last if newest else here > last)
    order = (key.desc(), row.desc()) if newest else (key, row)
    with without(session, *(WALKED if asked else ())):
        found = list(session.scalars(query.order_by(*order).limit(size + 1)))
    shown = found[:size]
    at = "received_at" if newest else "due_at"
    return Page(shown, _cursor(getattr(shown[-1], at), shown[-1].id) if len(found) > size else "")


def open_counts(session: Session, actor: Actor, wanted: Filter, soon: datetime) -> dict[str, int]:
    """How many of the open tickets that fit: open, late (due by `soon`), returned; for a department also to_accept,
    in_hand, and back (reopened, or given back by it). One look at what is open, whatever else is stored."""
    part, own = Assignment.state, not actor.may(Right.SEE_ALL_TICKETS)
    each: dict[str, ColumnElement[bool]] = {
        "open": true(), "late": and_(Ticket.state.not_in(RESTING), Ticket.due_at < soon),
        "returned": Ticket.state == TicketState.RETURNED}
    if own:
        each |= {"to_accept": part == AssignmentState.DISPATCHED, "in_hand": part == AssignmentState.ACCEPTED,
                 "back": or_(Ticket.reopened > 0, part == AssignmentState.RETURNED)}
    counted = [func.count().filter(condition).label(name) for name, condition in each.items()]
    query = select(*counted).select_from(Ticket)
    if own:
        query = query.join(Assignment, and_(Assignment.ticket_id == Ticket.id, _own(actor, True),
                                            Assignment.role != AssignmentRole.PAST))
    fits, ways = _fits(session, actor, replace(wanted, state="open"), seen=True)
    with without(session, *ways):
        return {name: int(number) for name, number in session.execute(query.where(*fits)).one()._mapping.items()}


def count(session: Session, actor: Actor, wanted: Filter) -> int:
    """How many there are, counted as far as COUNTED."""
    fits, ways = _fits(session, actor, wanted)
    inner: Select[Any] = select(Ticket.id).where(*fits).limit(COUNTED + 1)
    with without(session, *ways):
        return session.scalar(select(func.count()).select_from(inner.subquery())) or 0


def many_live(session: Session, actor: Actor, wanted: Filter) -> bool:
    """Whether too many that have not ended fit to look at each."""
    asked = _asked(session, actor, replace(wanted, state="open"))
    return bool(asked) and _few(session, asked, FEW if actor.may(Right.SEE_ALL_TICKETS) else OWN) is None


def names_number(actor: Actor, words: str) -> bool:
    """Whether the words are a phone number that the actor may look for: it takes a session that writes."""
    return actor.may(Right.SEE_ALL_TICKETS) and bool(_DIALLED.fullmatch(words.strip())) and bool(read_phone(words))


def states(name: str) -> frozenset[TicketState]:
    """The states of a group, or the one of that name. Raises BadInput."""
    if name in GROUPS:
        return GROUPS[name]
    if name not in set(TicketState):
        raise BadInput("ticket.bad_state", state=name)
    return frozenset({TicketState(name)})


def _visible(actor: Actor, counted: bool = False) -> list[ColumnElement[bool]]:
    if actor.may(Right.SEE_ALL_TICKETS):
        return []
    return [_part(_own(actor, counted))]


def _own(actor: Actor, counted: bool = False) -> ColumnElement[bool]:
    """The actor's own parts. `counted`: not by the department's index, which has all that ended too, but each ticket's
    parts by its key."""
    mine = (Assignment.department + "" if counted else Assignment.department) == actor.department
    return and_(mine, Assignment.unit == actor.unit) if actor.unit else mine


def _part(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    own = exists().where(Assignment.ticket_id == Ticket.id, Assignment.role != AssignmentRole.PAST, condition)
    return own.correlate(Ticket)


def _fits(
    session: Session, actor: Actor, wanted: Filter, seen: bool = False
) -> tuple[list[ColumnElement[bool]], tuple[str, ...]]:
    """The filter and what the actor may see, as SQL, and what the planner had better not use to count them; `seen`:
    that is looked after already."""
    asked = _asked(session, actor, wanted)
    if not asked:
        return _rest(session, actor, wanted, True, seen), ()
    made, few = _rest(session, actor, wanted, False, seen, True), _few(session, asked)
    if few is not None:
        return [*made, _among(session, few)], WALKED
    theirs = select(TicketMark.ticket_id).where(ticket_marks.match(session, asked))
    return [*made, Ticket.id.in_(theirs)], STEPWISE


def _rest(
    session: Session, actor: Actor, wanted: Filter, walked: bool, seen: bool = False, counted: bool = False
) -> list[ColumnElement[bool]]:
    """What marks do not say, and, whatever they say, that the actor may see it (`seen`: that is looked after).
    `walked`: by the index of those that have not ended, if it is they that are wanted."""
    made = [] if seen or wanted.part else _visible(actor, counted)  # a part of one's own says it too
    if wanted.state:
        made += _in_state(wanted.state, walked)
    if wanted.part:
        made.append(_part(and_(_own(actor, counted), Assignment.state == wanted.part)))
    if wanted.back:
        gave_back = _part(and_(_own(actor), Assignment.state == AssignmentState.RETURNED))
        made.append(or_(Ticket.reopened > 0, gave_back))
    if phone := _number(session, actor, wanted):
        made.append(Ticket.contact_phone == phone)
    return made + _times(wanted, walked)


def _in_state(name: str, walked: bool) -> list[ColumnElement[bool]]:
    """The states, and, as the index of those that have not ended wants to read it, that they are such."""
    chosen = states(name)
    live = [literal_column(f"ticket.{NOT_ENDED.text}", Boolean)] if walked and not chosen & ENDED else []
    return [Ticket.state.in_(sorted(chosen)), *live]


def _few(session: Session, asked: Asked, most: int = FEW) -> list[int] | None:
    """The tickets that bear the marks, where there are few; None where there are many, or nothing is asked."""
    if not asked:
        return None
    if _many.get((asked, most), 0.0) > monotonic():
        return None
    match = ticket_marks.match(session, asked)
    query = select(TicketMark.ticket_id).where(match).limit(most + 1)

    def look() -> list[int]:
        with without(session, "enable_seqscan"):
            return list(session.scalars(query))
    found = look() if writes(session) else once(session, f"marked:{most}:{asked}", look)
    if len(found) <= most:
        return found
    if len(_many) > REMEMBERED:
        _many.clear()
    _many[asked, most] = monotonic() + LONG
    return None


def _among(session: Session, ids: list[int]) -> ColumnElement[bool]:
    """One of many, without a parameter for each."""
    if session.get_bind().dialect.name == "postgresql":
        return Ticket.id == func.any(literal(ids, ARRAY(Integer)))
    return Ticket.id.in_(ids)


def _asked(session: Session, actor: Actor, wanted: Filter) -> Asked:
    """The filter's marks; a phone number is none."""
    return ticket_marks.asked(actor, replace(wanted, words="") if _number(session, actor, wanted) else wanted)


def _number(session: Session, actor: Actor, wanted: Filter) -> str:
    """The phone number that is looked for, where that can be written down."""
    return read_phone(wanted.words) if names_number(actor, wanted.words) and writes(session) else ""


def _note_number(session: Session, actor: Actor, wanted: Filter) -> None:
    if phone := _number(session, actor, wanted):
        note(session, "number", masked(phone), actor.id, "looked_at_number")


def _times(wanted: Filter, walked: bool) -> list[ColumnElement[bool]]:
    made: list[ColumnElement[bool]] = []
    if wanted.since:
        made.append(Ticket.received_at >= datetime.combine(wanted.since, time(), LOCAL))
    if wanted.until:
        made.append(Ticket.received_at < datetime.combine(wanted.until + timedelta(days=1), time(), LOCAL))
    before = now() if wanted.overdue else wanted.due_before
    if before:
        made.append(and_(*_in_state("open", walked), Ticket.state.not_in(RESTING), Ticket.due_at < before))
    return made


def _cursor(at: datetime, number: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), number]).encode()).decode()


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        at, number = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return datetime.fromisoformat(at), int(number)
    except (ValueError, TypeError) as error:
        raise BadInput("ticket.bad_cursor") from error
