"""Clocks of tickets: started, paused and stopped as the ticket moves, and swept when something is due.

Every change of a deadline is here; what a sweep's steps say and count is `supervision.py`, what the hotline itself does
at the end of a follow-up `followups.py`.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from bot.domain import clock as rules
from bot.domain.clock import ClockKind, Limit
from bot.domain.setting import ladder
from bot.domain.ticket import ENDED, TicketState
from bot.services import supervision
from bot.services.catalogue import item_or_raise
from bot.services.settings import value
from bot.services.workdays import special_days
from bot.storage import Clock, Ticket, now, touch

BATCH = 1000
OWED = (ClockKind.ACCEPT, ClockKind.ANSWER)
"""What departments owe; only these climb the ladder."""
_RUNG_COLUMNS = (Clock.warn_at, Clock.due_at, Clock.supervise_at, Clock.escalate_at)


def follow(session: Session, ticket: Ticket, before: TicketState) -> None:
    """The ticket has moved: its clocks go with it."""
    then = TicketState(ticket.state)
    if then == TicketState.DISPATCHED:
        _dispatched(session, ticket, before)
    elif then == TicketState.ACCEPTED:
        stop(session, ticket, ClockKind.ACCEPT, ClockKind.FOLLOW_UP)
        if before == TicketState.REOPENED:
            start(session, ticket, ClockKind.ANSWER)
        resume(session, ticket)
    elif then == TicketState.RETURNED:
        stop(session, ticket, ClockKind.ACCEPT)
        _answerable(session, ticket, "")
    elif then in (TicketState.WAITING, TicketState.SUSPENDED):
        pause(session, ticket)
    elif then in ENDED | {TicketState.ANSWERED, TicketState.REOPENED}:
        stop(session, ticket)
    if then in (TicketState.WAITING, TicketState.ANSWERED):
        start(session, ticket, ClockKind.FOLLOW_UP)


def start(session: Session, ticket: Ticket, kind: ClockKind, limit: Limit | None = None) -> Clock:
    """A clock from now on; one of that kind that was open is over."""
    stop(session, ticket, kind)
    moment, (steps, special) = now(), _terms(session)
    allowed = limit or rules.limit_of(kind, item_or_raise(ticket.item).sla_hours, steps)
    row = Clock(subject="ticket", subject_id=ticket.id, kind=kind.value, department=ticket.lead, started_at=moment,
                limit_seconds=int(allowed.amount.total_seconds()), around_the_clock=allowed.around_the_clock,
                notice_seconds=int(allowed.notice.total_seconds()))
    _store(row, rules.start(allowed, moment, steps, special))
    session.add(row)
    session.flush()
    _tell_ticket(ticket, row)
    return row


def pause(session: Session, ticket: Ticket) -> None:
    """The answer's clock stands still and keeps what is left."""
    for row in _open(session, ticket, ClockKind.ANSWER):
        _store(row, rules.pause(_read(row), now(), special_days(session)))


def resume(session: Session, ticket: Ticket) -> None:
    """It goes on with what was left."""
    for row in _open(session, ticket, ClockKind.ANSWER):
        _store(row, rules.resume(_read(row), now(), *_terms(session)))
        _tell_ticket(ticket, row)


def extend(session: Session, ticket: Ticket, days: int) -> None:
    """That many working days more for the answer."""
    for row in _open(session, ticket, ClockKind.ANSWER):
        _store(row, rules.extend(_read(row), days, *_terms(session)))
        _tell_ticket(ticket, row)


def stop(session: Session, ticket: Ticket, *kinds: ClockKind) -> None:
    """Over; all of the ticket's clocks where no kind is named."""
    for row in _open(session, ticket, *(kinds or ClockKind)):
        _store(row, rules.stop(_read(row), now()))
    session.flush()


def sweep(session: Session, moment: datetime, limit: int = BATCH) -> int:
    """What departments owe and is due by then, earliest first: each level passed is taken once, written into the
    story and counted. Returns how many clocks it looked at; fewer than `limit` means that nothing is left.

    A clock is moved by an UPDATE that names the level it was seen at: whoever comes second changes no row and writes
    nothing. A sweep that dies half way leaves its batch as it was.
    """
    due = _due(session, moment, limit)
    taken: list[supervision.Step] = []
    groups: dict[tuple[int, int], list[Row[Any]]] = defaultdict(list)
    for row in due:
        groups[row.level, _reached(row, moment)].append(row)
    for (level, then), rows in groups.items():
        won = _move(session, [row.id for row in rows], level, then, moment)
        taken += [step for row in rows if row.id in won for step in _steps(row, then)]
    supervision.record(session, sorted(taken, key=lambda step: step.due_at), moment)
    if taken:
        touch(session, "tickets")
    return len(due)


