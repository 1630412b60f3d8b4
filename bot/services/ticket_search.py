"""Finding tickets: lists and search for the console and the API, page by page."""

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, selectinload

from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.calendar import LOCAL
from bot.domain.searching import wanted as wanted_marks
from bot.domain.ticket import GROUPS, TicketState
from bot.errors import BadInput
from bot.services.catalogue import catalogue
from bot.storage import Assignment, Conversation, Ticket, now
from bot.storage.session import once

MOST = 200
RARE = 500
"""Matches up to which words are looked up by themselves."""
COUNTED = 1000
"""Beyond that a count says "1,000+"."""


@dataclass(frozen=True)
class Filter:
    """What is looked for; empty is everything. `state` is a group (open | answered | closed | returned) or a state;
    `words` a number, part of one, or words in description and place. Days are local, both ends included. `due_before`:
    open and due by then; `part`: the state of the actor's own department's part; `back`: reopened, or given back by
    it."""

    words: str = ""
    state: str = ""
    department: str = ""
    unit: str = ""
    street: str = ""
    community: str = ""
    item: str = ""
    category: str = ""
    kind: str = ""
    channel: str = ""
    since: date | None = None
    until: date | None = None
    overdue: bool = False
    urged: bool = False
    reopened: bool = False
    due_before: datetime | None = None
    part: str = ""
    back: bool = False


@dataclass(frozen=True)
class Page:
    """Some tickets; `after` finds the next ones, empty at the end."""

    tickets: list[Ticket]
    after: str


def find(
    session: Session, actor: Actor, wanted: Filter, after: str = "", limit: int = 50, newest: bool = False
) -> Page:
    """Those the actor may see: by deadline, or the newest first. Raises BadInput for a state or cursor unknown."""
    key = Ticket.received_at if newest else Ticket.due_at
    query = select(Ticket).options(selectinload(Ticket.assignments)).where(*conditions(session, actor, wanted))
    if after:
        at, number = _read(after)
        here = tuple_(key, Ticket.id)
        query = query.where(here < (at, number) if newest else here > (at, number))
    order = (key.desc(), Ticket.id.desc()) if newest else (key, Ticket.id)
    found = list(session.scalars(query.order_by(*order).limit(min(limit, MOST) + 1)))
    more = len(found) > min(limit, MOST)
    shown = found[:min(limit, MOST)]
    return Page(shown, _cursor(getattr(shown[-1], key.key), shown[-1].id) if more else "")


def open_counts(session: Session, actor: Actor, wanted: Filter, soon: datetime) -> dict[str, int]:
    """How many of the open tickets that fit: open, late (due by `soon`), returned; for a department also to_accept,
    in_hand, and back (reopened, or given back by it). One look at what is open, whatever else is stored."""
    part, own = Assignment.state, not actor.may(Right.SEE_ALL_TICKETS)
    each: dict[str, ColumnElement[bool]] = {
        "open": true(), "late": Ticket.due_at < soon, "returned": Ticket.state == TicketState.RETURNED}
    if own:
        each |= {"to_accept": part == AssignmentState.DISPATCHED, "in_hand": part == AssignmentState.ACCEPTED,
                 "back": or_(Ticket.reopened > 0, part == AssignmentState.RETURNED)}
    counted = [func.count().filter(condition).label(name) for name, condition in each.items()]
    query = select(*counted).select_from(Ticket)
    if own:
        query = query.join(Assignment, and_(Assignment.ticket_id == Ticket.id, _own(actor),
                                            Assignment.role != AssignmentRole.PAST))
    query = query.where(Ticket.state.in_(GROUPS["open"]), *conditions(session, actor, wanted, seen=True))
    return {name: int(number) for name, number in session.execute(query).one()._mapping.items()}


def count(session: Session, actor: Actor, wanted: Filter) -> int:
    """How many there are, counted as far as COUNTED."""
    inner: Select[Any] = select(Ticket.id).where(*conditions(session, actor, wanted)).limit(COUNTED + 1)
    return session.scalar(select(func.count()).select_from(inner.subquery())) or 0


