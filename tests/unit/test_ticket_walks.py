"""Ten thousand random lives of a ticket with its answer's clock: whatever happens, nothing impossible does."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import clock as rules
from bot.domain.calendar import LOCAL, SHIFTS, add_working_time, is_workday, subtract_working_time, working_time
from bot.domain.clock import Clock, ClockKind
from bot.domain.ticket import ENDED, NEXT, TicketState, check_move
from bot.errors import Conflict

S = TicketState
WALKS, STEPS = 10_000, 25
ASKED = {S.ANSWERED, S.CONFIRMED}
WITHOUT_ASKING = {S.RETURNED, S.WAITING}
"""From these a ticket may be closed unanswered: out of remit, and a citizen who gave no material."""
STILL = {S.WAITING, S.SUSPENDED}


def instant(dice: random.Random) -> datetime:
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(3 * 365 * 1440))


def walk(dice: random.Random) -> Iterator[tuple[TicketState, TicketState, Clock, Clock, datetime]]:
    """(before, after, clock before, clock after, when) of each move, on a calendar with days of an admin's own."""
    moment, state = instant(dice), S.RECEIVED
    own = {moment.date() + timedelta(days=dice.randrange(40)): dice.random() < 0.5 for _ in range(dice.randrange(4))}
    limit = rules.limit_of(ClockKind.ANSWER, dice.choice((1, 2, 8, 16, 40, 80)))
    clock = rules.start(limit, moment, special=own)
    for _ in range(STEPS):
        if not NEXT[state]:
            return
        moment += timedelta(minutes=dice.randrange(1, 5000))
        then = dice.choice(sorted(NEXT[state]))
        check_move(state, then)
        before = clock
        clock, _ = rules.climb(clock, moment)
        if then in STILL:
            clock = rules.pause(clock, moment, own)
        elif then == S.ACCEPTED:
            clock = rules.resume(clock, moment, special=own)
            if dice.random() < 0.2 and clock.next_at is not None:
                clock = rules.extend(clock, dice.randrange(1, 6), special=own)
                assert clock.due_at > before.due_at or before.paused_at, "more time is more time"
        elif then == S.REOPENED:
            clock = rules.start(limit, moment, special=own)
            assert clock.due_at > moment
        elif then in ENDED | {S.ANSWERED}:
            clock = rules.stop(clock, moment)
        yield state, then, before, clock, moment
        state = then


@pytest.mark.parametrize("seed", range(10))
def test_no_walk_breaks_a_rule(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(WALKS // 10):
        for before, after, old, new, moment in walk(dice):
            if after == S.CLOSED:
                assert before in ASKED | WITHOUT_ASKING, "nothing is closed that was not answered or honestly given up"
            if after == S.CONFIRMED:
                assert before == S.ANSWERED, "only what was answered is confirmed"
            assert new.level >= old.level or after == S.REOPENED, "levels only rise, but for a new clock"
            assert new.rungs == tuple(sorted(new.rungs)), "warned, due, supervised, escalated come in this order"
            if new.paused_at or new.stopped_at:
                assert new.next_at is None, "a clock that stands still rings nothing"
            elif new.next_at is not None:
                assert new.level < len(new.rungs)
            if after in STILL and old.stopped_at is None:
                assert new.paused_at is not None and new.remaining is not None
            assert new.stopped_at is None or new.stopped_at <= moment
            if not new.limit.around_the_clock:
                clocked = [rung.astimezone(LOCAL).time() for rung in new.rungs]
                assert all(any(a <= at <= b for a, b in SHIFTS) for at in clocked), "nothing is due in a break"


def test_every_state_that_is_no_end_has_a_way_to_an_honest_end() -> None:
    def ends(state: TicketState, seen: frozenset[TicketState] = frozenset()) -> bool:
        return state in ENDED or any(ends(n, seen | {state}) for n in NEXT[state] - seen)

    assert all(ends(state) for state in S)
    with pytest.raises(Conflict):
        check_move(S.DISPATCHED, S.CLOSED)


def test_a_pause_takes_no_time_and_climbing_twice_is_climbing_once() -> None:
    dice = random.Random(1)
    for _ in range(300):
        begin = instant(dice)
        clock = rules.start(rules.limit_of(ClockKind.ANSWER, dice.choice((8, 16, 40))), begin)
        at, back = begin + timedelta(hours=dice.randrange(1, 60)), timedelta(hours=dice.randrange(1, 400))
        paused = rules.pause(clock, at)
        resumed = rules.resume(paused, at + back)
        assert rules.pause(paused, at + back) == paused
        if paused.remaining and paused.remaining > timedelta():
            assert abs(working_time(at + back, resumed.due_at) - paused.remaining) < timedelta(seconds=1)
        once, passed = rules.climb(clock, begin + timedelta(days=60))
        assert rules.climb(once, begin + timedelta(days=90)) == (once, [])
        assert [level for level, _ in passed] == [0, 1, 2, 3]
        assert [when for _, when in passed] == list(clock.rungs)


def test_adding_working_time_and_measuring_it_agree() -> None:
    dice = random.Random(2)
    for _ in range(1500):
        begin, amount = instant(dice), timedelta(minutes=dice.randrange(1, 6000))
        end = add_working_time(begin, amount)
        assert end > begin and working_time(begin, end) == amount
        assert working_time(subtract_working_time(begin, amount), begin) == amount
        later = add_working_time(begin + timedelta(minutes=7), amount)
        assert later >= end, "who begins later is not done earlier"
        assert is_workday(end.astimezone(LOCAL).date())
