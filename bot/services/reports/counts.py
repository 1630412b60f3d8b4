"""Counting tickets in SQL: each figure has one condition, used for the number and for the list of tickets behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
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
    """{group: {key: Tally}} for kind | item | street | department | channel, and {"": {"": Tally}} for all."""
    moment = now()
    columns = {one.name: counting(condition(one.name, since, until, moment)) for one in fields(Tally)}
    touched = or_(*(_within(column, since, until)
                    for column in (Ticket.received_at, Ticket.answered_at, Ticket.closed_at, Ticket.due_at)))
    found: dict[str, dict[str, Tally]] = {group: {} for group in ("", *groups)}
    for group, key, counted in grouped(session, touched, columns, reach, groups):
        if any(counted.values()):
            found[group][key] = Tally(**counted)
    return found | {"": found[""] or {"": Tally()}}


def standing(session: Session, reach: Reach) -> dict[str, int]:
    """{open, overdue}: as it stands now."""
    moment = now()
    overdue = counting(_standing("overdue", moment))
    query = reaching(select(func.count(), overdue).select_from(Ticket).where(_standing("open", moment)), reach)
    count, late = session.execute(query).one()
    return {"open": count, "overdue": late}


def grouped(
    session: Session, where: Condition, columns: Mapping[str, ColumnElement[Any]], reach: Reach, groups: Sequence[str]
) -> list[tuple[str, str, dict[str, int]]]:
    """(group, key, {column: count}) for all ("", "") and each value of each group. PostgreSQL counts all groups in one
    look at the tickets; SQLite, which holds fewer, looks once for each."""
    if session.get_bind().dialect.name != "postgresql":
        each = [[], *([group] for group in groups)]
        return [row for one in each for row in _looked(session, where, columns, reach, one)]
    return _looked(session, where, columns, reach, groups)


def reaching(query: Select[Any], reach: Reach, led: bool = False) -> Select[Any]:
    """Only the reach's tickets; with the lead's part joined where that, or `led`, asks for it."""
    if led or reach.department:
        query = query.join(Assignment, and_(Assignment.ticket_id == Ticket.id, Assignment.role == AssignmentRole.LEAD))
    if reach.department:
        query = query.where(Assignment.department == reach.department)
    return query.where(Assignment.unit == reach.unit) if reach.unit else query


def _looked(session: Session, where: Condition, columns: Mapping[str, ColumnElement[Any]], reach: Reach,
            groups: Sequence[str]) -> list[tuple[str, str, dict[str, int]]]:
    keys = [_key(group) for group in groups]
    query = reaching(select(*keys, *columns.values()).select_from(Ticket).where(where), reach, "department" in groups)
    if "channel" in groups:
        query = query.join(Conversation, Conversation.id == Ticket.conversation_id)
    if len(groups) > 1:
        query = query.group_by(func.grouping_sets(*(tuple_(key) for key in keys), tuple_()))
    elif groups:
        query = query.group_by(func.rollup(*keys) if session.get_bind().dialect.name == "postgresql" else keys[0])
    return [_row(groups, columns, tuple(row)) for row in session.execute(query)]


def _row(groups: Sequence[str], columns: Mapping[str, Any], row: tuple[Any, ...]) -> tuple[str, str, dict[str, int]]:
    """Of the keys one is there, the one it is grouped by; in the total none."""
    named = [(group, key) for group, key in zip(groups, row, strict=False) if key is not None]
    return *(named[0] if named else ("", "")), dict(zip(columns, row[len(groups):], strict=True))


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
