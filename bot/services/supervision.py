"""督办: what is written when a department is late, who is told, and how many cards each has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.calendar import LOCAL
from bot.domain.clock import RED, RUNGS, YELLOW
from bot.domain.setting import SUPERVISORS, named
from bot.i18n import text
from bot.services import announcing
from bot.services.catalogue import catalogue
from bot.services.settings import value
from bot.services.workdays import when_in_words
from bot.storage import Change, Supervision
from bot.storage.bulk import insert_many

MANUAL = "manual"
WRITTEN_IN = "zh"
"""The hotline's own papers are in its own language."""
PAPER = ("ticket_id", "department", "kind", "level", "due_at", "at", "words", "acknowledged_by", "reply", "written_by")
CHANGE = ("subject", "subject_id", "at", "actor", "what", "before", "after", "why")


class Step(NamedTuple):
    """A level that a clock has reached: `due_at` is when that was due, `deadline` what was missed or is near."""

    ticket_id: int
    number: str
    item: str
    department: str
    kind: str
    level: int
    due_at: datetime
    deadline: datetime


@dataclass(frozen=True)
class Cards:
    """Tickets of a department that were late (yellow), and still late after the written supervision (red)."""

    yellow: int = 0
    red: int = 0


def record(session: Session, steps: Sequence[Step], moment: datetime) -> None:
    """Write each step into its ticket's story and among the supervision."""
    if not steps:
        return
    write = _Writer(value(session, "supervision"))
    papers: list[tuple[Any, ...]] = []
    changes: list[tuple[Any, ...]] = []
    told = announcing.supervision_wanted(session)
    for step in steps:
        words = write(step)
        if told:
            paper = Supervision(department=step.department, kind=step.kind, level=step.level, words=words)
            announcing.supervised(session, RUNGS[step.level], paper, step.number, step.item, step.deadline)
        papers.append((step.ticket_id, step.department, step.kind, step.level, step.due_at, moment, words, "", "", ""))
        changes.append(("ticket", str(step.ticket_id), moment, "clock", RUNGS[step.level].value, step.kind,
                        str(step.level), words))
    insert_many(session, Supervision, PAPER, papers)
    insert_many(session, Change, CHANGE, changes)


def cards(session: Session, since: datetime, until: datetime | None = None) -> dict[str, Cards]:
    """Yellow and red cards by department, by the time they were due; a ticket counts once for each colour. The
    hotline's own desk is the department without a code."""
    query = (
        select(Supervision.department, Supervision.level, func.count(Supervision.ticket_id.distinct()))
        .where(Supervision.level.in_([YELLOW, RED]), Supervision.due_at >= since, Supervision.kind != MANUAL)
        .group_by(Supervision.department, Supervision.level)
    )
    if until is not None:
        query = query.where(Supervision.due_at < until)
    counts: dict[str, dict[int, int]] = {}
    for department, level, count in session.execute(query):
        counts.setdefault(department, {})[level] = count
    return {code: Cards(found.get(YELLOW, 0), found.get(RED, 0)) for code, found in counts.items()}


def worst(session: Session, tickets: Collection[int], department: str = "") -> dict[int, int]:
    """The highest level that carries a card, by ticket; of one department, or of all."""
    query = (select(Supervision.ticket_id, func.max(Supervision.level))
             .where(Supervision.ticket_id.in_(tickets), Supervision.level >= YELLOW, Supervision.kind != MANUAL)
             .group_by(Supervision.ticket_id))
    if department:
        query = query.where(Supervision.department == department)
    return dict(session.execute(query).tuples().all()) if tickets else {}


class _Writer:
    """Puts steps into words; what is the same for many of them is looked up once."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self._rules = rules
        self._begun: dict[tuple[int, str, str, str], dict[str, Any]] = {}

    def __call__(self, step: Step) -> str:
        key = (step.level, step.department, step.item, step.kind)
        if key not in self._begun:
            self._begun[key] = self._facts(*key)
        due = f"{step.deadline.astimezone(LOCAL).year}年{when_in_words(step.deadline, WRITTEN_IN)}"
        return text(f"supervision.{RUNGS[step.level].value}", WRITTEN_IN, number=step.number, due=due,
                    **self._begun[key])

    def _facts(self, level: int, department: str, item: str, kind: str) -> dict[str, Any]:
        known = catalogue()
        theirs, matter = known.departments.get(department), known.items.get(item)
        days = {2: self._rules["supervise_days"], 3: self._rules["escalate_days"]}
        return {
            "department": theirs.name(WRITTEN_IN) if theirs else text("supervision.desk", WRITTEN_IN),
            "item": matter.name(WRITTEN_IN) if matter else item, "days": days.get(level, 0),
            "clock": text(f"supervision.of_{kind}", WRITTEN_IN),
            "who": named(self._rules, level, department) or text(f"supervision.role_{SUPERVISORS[level]}", WRITTEN_IN),
        }
