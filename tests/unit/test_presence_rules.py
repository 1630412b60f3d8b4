"""Whose turn it is."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.presence import VANISHED_AFTER, Desk, Presence, choose

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


def desk(number: int, **parts: object) -> Desk:
    return Desk(number, **{"presence": Presence.ON, "beat": NOW, **parts})  # type: ignore[arg-type]


def test_the_least_loaded_who_has_room() -> None:
    desks = [desk(1, load=2), desk(2, load=1), desk(3, load=4), desk(4, load=0, presence=Presence.BREAK)]
    found = choose(desks, "", NOW)
    assert found is not None and found.account_id == 2


def test_load_is_weighed_by_capacity() -> None:
    found = choose([desk(1, load=2, capacity=8), desk(2, load=1, capacity=2)], "", NOW)
    assert found is not None and found.account_id == 1


def test_the_team_first_then_anybody_rather_than_nobody() -> None:
    english, elderly = desk(1, load=3, teams=frozenset({"english"})), desk(2, teams=frozenset({"elderly"}))
    assert choose([english, elderly], "english", NOW) == english
    assert choose([elderly], "english", NOW) == elderly


def test_whoever_let_it_lapse_comes_last_and_a_silent_console_never() -> None:
    assert choose([desk(1), desk(2, load=1)], "", NOW, not_again=1) == desk(2, load=1)
    assert choose([desk(1)], "", NOW, not_again=1) == desk(1)
    assert choose([desk(1, beat=NOW - VANISHED_AFTER)], "", NOW) is None
    assert choose([desk(1, beat=None)], "", NOW) is None


desks = st.builds(
    Desk, st.integers(1, 9), st.sampled_from(Presence),
    st.one_of(st.none(), st.integers(0, 120).map(lambda s: NOW - timedelta(seconds=s))), st.integers(0, 6),
    st.integers(1, 6), st.frozensets(st.sampled_from(["english", "elderly"])),
)


@given(st.lists(desks, max_size=8), st.sampled_from(["", "english"]))
def test_nobody_is_chosen_who_does_not_take_and_somebody_is_where_anybody_does(among: list[Desk], team: str) -> None:
    found = choose(among, team, NOW)
    takers = [d for d in among if d.takes(NOW)]
    assert (found is None) == (not takers)
    if found is not None:
        assert found in takers
        rivals = [d for d in takers if not team or team in d.teams]
        assert not rivals or found.load / found.capacity <= min(d.load / d.capacity for d in rivals)
