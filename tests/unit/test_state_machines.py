"""Tickets, assignments, handoffs and referrals: whatever is tried in whatever order, only allowed moves happen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import assignment, handoff, referral, ticket
from bot.errors import Conflict

MACHINES = [
    (ticket.TicketState, ticket.NEXT, ticket.check_move),
    (assignment.AssignmentState, assignment.NEXT, assignment.check_move),
    (handoff.HandoffState, handoff.NEXT, handoff.check_move),
    (referral.ReferralState, referral.NEXT, referral.check_move),
]


@pytest.mark.parametrize("states, table, check", MACHINES)
def test_every_state_has_its_row(states, table, check) -> None:  # type: ignore[no-untyped-def]
    assert set(table) == set(states)


@pytest.mark.parametrize("states, table, check", MACHINES)
@given(data=st.data())
def test_a_walk_never_leaves_the_table(states, table, check, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    now = next(iter(states))
    for then in data.draw(st.lists(st.sampled_from(list(states)), max_size=30)):
        try:
            check(now, then)
        except Conflict:
            assert then not in table[now]
            continue
        assert then in table[now]
        now = then


def test_a_ticket_is_closed_only_after_it_was_answered_and_confirmed_or_sent_away() -> None:
    before_closed = {s for s, nexts in ticket.NEXT.items() if ticket.TicketState.CLOSED in nexts}
    assert before_closed == {ticket.TicketState.CONFIRMED, ticket.TicketState.RETURNED, ticket.TicketState.WAITING}


def test_from_every_open_state_an_end_can_be_reached() -> None:
    ends = {s for s in ticket.TicketState if s not in ticket.OPEN}
    for start in ticket.OPEN:
        reached, edge = {start}, {start}
        while edge:
            edge = {n for s in edge for n in ticket.NEXT[s]} - reached
            reached |= edge
        assert reached & ends, start


def test_a_closed_ticket_can_be_reopened_and_a_merged_one_cannot() -> None:
    ticket.check_move(ticket.TicketState.CLOSED, ticket.TicketState.REOPENED)
    with pytest.raises(Conflict):
        ticket.check_move(ticket.TicketState.MERGED, ticket.TicketState.REOPENED)


@given(walk=st.lists(st.sampled_from(list(assignment.AssignmentState)), max_size=30))
def test_a_part_is_answered_only_after_it_was_accepted_and_ends_only_to_begin_anew(
    walk: list[assignment.AssignmentState],
) -> None:
    states = assignment.AssignmentState
    now, accepted = states.DISPATCHED, False
    for then in walk:
        try:
            assignment.check_move(now, then)
        except Conflict:
            continue
        assert then != states.ANSWERED or accepted
        assert now not in (states.ANSWERED, states.RETURNED) or then in (states.DISPATCHED, states.QUEUED)
        now, accepted = then, then == states.ACCEPTED


def test_every_state_an_assignment_takes_a_ticket_to_exists() -> None:
    only_of_parts = {assignment.AssignmentState.QUEUED.value}  # a co-handler's, which takes no ticket anywhere
    assert {s.value for s in assignment.AssignmentState} - only_of_parts <= {s.value for s in ticket.TicketState}
