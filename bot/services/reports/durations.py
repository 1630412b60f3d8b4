"""How long things took: until a person came, until the department accepted, until the answer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, and_, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.domain.handoff import ESCALATE_AFTER_SECONDS
from bot.domain.report import Times, share, times
from bot.services import shift_report
from bot.services.reports.counts import Reach, condition, reaching
from bot.services.shift_report import Wait
from bot.storage import Assignment, Ticket


@dataclass(frozen=True)
class Waiting:
    """How citizens who asked for a person were served. `within_five`: somebody came within five minutes; `over_five`:
    nobody did, whatever became of it; who gave up earlier is in neither."""

    asked: int
    within_five: int
    over_five: int
    times: Times

    @property
    def rate(self) -> float | None:
        """Within five minutes, of those who waited that long or were served."""
        return share(self.within_five, self.within_five + self.over_five)


def until_answer(session: Session, since: datetime, until: datetime, reach: Reach) -> Times:
    """From receipt to the answer, of the tickets answered in that time (one that was reopened: to its last answer)."""
    where = condition("answered", since, until, until)
    return _times(session, Ticket.received_at, Ticket.answered_at, where, reach).get("", Times())


def until_accepted(session: Session, since: datetime, until: datetime, reach: Reach,
                   by_department: bool = False) -> dict[str, Times]:
    """From receipt to the lead's accepting, of the tickets received in that time that were not reopened; by department,
    or all under ""."""
    where = and_(condition("received", since, until, until), Ticket.reopened == 0, Assignment.accepted_at.is_not(None))
    return _times(session, Ticket.received_at, Assignment.accepted_at, where, reach, True, by_department)


def waiting(waits: Sequence[Wait]) -> Waiting:
    """The waits for a person, counted."""
    taken = [wait.seconds for wait in waits if wait.how == "taken"]
    within = sum(seconds <= ESCALATE_AFTER_SECONDS for seconds in taken)
    over = sum(wait.seconds > ESCALATE_AFTER_SECONDS for wait in waits)
    return Waiting(len(waits), within, over, times(taken))


def until_person(session: Session, since: datetime, until: datetime) -> Waiting:
    """From asking for a person to somebody's coming, of the waits that began in that time."""
    return waiting(shift_report.waits_since(session, since, until))


def _times(
    session: Session, begun: InstrumentedAttribute[Any], ended: InstrumentedAttribute[Any],
    where: ColumnElement[bool], reach: Reach, led: bool = False, by_department: bool = False,
) -> dict[str, Times]:
    keys = [Assignment.department] if by_department else []
    postgres = session.get_bind().dialect.name == "postgresql"
    if not postgres:
        return _measured(session, reaching(select(begun, ended, *keys).select_from(Ticket).where(where), reach, led))
    seconds = func.extract("epoch", type_coerce(ended, DateTime) - type_coerce(begun, DateTime))
    query = select(*keys, func.count(), func.avg(seconds), func.percentile_cont(0.5).within_group(seconds),
                   func.percentile_cont(0.9).within_group(seconds)).select_from(Ticket).where(where)
    rows = session.execute(reaching(query, reach, led).group_by(*keys))
    return {row[0] if keys else "": Times(row[-4], *(float(n) for n in row[-3:])) for row in rows if row[-4]}


def _measured(session: Session, query: Select[Any]) -> dict[str, Times]:
    """SQLite has no quantiles."""
    found: dict[str, list[float]] = defaultdict(list)
    for begun, ended, *key in session.execute(query):
        found[key[0] if key else ""].append((ended - begun).total_seconds())
    return {key: times(seconds) for key, seconds in found.items()}
