"""Open tickets that are likely one matter, proposed to be merged or looked at together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.likeness import alike, leaders
from bot.domain.place import Place, distance_km
from bot.domain.ticket import GROUPS
from bot.services import territories
from bot.services.reports.counts import Reach, reaching
from bot.storage import Ticket

WITHIN = timedelta(days=14)
NEAR_KM = 0.5
REPORTERS = 3
LOOKED_AT = 2500
"""The newest open tickets; a page must not take longer where there are more."""
SHOWN = 20


@dataclass(frozen=True)
class Cluster:
    """Tickets by number, oldest first, the one to merge into being the first. `why`: place (same item, near) or
    words."""

    why: str
    item: str
    street: str
    numbers: tuple[str, ...]
    reporters: int
    since: datetime
    words: str


@dataclass(frozen=True)
class _Seen:
    number: str
    reporter: str
    item: str
    street: str
    community: str
    place: Place
    words: str
    at: datetime


def clusters(session: Session, moment: datetime, reach: Reach) -> list[Cluster]:
    """Most reporters first. What is already grouped by place is not shown once more by its words."""
    seen = _open(session, moment, reach)
    found = _by_place(seen)
    grouped = {number for cluster in found for number in cluster.numbers}
    found += _by_words([one for one in seen if one.number not in grouped])
    return sorted(found, key=lambda cluster: (-cluster.reporters, cluster.since))[:SHOWN]


def _open(session: Session, moment: datetime, reach: Reach) -> list[_Seen]:
    columns: list[Any] = [Ticket.number, Ticket.conversation_id, Ticket.item, Ticket.street, Ticket.community,
                          Ticket.place, Ticket.description, Ticket.received_at]
    where = (Ticket.received_at >= moment - WITHIN, Ticket.received_at < moment, Ticket.state.in_(GROUPS["open"]))
    query = reaching(select(*columns).select_from(Ticket).where(*where), reach)
    rows = session.execute(query.order_by(Ticket.received_at.desc()).limit(LOOKED_AT)).all()
    centres: set[tuple[float | None, float | None]] = {(spot.lat, spot.lon) for spot in territories.streets()}
    return [_Seen(row[0], row[1], row[2], row[3], row[4], _exact(Place(**row[5]), centres), row[6], row[7])
            for row in reversed(rows)]


def _by_place(seen: Sequence[_Seen]) -> list[Cluster]:
    by_item: dict[str, list[_Seen]] = defaultdict(list)
    for one in seen:
        by_item[one.item].append(one)
    return [cluster for ones in by_item.values() for group in leaders(ones, _near)
            if (cluster := _cluster("place", [ones[n] for n in group]))]


def _by_words(seen: Sequence[_Seen]) -> list[Cluster]:
    return [cluster for group in alike([one.words for one in seen])
            if (cluster := _cluster("words", [seen[n] for n in group]))]


def _near(one: _Seen, other: _Seen) -> bool:
    """Within half a kilometre, in the same community, or at a place told in the same words."""
    a, b = one.place, other.place
    if one.community and one.community == other.community:
        return True
    if a.lat is not None and a.lon is not None and b.lat is not None and b.lon is not None:
        return distance_km(a.lat, a.lon, b.lat, b.lon) <= NEAR_KM
    return bool(a.text) and a.text == b.text and one.street == other.street


def _exact(place: Place, centres: set[tuple[float | None, float | None]]) -> Place:
    """Of a place known by its street alone the coordinates are the street's middle, which is near nothing."""
    return replace(place, lat=None, lon=None) if (place.lat, place.lon) in centres else place


def _cluster(why: str, group: Sequence[_Seen]) -> Cluster | None:
    reporters = len({one.reporter for one in group})
    if reporters < REPORTERS:
        return None
    first = group[0]
    return Cluster(why, first.item, first.street, tuple(one.number for one in group), reporters, first.at, first.words)
