"""Parts in series and parallel: nobody begins before their turn, everybody's turn comes, one lead."""

import random
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.assignment import (
    NOT_BEGUN,
    AssignmentRole,
    AssignmentState,
    anew,
    check_move,
    missing,
    premature,
    startable,
    step_of,
)

S = AssignmentState


@dataclass
class Part:
    role: str
    state: str
    step: int


def co(step: int, state: str = S.QUEUED) -> Part:
    return Part(AssignmentRole.CO, state, step)


def test_one_step_runs_together_and_the_next_waits() -> None:
    first, second, third = co(0), co(0), co(1)
    parts = [Part(AssignmentRole.LEAD, S.ACCEPTED, 0), first, second, third]
    assert startable(parts) == [first, second]
    first.state, second.state = S.DISPATCHED, S.ANSWERED
    assert startable(parts) == [], "the first of the step still works"
    first.state = S.RETURNED
    assert startable(parts) == [third], "who gives back holds nobody up"


def test_the_lead_waits_for_all_that_help() -> None:
    parts = [Part(AssignmentRole.LEAD, S.ACCEPTED, 0), co(0, S.ANSWERED), co(1), Part(AssignmentRole.PAST, S.DISPATCHED, 0)]
    assert missing(parts) == [parts[2]]


@settings(max_examples=10_000, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=6), st.randoms(use_true_random=False))
def test_walks_of_parts(steps: list[int], dice) -> None:  # type: ignore[no-untyped-def]
    """Whatever is done in whatever order: a part begins only when all earlier ones are settled, and all get to begin."""
    parts = [co(step) for step in steps]
    for _ in range(4 * len(parts) + 1):
        for part in startable(parts):
            assert all(p.state in (S.ANSWERED, S.RETURNED) for p in parts if p.step < part.step)
            part.state = S.DISPATCHED
        at_work = [p for p in parts if p.state in (S.DISPATCHED, S.ACCEPTED)]
        assert at_work or not missing(parts), "somebody's turn it is"
        assert len({p.step for p in at_work}) <= 1
        if at_work:
            part = dice.choice(at_work)
            part.state = {S.DISPATCHED: dice.choice([S.ACCEPTED, S.RETURNED]), S.ACCEPTED: S.ANSWERED}[S(part.state)]
    assert not missing(parts)


@dataclass
class Walk:
    """A ticket's parts as services move them, by the rules alone."""

    parts: list[Part]

    def __post_init__(self) -> None:
        self.settle()

    def goes(self, part: Part, then: S) -> None:
        check_move(S(part.state), then)
        assert then != S.ANSWERED or part.state == S.ACCEPTED, "nobody answers what was not taken on"
        part.state = then

    def settle(self) -> None:
        """Who comes too early waits, whose turn it is begins."""
        for part in premature(self.parts):
            self.goes(part, S.QUEUED)
        for part in startable(self.parts):
            self.goes(part, S.DISPATCHED)

    @property
    def lead(self) -> Part:
        [one] = [p for p in self.parts if p.role == AssignmentRole.LEAD]
        return one

    def co(self, *states: S) -> list[Part]:
        return [p for p in self.parts if p.role == AssignmentRole.CO and (not states or p.state in states)]

    def one_move(self, dice: random.Random) -> None:
        move = dice.choice([self.accept, self.answer, self.give_back, self.add, self.drop, self.order, self.promote,
                            self.lead_moves])
        move(dice)
        self.settle()

    def accept(self, dice: random.Random) -> None:
        for part in self.co(S.DISPATCHED)[:1]:
            self.goes(part, S.ACCEPTED)

    def answer(self, dice: random.Random) -> None:
        for part in self.co(S.ACCEPTED)[:1]:
            self.goes(part, S.ANSWERED)

    def give_back(self, dice: random.Random) -> None:
        for part in self.co(S.DISPATCHED, S.ACCEPTED)[-1:]:
            self.goes(part, S.RETURNED)

    def add(self, dice: random.Random) -> None:
        if len(self.parts) < 7:
            self.parts.append(co(step_of(self.co(), dice.random() < 0.5)))

    def drop(self, dice: random.Random) -> None:
        for part in self.co(S.QUEUED, S.DISPATCHED, S.ACCEPTED)[:1]:
            part.role = AssignmentRole.PAST

    def order(self, dice: random.Random) -> None:
        movable = self.co(*NOT_BEGUN)
        if movable:
            part = dice.choice(movable)
            part.step = step_of([p for p in self.co() if p is not part], dice.random() < 0.5)

    def promote(self, dice: random.Random) -> None:
        if self.co():
            before, part = self.lead, dice.choice(self.co())
            before.role, part.role, part.step = AssignmentRole.PAST, AssignmentRole.LEAD, 0
            if part.state != S.DISPATCHED:
                self.goes(part, S.DISPATCHED)

    def lead_moves(self, dice: random.Random) -> None:
        """Takes it on, answers when nobody is missing, and has it back from the citizen, with all that helped."""
        if self.lead.state == S.DISPATCHED:
            self.goes(self.lead, S.ACCEPTED)
        elif self.lead.state == S.ACCEPTED and not missing(self.parts):
            assert not self.co(S.QUEUED, S.DISPATCHED, S.ACCEPTED), "no part is skipped"
            self.goes(self.lead, S.ANSWERED)
        elif self.lead.state == S.ANSWERED:
            self.goes(self.lead, S.DISPATCHED)
            for part in anew(self.parts):
                if part.state != S.QUEUED:
                    self.goes(part, S.QUEUED)


def test_walks_of_a_ticket_s_parts() -> None:
    """10,000 of them. Added, dropped, put in another order, made the lead, reopened, in whatever order: always one lead,
    nobody waits for ever, nobody begins before their turn, and the lead answers only when all have."""
    for seed in range(10_000):
        one_walk(random.Random(seed))


def one_walk(dice: random.Random) -> None:
    walk = Walk([Part(AssignmentRole.LEAD, S.DISPATCHED, 0), *(co(0) for _ in range(dice.randint(0, 2)))])
    for _ in range(dice.randint(1, 40)):
        walk.one_move(dice)
        owing = missing(walk.parts)
        assert walk.lead
        assert not owing or walk.co(S.DISPATCHED, S.ACCEPTED), "somebody's turn it is"
        first = min((p.step for p in owing), default=0)
        assert all(p.step == first for p in walk.co(S.DISPATCHED)), "nobody is called before their turn"
        assert all(p.step > first for p in walk.co(S.QUEUED)), "nobody waits whose turn it is"
    for _ in range(3 * len(walk.parts)):
        walk.accept(dice)
        walk.answer(dice)
        walk.settle()
    assert not missing(walk.parts), "all get to answer"
