"""Which providers are named first."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import LOCAL
from bot.domain.matching import Candidate, rank, trusted_rating
from bot.domain.place import distance_km

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=LOCAL)
HERE = (29.87, 121.54)


def shop(name: str, north_km: float = 1.0, hours: str = "MO-SU 00:00-24:00", rating: float = 4.5, count: int = 100,
         price: float | None = 80, radius: float = 10) -> Candidate:
    return Candidate(name, HERE[0] + north_km / 111.2, HERE[1], hours, rating, count, price, radius)


def names(found: list) -> list[str]:  # type: ignore[type-arg]
    return [fit.candidate.provider for fit in found]


def test_open_before_closed_near_before_far_well_rated_before_badly_rated() -> None:
    assert names(rank([shop("closed", hours="MO-FR 18:00-20:00"), shop("open")], HERE, NOON)) == ["open", "closed"]
    assert names(rank([shop("far", 8), shop("near", 0.5)], HERE, NOON)) == ["near", "far"]
    assert names(rank([shop("bad", rating=3.2), shop("good", rating=4.9)], HERE, NOON)) == ["good", "bad"]


def test_who_does_not_come_that_far_is_not_named() -> None:
    assert names(rank([shop("stays", 5, radius=3), shop("comes", 5, radius=6)], HERE, NOON)) == ["comes"]


def test_wishes() -> None:
    three = [shop("a", 1, price=100), shop("b", 2, price=50), shop("c", 0.2, price=None, hours="SU 09:00-10:00")]
    assert names(rank(three, HERE, NOON, "cheaper")) == ["b", "a", "c"]
    assert names(rank(three, HERE, NOON, "closer")) == ["c", "a", "b"]
    assert set(names(rank(three, HERE, NOON, "open_now"))) == {"a", "b"}
    assert "a" not in names(rank(three, HERE, NOON, "another", frozenset({"a"})))


def test_five_stars_from_one_person_do_not_beat_many() -> None:
    assert trusted_rating(5.0, 1) < trusted_rating(4.7, 300)


@given(st.lists(st.integers(0, 400).map(lambda n: shop(f"v{n}", n / 40, rating=3 + n % 20 / 10)), unique_by=lambda c: c.provider))
def test_ranking_loses_nobody_in_reach_and_does_not_depend_on_the_order_given(shops: list[Candidate]) -> None:
    found = rank(shops, HERE, NOON)
    assert names(found) == names(rank(list(reversed(shops)), HERE, NOON))
    assert {f.candidate.provider for f in found} == {
        s.provider for s in shops if distance_km(*HERE, s.lat, s.lon) <= s.radius_km
    }