def _due(session: Session, moment: datetime, limit: int) -> list[Row[Any]]:
    query = (
        select(Clock.id, Clock.kind, Clock.department, Clock.level, *_RUNG_COLUMNS,
               Ticket.id.label("ticket_id"), Ticket.number, Ticket.item)
        .join(Ticket, Ticket.id == Clock.subject_id)
        .where(Clock.next_at <= moment, Clock.subject == "ticket", Clock.kind.in_([k.value for k in OWED]))
        .order_by(Clock.next_at).limit(limit).with_for_update(of=Clock, skip_locked=True)
    )
    return list(session.execute(query))


def _times(row: Row[Any]) -> tuple[datetime, ...]:
    return row.warn_at, row.due_at, row.supervise_at, row.escalate_at


def _reached(row: Row[Any], moment: datetime) -> int:
    """The level after everything that was due by then; at least the next, which brought it here."""
    return max(int(row.level) + 1, sum(at <= moment for at in _times(row)))


def _move(session: Session, ids: list[int], level: int, then: int, moment: datetime) -> set[int]:
    """Take those clocks from one level to another; returns which were still at the first."""
    after = _RUNG_COLUMNS[then] if then < len(_RUNG_COLUMNS) else None
    changed = session.execute(
        update(Clock).where(Clock.id.in_(ids), Clock.level == level, Clock.next_at <= moment)
        .values(level=then, next_at=after).returning(Clock.id).execution_options(synchronize_session=False)
    )
    return set(changed.scalars())


def _steps(row: Row[Any], then: int) -> list[supervision.Step]:
    return [
        supervision.Step(row.ticket_id, row.number, row.item, row.department, row.kind, level, at, row.due_at)
        for level, at in enumerate(_times(row)) if row.level <= level < then
    ]


def _dispatched(session: Session, ticket: Ticket, before: TicketState) -> None:
    """A department has it to take on. After a return the deadline stays, otherwise the answer's time begins."""
    if before == TicketState.RETURNED:
        _answerable(session, ticket, ticket.lead)
    else:
        start(session, ticket, ClockKind.ANSWER)
    start(session, ticket, ClockKind.ACCEPT)


def _answerable(session: Session, ticket: Ticket, department: str) -> None:
    for row in _open(session, ticket, ClockKind.ANSWER):
        row.department = department


def _open(session: Session, ticket: Ticket, *kinds: ClockKind) -> list[Clock]:
    query = select(Clock).where(Clock.subject == "ticket", Clock.subject_id == ticket.id, Clock.stopped_at.is_(None),
                                Clock.kind.in_([k.value for k in kinds]))
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _terms(session: Session) -> tuple[rules.Ladder, Mapping[date, bool]]:
    return ladder(value(session, "supervision")), special_days(session)


def _tell_ticket(ticket: Ticket, row: Clock) -> None:
    if row.kind == ClockKind.ANSWER:
        ticket.due_at = row.due_at


def _read(row: Clock) -> rules.Clock:
    climbs = row.supervise_at is not None
    limit = Limit(timedelta(seconds=row.limit_seconds), timedelta(seconds=row.notice_seconds), row.around_the_clock,
                  climbs)
    times = (row.warn_at, row.due_at, row.supervise_at, row.escalate_at)
    left = None if row.remaining_seconds is None else timedelta(seconds=row.remaining_seconds)
    return rules.Clock(limit, tuple(at for at in times if at is not None), row.level, row.paused_at, left,
                       row.stopped_at)


def _store(row: Clock, clock: rules.Clock) -> None:
    later = clock.rungs[2:]
    row.warn_at, row.due_at = clock.rungs[:2]
    row.supervise_at, row.escalate_at = later if later else (None, None)
    row.level, row.next_at = clock.level, clock.next_at
    row.paused_at, row.stopped_at = clock.paused_at, clock.stopped_at
    row.remaining_seconds = None if clock.remaining is None else round(clock.remaining.total_seconds())
