"""Clocks of tickets: started, paused and stopped as the ticket moves, and swept when something is due.

Every change of a deadline is here; what a sweep's steps say and count is `supervision.py`, what the hotline itself does
at the end of a follow-up `followups.py`.
"""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from bot.domain import clock as rules
from bot.domain.clock import ClockKind, Limit
from bot.domain.ticket import ENDED, TicketState
from bot.services import announcing, clock_rows, clock_sweep, part_clocks, supervision
from bot.services.catalogue import item_or_raise
from bot.storage import Assignment, Clock, Ticket, engine, touch, transaction

SUBJECT = "ticket"
FEW, BATCH, SIDES = 200, 4000, 2
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
        start(session, ticket, ClockKind.FOLLOW_UP, first=then == TicketState.ANSWERED)


def start(
    session: Session, ticket: Ticket, kind: ClockKind, limit: Limit | None = None, first: bool = False
) -> Clock:
    """A clock from now on; one of that kind that was open is over. `first`: it is known that none is open."""
    steps, _ = clock_rows.terms(session)
    allowed = limit or rules.limit_of(kind, item_or_raise(ticket.item).sla_hours, steps)
    row = clock_rows.start(session, SUBJECT, ticket.id, kind, allowed, ticket.lead, first)
    _tell_ticket(ticket, row)
    return row


def pause(session: Session, ticket: Ticket) -> None:
    """The answer's clock stands still and keeps what is left; so do the co-handlers'."""
    clock_rows.pause(session, SUBJECT, ticket.id)
    part_clocks.pause(session, ticket)


def resume(session: Session, ticket: Ticket) -> None:
    """It goes on with what was left."""
    for row in clock_rows.resume(session, SUBJECT, ticket.id):
        _tell_ticket(ticket, row)
    part_clocks.resume(session, ticket)


def extend(session: Session, ticket: Ticket, days: int) -> None:
    """That many working days more for the answer."""
    for row in clock_rows.extend(session, SUBJECT, ticket.id, days):
        _tell_ticket(ticket, row)


def stop(session: Session, ticket: Ticket, *kinds: ClockKind) -> None:
    """Over; all of the ticket's clocks, and its co-handlers', where no kind is named."""
    clock_rows.stop(session, SUBJECT, ticket.id, *kinds)
    if not kinds:
        part_clocks.stop(session, ticket)


def catch_up(moment: datetime) -> int:
    """All that is due, a batch in a transaction each; returns how many clocks. Where there is more than FEW, SIDES of
    them go on beside each other on PostgreSQL, which gives each what no other has taken, the earliest first."""
    with transaction() as session:
        done = sweep(session, moment, FEW)
    if done < FEW:
        return done
    sides = SIDES if engine().dialect.name == "postgresql" else 1
    with ThreadPoolExecutor(sides) as beside:
        return done + sum(beside.map(lambda _: _batches(moment), range(sides)))


def _batches(moment: datetime) -> int:
    """Until one is not full."""
    done, taken = 0, BATCH
    while taken >= BATCH:
        with transaction() as session:
            taken = sweep(session, moment, BATCH)
        done += taken
    return done


def sweep(session: Session, moment: datetime, limit: int = BATCH) -> int:
    """What departments owe and is due by then, earliest first: each level passed is taken once, written into the
    story and counted. Returns how many clocks it looked at; fewer than `limit` means that nothing is left.

    A clock is moved by an UPDATE that names the level it was seen at: whoever comes second changes no row and writes
    nothing. A sweep that dies half way leaves its batch as it was. Row by row where systems are told of each.
    """
    if session.get_bind().dialect.name != "postgresql" or announcing.supervision_wanted(session):
        return sweep_rows(session, moment, limit)
    taken = clock_sweep.sweep(session, moment, limit)
    if taken:
        touch(session, "tickets")
    return taken


def sweep_rows(session: Session, moment: datetime, limit: int = BATCH) -> int:
    """`sweep` on any database, row by row."""
    found = [_due(session, moment, limit, subject) for subject in (SUBJECT, part_clocks.SUBJECT)]
    taken: list[supervision.Step] = []
    groups: dict[tuple[int, int], list[Row[Any]]] = defaultdict(list)
    for row in (row for due in found for row in due):
        groups[row.level, _reached(row, moment)].append(row)
    for (level, then), rows in groups.items():
        won = _move(session, [row.id for row in rows], level, then, moment)
        taken += [step for row in rows if row.id in won for step in _steps(row, then)]
    supervision.record(session, sorted(taken, key=lambda step: step.due_at), moment)
    if taken:
        touch(session, "tickets")
    return max(map(len, found))


def _due(session: Session, moment: datetime, limit: int, subject: str) -> list[Row[Any]]:
    whose = Ticket.id == Clock.subject_id
    query = select(Clock.id, Clock.kind, Clock.department, Clock.level, *_RUNG_COLUMNS,
                   Ticket.id.label("ticket_id"), Ticket.number, Ticket.item).select_from(Clock)
    if subject == part_clocks.SUBJECT:
        query = query.join(Assignment, Assignment.id == Clock.subject_id)
        whose = Ticket.id == Assignment.ticket_id
    query = (
        query.join(Ticket, whose)
        .where(Clock.next_at <= moment, Clock.subject == subject, Clock.kind.in_([k.value for k in OWED]))
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
    """A department has it to take on. After a return the deadline stays, otherwise the answer's time begins. What ran
    was stopped when it was given back or answered."""
    if before == TicketState.RETURNED:
        _answerable(session, ticket, ticket.lead)
    else:
        start(session, ticket, ClockKind.ANSWER, first=True)
    start(session, ticket, ClockKind.ACCEPT, first=True)


def answerable(session: Session, ticket: Ticket) -> None:
    """The present lead answers for the deadline."""
    _answerable(session, ticket, ticket.lead)


def start_accept(session: Session, ticket: Ticket) -> None:
    """The present lead has it to take on."""
    start(session, ticket, ClockKind.ACCEPT)


def _answerable(session: Session, ticket: Ticket, department: str) -> None:
    for row in clock_rows.running(session, SUBJECT, ticket.id, ClockKind.ANSWER):
        row.department = department


def _tell_ticket(ticket: Ticket, row: Clock) -> None:
    if row.kind == ClockKind.ANSWER:
        ticket.due_at = row.due_at
