"""Supervision as supervisors and departments see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from bot.console import words
from bot.console.views.people import actor_accounts
from bot.console.views.tickets import Row, row
from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole
from bot.domain.clock import RUNGS
from bot.domain.ticket import GROUPS, TicketState
from bot.i18n import text
from bot.services import extensions, provider_standing, returns, supervision, supervision_papers
from bot.services.catalogue import catalogue
from bot.services.provider_standing import Review
from bot.storage import Assignment, Supervision, Ticket, now

MOST = 100


@dataclass(frozen=True)
class Paper:
    """A written supervision. `level` is reminded | overdue | supervised | escalated; `late`: its reply is overdue."""

    id: int
    number: str
    item: str
    department: str
    level: str
    manual: bool
    words: str
    at: datetime
    reply_due_at: datetime | None
    late: bool
    acknowledged_at: datetime | None
    acknowledged_by: str
    reply: str
    written_by: str


@dataclass(frozen=True)
class Asked:
    """More time that a department asks for."""

    number: str
    department: str
    days: int
    why: str
    asked_at: datetime


@dataclass(frozen=True)
class Department:
    """How a department stands: late now, cards, more time granted, returns refused in the span."""

    code: str
    name: str
    late: int
    longest: str
    yellow: int
    red: int
    granted: int
    refused: int


@dataclass(frozen=True)
class Found:
    """The page. `owed` counts what waits for who looks."""

    papers: list[Paper]
    calls: list[Row]
    returned: list[Row]
    asked: list[Asked]
    departments: list[Department]
    done: list[Paper]
    suspended: list[Review]
    supervises: bool

    @property
    def owed(self) -> int:
        return len(self.papers) + len(self.calls) + len(self.returned) + len(self.asked) + len(self.suspended)


def read(session: Session, actor: Actor, days: int, language: str) -> Found:
    """What a supervisor, or a department, has to know. Raises NotAllowed for anybody else."""
    supervises = actor.may(Right.SUPERVISE)
    unread = [paper(session, p, language) for p in supervision_papers.unread(session, actor)]
    done = [paper(session, p, language) for p in supervision_papers.read(session, actor)]
    return Found(
        papers=unread, done=done, supervises=supervises,
        calls=_rows(session, actor, language, Ticket.needs_call.is_(True)) if supervises else [],
        returned=_rows(session, actor, language, Ticket.state == TicketState.RETURNED) if supervises else [],
        asked=_asked(session, language) if supervises else [],
        suspended=provider_standing.under_review(session) if supervises else [],
        departments=_departments(session, actor, now() - timedelta(days=days), language),
    )


def paper(session: Session, found: Supervision, language: str) -> Paper:
    """One of them, whole."""
    ticket = session.get_one(Ticket, found.ticket_id)
    item = catalogue().items.get(ticket.item)
    people = actor_accounts(session, [found.acknowledged_by, found.written_by])
    due = found.reply_due_at
    return Paper(
        found.id, ticket.number, item.name(language) if item else ticket.item, _name(found.department, language),
        RUNGS[found.level].value, found.kind == supervision.MANUAL, found.words, found.at, due,
        bool(due and found.acknowledged_at is None and due < now()), found.acknowledged_at,
        words.who(found.acknowledged_by, people, language) if found.acknowledged_by else "", found.reply,
        words.who(found.written_by, people, language) if found.written_by else "",
    )


def of_ticket(session: Session, ticket: Ticket, actor: Actor, language: str) -> list[Paper]:
    """A ticket's written supervision, for its page; a department sees its own."""
    mine = [p for p in supervision_papers.of_ticket(session, ticket)
            if p.level >= supervision.RED and (actor.may(Right.SEE_ALL_TICKETS) or p.department == actor.department)]
    return [paper(session, p, language) for p in mine]


def _rows(session: Session, actor: Actor, language: str, *where: object) -> list[Row]:
    query = select(Ticket).options(selectinload(Ticket.assignments)).where(*where)  # type: ignore[arg-type]
    return [row(t, actor, language) for t in session.scalars(query.order_by(Ticket.due_at).limit(MOST))]


def _asked(session: Session, language: str) -> list[Asked]:
    found = extensions.waiting(session)
    numbers = dict(session.execute(
        select(Ticket.id, Ticket.number).where(Ticket.id.in_([one.ticket_id for one in found]))).tuples().all())
    return [Asked(numbers[one.ticket_id], _name(one.department, language), one.days, one.why, one.asked_at)
            for one in found]


def _departments(session: Session, actor: Actor, since: datetime, language: str) -> list[Department]:
    query = (
        select(Assignment.department, func.count(), func.min(Ticket.due_at))
        .join(Ticket, Ticket.id == Assignment.ticket_id)
        .where(Assignment.role == AssignmentRole.LEAD, Ticket.state.in_(GROUPS["open"]), Ticket.due_at < now())
        .group_by(Assignment.department)
    )
    late = {code: (count, first) for code, count, first in session.execute(query)}
    cards, granted = supervision.cards(session, since), extensions.counts(session)
    refused = {code: found.refused for code, found in returns.counts(session, since).items() if found.refused}
    codes = (set(late) | set(cards) | set(granted) | set(refused)) - {""}
    if not actor.may(Right.SUPERVISE):
        codes &= {actor.department}
    none = supervision.Cards(0, 0)
    found = [Department(code, _name(code, language), late.get(code, (0, None))[0],
                        words.span((now() - late[code][1]).total_seconds(), language) if code in late else "",
                        cards.get(code, none).yellow, cards.get(code, none).red, granted.get(code, 0),
                        refused.get(code, 0)) for code in codes]
    return sorted(found, key=lambda d: (-d.late, -d.red, -d.yellow, d.code))


def _name(code: str, language: str) -> str:
    department = catalogue().departments.get(code)
    return department.name(language) if department else text("supervision.desk", language)
