"""Parts in series and parallel: nobody begins before their turn, everybody's turn comes, one lead."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.assignment import AssignmentRole, AssignmentState, missing, startable

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


@settings(max_examples=10_000)
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