def conditions(session: Session, actor: Actor, wanted: Filter, seen: bool = False) -> list[ColumnElement[bool]]:
    """The filter and what the actor may see, as SQL; `seen`: that is looked after already."""
    made: list[ColumnElement[bool]] = [*([] if seen else _visible(actor)), *_words(session, wanted.words)]
    if wanted.state:
        made.append(Ticket.state.in_(states(wanted.state)))
    for name in ("street", "community", "item", "kind"):
        if chosen := getattr(wanted, name):
            made.append(getattr(Ticket, name) == chosen)
    if wanted.category:
        items = [i.code for i in catalogue().items.values() if i.category == wanted.category]
        made.append(Ticket.item.in_(items))
    if wanted.channel:
        made.append(exists().where(Conversation.id == Ticket.conversation_id, Conversation.channel == wanted.channel))
    if wanted.department:
        made.append(_part(Assignment.department == wanted.department))
    if wanted.unit:
        made.append(_part(Assignment.unit == wanted.unit))
    if wanted.part:
        made.append(_part(and_(_own(actor), Assignment.state == wanted.part)))
    if wanted.back:
        gave_back = _part(and_(_own(actor), Assignment.state == AssignmentState.RETURNED))
        made.append(or_(Ticket.reopened > 0, gave_back))
    return made + _times(wanted)


def states(name: str) -> frozenset[TicketState]:
    """The states of a group, or the one of that name. Raises BadInput."""
    if name in GROUPS:
        return GROUPS[name]
    if name not in set(TicketState):
        raise BadInput("ticket.bad_state", state=name)
    return frozenset({TicketState(name)})


def _visible(actor: Actor) -> list[ColumnElement[bool]]:
    if actor.may(Right.SEE_ALL_TICKETS):
        return []
    return [_part(_own(actor))]


def _own(actor: Actor) -> ColumnElement[bool]:
    mine = Assignment.department == actor.department
    return and_(mine, Assignment.unit == actor.unit) if actor.unit else mine


def _part(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    own = exists().where(Assignment.ticket_id == Ticket.id, Assignment.role != AssignmentRole.PAST, condition)
    return own.correlate(Ticket)


def _words(session: Session, words: str) -> list[ColumnElement[bool]]:
    """Every mark of the words must be there; the name of an item finds its tickets too."""
    asked = wanted_marks(words)
    if not asked:
        return [false()] if words.strip() else []
    if session.get_bind().dialect.name == "postgresql":
        terms = " & ".join(f"'{mark}'{':*' if begins else ''}" for mark, begins in asked)
        index = func.array_to_tsvector(func.string_to_array(Ticket.search, literal_column("' '")))
        found = _by_index(session, index.op("@@")(cast(terms, TSQUERY)), terms)
    else:
        spaced = literal(" ") + Ticket.search + literal(" ")
        found = and_(*(spaced.like(f"% {mark}{'%' if begins else ' %'}") for mark, begins in asked))
    items = [i.code for i in catalogue().items.values() if words.strip() in (i.code, i.name("zh"), i.name("en"))]
    return [or_(found, Ticket.item.in_(items)) if items else found]


def _by_index(session: Session, match: ColumnElement[bool], terms: str) -> ColumnElement[bool]:
    """The condition itself for words that are common. Few matches are fetched by the words' index first: PostgreSQL
    takes a word nobody said for one that is soon met, and would look at every ticket in order."""
    few = select(Ticket.id).where(match).limit(RARE + 1)
    ids = once(session, f"search:{terms}", lambda: list(session.scalars(few)))
    return match if len(ids) > RARE else Ticket.id.in_(ids)


def _times(wanted: Filter) -> list[ColumnElement[bool]]:
    made: list[ColumnElement[bool]] = []
    if wanted.since:
        made.append(Ticket.received_at >= datetime.combine(wanted.since, time(), LOCAL))
    if wanted.until:
        made.append(Ticket.received_at < datetime.combine(wanted.until + timedelta(days=1), time(), LOCAL))
    before = now() if wanted.overdue else wanted.due_before
    if before:
        made.append(and_(Ticket.state.in_(GROUPS["open"]), Ticket.due_at < before))
    if wanted.urged:
        made.append(Ticket.urged > 0)
    if wanted.reopened:
        made.append(Ticket.reopened > 0)
    return made


def _cursor(at: datetime, number: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), number]).encode()).decode()


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        at, number = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return datetime.fromisoformat(at), int(number)
    except (ValueError, TypeError) as error:
        raise BadInput("ticket.bad_cursor") from error
