"""督办: what is written when a department is late, who is told, and how many cards each has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.clock import RED, RUNGS, YELLOW
from bot.domain.setting import SUPERVISORS, named
from bot.errors import NotFound
from bot.i18n import text
from bot.services.catalogue import catalogue
from bot.services.history import note, note_many
from bot.services.settings import value
from bot.services.workdays import when_in_words
from bot.storage import Supervision, Ticket, now, touch

WRITTEN_IN = "zh"
"""The hotline's own papers are in its own language."""


@dataclass(frozen=True)
class Step:
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
    rules = value(session, "supervision")
    papers, changes = [], []
    for step in steps:
        words = _words(step, rules)
        papers.append({"ticket_id": step.ticket_id, "department": step.department, "kind": step.kind,
                       "level": step.level, "due_at": step.due_at, "at": moment, "words": words,
                       "acknowledged_by": ""})
        changes.append({"subject": "ticket", "subject_id": str(step.ticket_id), "what": RUNGS[step.level].value,
                        "before": step.kind, "after": str(step.level), "why": words, "at": moment})
    session.execute(insert(Supervision), papers)
    note_many(session, "clock", changes)


def cards(session: Session, since: datetime, until: datetime | None = None) -> dict[str, Cards]:
    """Yellow and red cards by department, by the time they were due; a ticket counts once for each colour. The
    hotline's own desk is the department without a code."""
    query = (
        select(Supervision.department, Supervision.level, func.count(Supervision.ticket_id.distinct()))
        .where(Supervision.level.in_([YELLOW, RED]), Supervision.due_at >= since)
        .group_by(Supervision.department, Supervision.level)
    )
    if until is not None:
        query = query.where(Supervision.due_at < until)
    counts: dict[str, dict[int, int]] = {}
    for department, level, count in session.execute(query):
        counts.setdefault(department, {})[level] = count
    return {code: Cards(found.get(YELLOW, 0), found.get(RED, 0)) for code, found in counts.items()}


def unread(session: Session, actor: Actor, limit: int = 200) -> list[Supervision]:
    """What nobody has acknowledged yet, newest first: a department's own, or all for who supervises."""
    query = select(Supervision).where(Supervision.acknowledged_at.is_(None))
    if not actor.may(Right.SUPERVISE):
        actor.must(Right.HANDLE_TICKETS)
        query = query.where(Supervision.department == actor.department)
    return list(session.scalars(query.order_by(Supervision.id.desc()).limit(limit)))


def of_ticket(session: Session, ticket: Ticket) -> list[Supervision]:
    """All that was written about a ticket, in order."""
    query = select(Supervision).where(Supervision.ticket_id == ticket.id)
    return list(session.scalars(query.order_by(Supervision.id)))


def acknowledge(session: Session, paper_id: int, actor: Actor) -> bool:
    """Read and understood, with who and when. False where that was said before. Raises NotFound for another's."""
    paper = session.get(Supervision, paper_id)
    theirs = paper is not None and actor.may(Right.HANDLE_TICKETS) and paper.department == actor.department
    if paper is None or not (theirs or actor.may(Right.SUPERVISE)):
        raise NotFound("supervision.unknown")
    won = session.execute(
        update(Supervision).where(Supervision.id == paper_id, Supervision.acknowledged_at.is_(None))
        .values(acknowledged_at=now(), acknowledged_by=actor.id)
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        return False
    note(session, "ticket", paper.ticket_id, actor.id, "acknowledged", before=paper.kind, after=str(paper.level))
    touch(session, "tickets")
    return True


def _words(step: Step, rules: dict[str, Any]) -> str:
    known = catalogue()
    department, item = known.departments.get(step.department), known.items.get(step.item)
    role = SUPERVISORS[step.level]
    days = {2: rules["supervise_days"], 3: rules["escalate_days"]}.get(step.level, 0)
    return text(
        f"supervision.{RUNGS[step.level].value}", WRITTEN_IN, number=step.number, days=days,
        item=item.name(WRITTEN_IN) if item else step.item,
        department=department.name(WRITTEN_IN) if department else text("supervision.desk", WRITTEN_IN),
        clock=text(f"supervision.of_{step.kind}", WRITTEN_IN), due=when_in_words(step.deadline, WRITTEN_IN),
        who=named(rules, step.level, step.department) or text(f"supervision.role_{role}", WRITTEN_IN),
    )
