"""Whether an operator is there: what she chose, and whether her console still beats."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

VANISHED_AFTER = timedelta(seconds=45)
"""A console beats every fifteen seconds; three missed in a row mean that the browser or the network is gone. With the
worker's tick every ten seconds her citizens are back in the queue within the minute."""
OFFER_LASTS = timedelta(seconds=30)
"""How long a citizen is offered to one operator before another's turn."""


class Presence(StrEnum):
    ON = "on"
    BREAK = "break"
    OFF = "off"


@dataclass(frozen=True)
class Desk:
    """One operator as the queue sees her. `load` is how many citizens she holds or is being offered."""

    account_id: int
    presence: Presence
    beat: datetime | None
    load: int = 0
    capacity: int = 4
    teams: frozenset[str] = field(default_factory=frozenset)
    since: datetime | None = None

    def alive(self, now: datetime) -> bool:
        """Her console has been heard of lately."""
        return self.beat is not None and now - self.beat < VANISHED_AFTER

    def takes(self, now: datetime) -> bool:
        """On duty, there, and with room for one more."""
        return self.presence is Presence.ON and self.alive(now) and self.load < self.capacity


def choose(desks: Iterable[Desk], team: str, now: datetime, not_again: int | None = None) -> Desk | None:
    """Whose turn it is: of the team where one is wanted, the least loaded, then who has waited longest. Whoever let the
    last offer lapse comes last. Who is in no team takes everything; where nobody of the team takes, anybody does."""
    free = [d for d in desks if d.takes(now)]
    fitting = [d for d in free if not team or team in d.teams or not d.teams] or free
    members = [d for d in fitting if team and team in d.teams]
    ranked = sorted(members or fitting, key=lambda d: (d.account_id == not_again, d.load / d.capacity,
                                                       d.since or now, d.account_id))
    return ranked[0] if ranked else None
