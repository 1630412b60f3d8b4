"""The service directory: who offers an item."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.matching import Candidate, Fit, Wish, rank
from bot.domain.place import Place
from bot.errors import NotFound
from bot.storage import Offer, Provider, now

PAGE = 3


@dataclass(frozen=True)
class Found:
    """A provider that fits, with its offer and what made its place in the list."""

    provider: Provider
    offer: Offer
    fit: Fit


def search(
    session: Session, item: str, place: Place | None = None, wish: Wish = "", exclude: frozenset[str] = frozenset(),
    limit: int = PAGE, when: datetime | None = None,
) -> list[Found]:
    """The best providers for an item, at most `limit`, open at `when` (now, if not said) before others; suspended
    ones never."""
    rows = session.execute(
        select(Provider, Offer).join(Offer, Offer.provider_id == Provider.id)
        .where(Offer.item == item, Provider.standing != "suspended", Provider.removed.is_(False))
    ).all()
    by_id = {provider.id: (provider, offer) for provider, offer in rows}
    candidates = [
        Candidate(p.id, p.lat, p.lon, p.hours, p.rating, p.rating_count, o.price_from, o.radius_km,
                  p.kind == "volunteer_team")
        for p, o in by_id.values()
    ]
    at = (place.lat, place.lon) if place and place.lat is not None and place.lon is not None else None
    fits = rank(candidates, at, when or now(), wish, exclude)[:limit]
    return [Found(*by_id[fit.candidate.provider], fit) for fit in fits]


def offered_by(session: Session, provider_id: str, item: str) -> tuple[Provider, Offer | None]:
    """A provider and its offer of an item. Raises NotFound for an unknown, removed or suspended one."""
    provider = session.get(Provider, provider_id)
    if provider is None or provider.removed or provider.standing == "suspended":
        raise NotFound("directory.no_provider")
    return provider, session.get(Offer, (provider_id, item))
