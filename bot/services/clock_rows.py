"""Clocks as they are stored: started, paused, resumed, extended and stopped. Whose they are is told by `clocks.py` and
`part_clocks.py`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from bot.domain import clock as rules
from bot.domain.clock import ClockKind, Limit
from bot.domain.setting import ladder
from bot.services.settings import value
from bot.services.workdays import special_days
from bot.storage import Clock, now

Terms = tuple[rules.Ladder, Mapping[date, bool]]


def start(
    session: Session, subject: str, subject_id: int, kind: ClockKind, limit: Limit, department: str, first: bool = False
) -> Clock:
    """A clock from now on; one of that kind that was open is over. `first`: it is known that none is open."""
    if not first:
        stop(session, subject, subject_id, kind)
    moment = now()
    row = Clock(subject=subject, subject_id=subject_id, kind=kind.value, department=department, started_at=moment,
                limit_seconds=int(limit.amount.total_seconds()), around_the_clock=limit.around_the_clock,
                notice_seconds=int(limit.notice.total_seconds()))
    _store(row, rules.start(limit, moment, *terms(session)))
    session.add(row)
    return row


def pause(session: Session, subject: str, subject_id: int) -> list[Clock]:
    """The answer's clock stands still and keeps what is left. Returns what was changed."""
    special = special_days(session)
    return _change(session, subject, subject_id, lambda clock: rules.pause(clock, now(), special), ClockKind.ANSWER)


def resume(session: Session, subject: str, subject_id: int) -> list[Clock]:
    """It goes on with what was left."""
    known = terms(session)
    return _change(session, subject, subject_id, lambda clock: rules.resume(clock, now(), *known), ClockKind.ANSWER)


def extend(session: Session, subject: str, subject_id: int, days: int) -> list[Clock]:
    """That many working days more for the answer."""
    known = terms(session)
    return _change(session, subject, subject_id, lambda clock: rules.extend(clock, days, *known), ClockKind.ANSWER)


def stop(session: Session, subject: str, subject_id: int, *kinds: ClockKind) -> None:
    """Over; all of its clocks where no kind is named. One statement: most of the time there is nothing to stop."""
    session.execute(
        update(Clock).where(*_open(subject, subject_id, kinds or tuple(ClockKind)))
        .values(stopped_at=now(), next_at=None, paused_at=None, remaining_seconds=None)
    )


def running(session: Session, subject: str, subject_id: int, *kinds: ClockKind) -> list[Clock]:
    """The open ones, held."""
    query = select(Clock).where(*_open(subject, subject_id, kinds))
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _open(subject: str, subject_id: int, kinds: Sequence[ClockKind]) -> list[ColumnElement[bool]]:
    return [Clock.subject == subject, Clock.subject_id == subject_id, Clock.stopped_at.is_(None),
            Clock.kind.in_([k.value for k in kinds])]


def terms(session: Session) -> Terms:
    """How supervision climbs, and an admin's own days."""
    return ladder(value(session, "supervision")), special_days(session)


def _change(
    session: Session, subject: str, subject_id: int, then: Callable[[rules.Clock], rules.Clock], *kinds: ClockKind
) -> list[Clock]:
    rows = running(session, subject, subject_id, *kinds)
    for row in rows:
        _store(row, then(_read(row)))
    return rows


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
