"""Clocks: how long something may take, what happens as it gets late, and what a pause does to that. Pure; the stored
form is `bot/storage/clock.py`.

A clock's *rungs* are the instants at which something happens: due soon, due, and for what a department owes two more
(written supervision, the leader). `level` counts the rungs already taken and only ever rises.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.calendar import DAY_SECONDS, NONE_SPECIAL, add_working_time, subtract_working_time, working_time
from bot.domain.handoff import ESCALATE_AFTER_SECONDS, WARN_AFTER_SECONDS

AROUND_THE_CLOCK_HOURS = 2
"""An item whose time limit is this short (an open manhole, a road under water) is due by day and by night."""
FOLLOW_UP = timedelta(days=7)
REMIND_AFTER = timedelta(days=3)


class ClockKind(StrEnum):
    """What is waited for: a human's first word, the department taking it on, its answer, the citizen's verdict or
    material. Handoffs keep the first in columns of their own (`waiting_since`)."""

    FIRST_RESPONSE = "first_response"
    ACCEPT = "accept"
    ANSWER = "answer"
    FOLLOW_UP = "follow_up"


class Rung(StrEnum):
    """What is done at each level, as the history says it."""

    REMINDED = "reminded"
    OVERDUE = "overdue"
    SUPERVISED = "supervised"
    ESCALATED = "escalated"


RUNGS = tuple(Rung)
YELLOW, RED = 1, 2
"""Levels that are cards: overdue, and still so after the written supervision."""


@dataclass(frozen=True)
class Ladder:
    """How supervision climbs (an admin's setting): the warning at a share of the time, then working days after the
    deadline. `accept_hours` is the time to take a ticket on, never more than half of its time limit."""

    warn_percent: int = 80
    accept_hours: int = 4
    supervise_days: int = 1
    escalate_days: int = 2


@dataclass(frozen=True)
class Limit:
    """How much time, in working time or around the clock; `notice` is how long before its end the warning comes.
    `climbs`: late, it goes up the ladder."""

    amount: timedelta
    notice: timedelta
    around_the_clock: bool = False
    climbs: bool = True


@dataclass(frozen=True)
class Clock:
    """A clock as it stands. While paused `remaining` is the time still left, less than nothing for one that is late."""

    limit: Limit
    rungs: tuple[datetime, ...]
    level: int = 0
    paused_at: datetime | None = None
    remaining: timedelta | None = None
    stopped_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        return self.rungs[1]

    @property
    def next_at(self) -> datetime | None:
        """When something happens next; None while paused, once stopped, and at the end of the ladder."""
        idle = self.paused_at or self.stopped_at or self.level >= len(self.rungs)
        return None if idle else self.rungs[self.level]


def due_at(received: datetime, sla_hours: int, special: Mapping[date, bool] = NONE_SPECIAL) -> datetime:
    """When a ticket received then is due: working hours, or plain hours for the most urgent items. UTC. `special` are
    an admin's own working days and days off."""
    limit = limit_of(ClockKind.ANSWER, sla_hours)
    return _shift(received, limit.amount, limit.around_the_clock, special)


def limit_of(kind: ClockKind, sla_hours: int = 0, ladder: Ladder | None = None) -> Limit:
    """The time a clock gives; `sla_hours` is the item's."""
    rules = ladder or Ladder()
    if kind == ClockKind.FIRST_RESPONSE:
        amount = timedelta(seconds=ESCALATE_AFTER_SECONDS)
        return Limit(amount, amount - timedelta(seconds=WARN_AFTER_SECONDS), True, climbs=False)
    if kind == ClockKind.FOLLOW_UP:
        return Limit(FOLLOW_UP, FOLLOW_UP - REMIND_AFTER, True, climbs=False)
    amount = timedelta(hours=sla_hours)
    if kind == ClockKind.ACCEPT:
        amount = min(timedelta(hours=rules.accept_hours), amount / 2)
    return Limit(amount, amount * (100 - rules.warn_percent) / 100, sla_hours <= AROUND_THE_CLOCK_HOURS)


def share(limit: Limit, part: float) -> Limit:
    """A part of that time, the warning at the same share of it."""
    return replace(limit, amount=limit.amount * part, notice=limit.notice * part)


def start(
    limit: Limit, moment: datetime, ladder: Ladder | None = None, special: Mapping[date, bool] = NONE_SPECIAL
) -> Clock:
    """A clock that runs from that moment."""
    end = _shift(moment, limit.amount, limit.around_the_clock, special)
    return Clock(limit, _rungs(end, limit, ladder or Ladder(), special))


def pause(clock: Clock, moment: datetime, special: Mapping[date, bool] = NONE_SPECIAL) -> Clock:
    """Time stands still; what is left is kept. A clock that does not run stays as it is."""
    if clock.paused_at or clock.stopped_at:
        return clock
    if clock.limit.around_the_clock:
        left = clock.due_at - moment
    else:
        left = working_time(moment, clock.due_at, special)
    return replace(clock, paused_at=moment, remaining=left)


def resume(
    clock: Clock, moment: datetime, ladder: Ladder | None = None, special: Mapping[date, bool] = NONE_SPECIAL
) -> Clock:
    """Goes on with what was left. One that was late already is as late as it was: its deadline lies in the past."""
    if clock.paused_at is None or clock.remaining is None or clock.stopped_at:
        return clock
    end = _shift(moment, clock.remaining, clock.limit.around_the_clock, special)
    rungs = _rungs(end, clock.limit, ladder or Ladder(), special)
    return replace(clock, rungs=rungs, paused_at=None, remaining=None)


def extend(
    clock: Clock, days: int, ladder: Ladder | None = None, special: Mapping[date, bool] = NONE_SPECIAL
) -> Clock:
    """That many working days more (around the clock: days of 24 hours). The level stays: nobody is reminded twice."""
    end = _shift(clock.due_at, _days(days, clock.limit), clock.limit.around_the_clock, special)
    return replace(clock, rungs=_rungs(end, clock.limit, ladder or Ladder(), special))


def stop(clock: Clock, moment: datetime) -> Clock:
    """Over, for good; a new start is a new clock."""
    return replace(clock, stopped_at=clock.stopped_at or moment, paused_at=None, remaining=None)


def climb(clock: Clock, moment: datetime) -> tuple[Clock, list[tuple[int, datetime]]]:
    """The clock after all that was due by then, and each level passed with the time it was due at, in order."""
    passed: list[tuple[int, datetime]] = []
    while clock.next_at is not None and clock.next_at <= moment:
        passed.append((clock.level, clock.next_at))
        clock = replace(clock, level=clock.level + 1)
    return clock, passed


def _rungs(end: datetime, limit: Limit, ladder: Ladder, special: Mapping[date, bool]) -> tuple[datetime, ...]:
    plain = limit.around_the_clock
    first = (_shift(end, -limit.notice, plain, special), end)
    if not limit.climbs:
        return first
    later = (_days(days, limit) for days in (ladder.supervise_days, ladder.escalate_days))
    return (*first, *(_shift(end, amount, plain, special) for amount in later))


def _days(days: int, limit: Limit) -> timedelta:
    return timedelta(days=days) if limit.around_the_clock else timedelta(seconds=days * DAY_SECONDS)


def _shift(moment: datetime, amount: timedelta, around_the_clock: bool, special: Mapping[date, bool]) -> datetime:
    if around_the_clock:
        return moment + amount
    if amount < timedelta():
        return subtract_working_time(moment, -amount, special)
    return add_working_time(moment, amount, special)
