"""Counting tickets in SQL: each figure has one condition, used for the number and for the list of tickets behind it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole
from bot.domain.report import SATISFIED_FROM, Tally
from bot.domain.ticket import DONE, ENDED, GROUPS, TicketState
from bot.storage import Assignment, Conversation, Ticket, now

Condition = ColumnElement[bool]
SETTLED = DONE | {TicketState.CLOSED}
WORKING = GROUPS["open"] - {TicketState.WAITING, TicketState.SUSPENDED}
"""Whose deadline runs: what waits for the citizen or is suspended is not late."""
FIGURES = ("received", "closed", "answered", "on_time", "late", "solved", "not_solved", "silent", "satisfied",
           "reopened", "urged", "open", "overdue")


COUNTED = tuple(one.name for one in fields(Tally))


@dataclass(frozen=True)
class Reach:
    """Whose tickets are counted: all, or those a department (and its unit) leads."""

    department: str = ""
    unit: str = ""


def reach_of(actor: Actor, department: str = "") -> Reach:
    """A handler's own department; who sees all tickets may choose one. Raises NotAllowed."""
    if actor.may(Right.HANDLE_TICKETS):
        return Reach(actor.department, actor.unit)
    actor.must(Right.SUPERVISE)
    return Reach(department)


def condition(figure: str, since: datetime, until: datetime, moment: datetime) -> Condition:
    """Which tickets a figure counts, of the stretch of time; `open` and `overdue` are as it stands at `moment`."""
    if figure in ("open", "overdue"):
        return _standing(figure, moment)
    if figure in ("received", "reopened", "urged"):
        return and_(_within(Ticket.received_at, since, until), *_only(figure))
    if figure == "closed":
        return and_(_within(Ticket.closed_at, since, until), Ticket.state.in_(ENDED))
    if figure == "late":
        return _late(since, min(until, moment))
    return and_(_within(Ticket.answered_at, since, until), *_only(figure))


def tallies(session: Session, since: datetime, until: datetime, reach: Reach, groups: Sequence[str] = ()) \
        -> dict[str, dict[str, Tally]]:
    """{group: {key: Tally}} for kind | item | street | department | channel, and {"": {"": Tally}} for all.

    Each ticket's figures are worked out once, as bits of a number; groups only count how many have which. PostgreSQL
    counts all groups in one look at the tickets; SQLite, which holds fewer, looks once for each.
    """
    moment = now()
    touched = or_(*(_within(column, since, until)
                    for column in (Ticket.received_at, Ticket.answered_at, Ticket.closed_at, Ticket.due_at)))
    bits = sum((case((condition(name, since, until, moment), 1 << n), else_=0) for n, name in enumerate(COUNTED)),
               start=literal(0))
    seen = _seen(reach, groups, bits).where(touched).subquery()
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(COUNTED))
    for group, key, which, count in _looked(session, seen, groups):
        for n in range(len(COUNTED)):
            sums[group, key][n] += count * (which >> n & 1)
    found: dict[str, dict[str, Tally]] = {group: {} for group in ("", *groups)}
    for (group, key), counted in sums.items():
        if any(counted):
            found[group][key] = Tally(**dict(zip(COUNTED, counted, strict=True)))
    return found | {"": found[""] or {"": Tally()}}


def standing(session: Session, reach: Reach) -> dict[str, int]:
    """{open, overdue}: as it stands now."""
    moment = now()
    overdue = counting(_standing("overdue", moment))
    query = reaching(select(func.count(), overdue).select_from(Ticket).where(_standing("open", moment)), reach)
    count, late = session.execute(query).one()
    return {"open": count, "overdue": late}


def reaching(query: Select[Any], reach: Reach, led: bool = False) -> Select[Any]:
    """Only the reach's tickets; with the lead's part joined where that, or `led`, asks for it."""
    if led or reach.department:
        query = query.join(Assignment, and_(Assignment.ticket_id == Ticket.id, Assignment.role == AssignmentRole.LEAD))
    if reach.department:
        query = query.where(Assignment.department == reach.department)
    return query.where(Assignment.unit == reach.unit) if reach.unit else query


def _seen(reach: Reach, groups: Sequence[str], bits: ColumnElement[int]) -> Select[Any]:
    """The reach's tickets with the keys of the groups, and which figures they are in."""
    query = select(*(_key(group).label(group) for group in groups), bits.label("bits")).select_from(Ticket)
    query = reaching(query, reach, "department" in groups)
    if "channel" in groups:
        query = query.join(Conversation, Conversation.id == Ticket.conversation_id)
    return query


def _looked(session: Session, seen: Subquery, groups: Sequence[str]) -> Iterator[tuple[str, str, int, int]]:
    """(group, key, bits, how many); of all together group and key are empty."""
    one = session.get_bind().dialect.name == "postgresql" and groups
    for some in [groups] if one else [[], *([group] for group in groups)]:
        keys = [seen.c[group] for group in some]
        sets = func.grouping_sets(*(tuple_(key, seen.c.bits) for key in keys), tuple_(seen.c.bits))
        by = [sets] if one else [*keys, seen.c.bits]
        for *row, bits, count in session.execute(select(*keys, seen.c.bits, func.count()).group_by(*by)):
            named = [(group, key) for group, key in zip(some, row, strict=True) if key is not None]
            yield *(named[0] if named else ("", "")), bits, count


def _key(group: str) -> InstrumentedAttribute[str]:
    joined = {"department": Assignment.department, "channel": Conversation.channel}
    return joined.get(group) or getattr(Ticket, group)


def _within(column: InstrumentedAttribute[Any], since: datetime, until: datetime) -> Condition:
    return and_(column >= since, column < until)


def _standing(figure: str, moment: datetime) -> Condition:
    if figure == "open":
        return Ticket.state.in_(GROUPS["open"])
    return and_(Ticket.state.in_(WORKING), Ticket.due_at < moment)


def _late(since: datetime, until: datetime) -> Condition:
    """The deadline fell into the stretch and there was no answer by then."""
    missed = or_(Ticket.state.in_(WORKING), and_(Ticket.state.in_(SETTLED), Ticket.answered_at > Ticket.due_at))
    return and_(_within(Ticket.due_at, since, until), missed)


def _only(figure: str) -> list[Condition]:
    """What sets a figure apart within those it is a part of."""
    conditions: dict[str, Condition] = {
        "reopened": Ticket.reopened > 0,
        "urged": Ticket.urged > 0,
        "on_time": and_(Ticket.state.in_(SETTLED), Ticket.answered_at <= Ticket.due_at),
        "solved": Ticket.solved.is_(True),
        "not_solved": Ticket.solved.is_(False),
        "silent": and_(Ticket.solved.is_(None), Ticket.score.is_(None)),
        "rated": Ticket.score.is_not(None),
        "satisfied": Ticket.score >= SATISFIED_FROM,
    }
    return [conditions[figure]] if figure in conditions else []


def counting(condition: Condition) -> ColumnElement[int]:
    """How many of those looked at meet it."""
    return func.count().filter(condition)
