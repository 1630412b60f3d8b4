"""Which providers to name first: those that fit, in the order a good operator would read them out."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.hours import is_open
from bot.domain.place import distance_km

Wish = Literal["", "another", "cheaper", "closer", "open_now"]
BAYES_PRIOR, BAYES_WEIGHT = 4.2, 10


@dataclass(frozen=True)
class Candidate:
    """A provider offering the item. Prices in yuan; None where unknown or free of charge."""

    provider: str
    lat: float
    lon: float
    hours: str
    rating: float
    rating_count: int
    price_from: float | None
    radius_km: float
    free: bool = False


@dataclass(frozen=True)
class Fit:
    """A candidate with what made its place: `km` is None where the citizen's place is unknown."""

    candidate: Candidate
    km: float | None
    open: bool
    score: float


def rank(
    candidates: Iterable[Candidate], at: tuple[float, float] | None, when: datetime, wish: Wish = "",
    exclude: frozenset[str] = frozenset(),
) -> list[Fit]:
    """Best first. Those already shown (`exclude`) and, with a place known, those who do not come that far are out."""
    fits = [_fit(c, at, when) for c in candidates if c.provider not in exclude]
    fits = [f for f in fits if f.km is None or f.km <= f.candidate.radius_km]
    if wish == "open_now":
        fits = [f for f in fits if f.open]
    return sorted(fits, key=lambda f: (*_wished(f, wish), -f.score, f.candidate.provider))


def trusted_rating(rating: float, count: int) -> float:
    """Mean rating drawn towards the directory's average while there are few (a Bayesian mean), 1 to 5."""
    return (BAYES_PRIOR * BAYES_WEIGHT + rating * count) / (BAYES_WEIGHT + count)


def _fit(c: Candidate, at: tuple[float, float] | None, when: datetime) -> Fit:
    km = distance_km(*at, c.lat, c.lon) if at else None
    opened = is_open(c.hours, when)
    near = math.exp(-km / 4) if km is not None else 0.5
    score = 2.0 * opened + 1.6 * near + 0.8 * (trusted_rating(c.rating, c.rating_count) - 3)
    return Fit(c, km, opened, round(score, 6))


def _wished(fit: Fit, wish: Wish) -> tuple[float, ...]:
    if wish == "cheaper":
        price = 0.0 if fit.candidate.free else fit.candidate.price_from
        return (math.inf if price is None else price,)
    if wish == "closer":
        return (math.inf if fit.km is None else fit.km,)
    return ()
