"""When something happened, or is wanted: the words a citizen said with the instants they mean."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.calendar import LOCAL


@dataclass(frozen=True)
class When:
    """`text` as said; `start` and `end` aware, or None where the words do not say ("every evening", "since then")."""

    text: str
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def from_entity(cls, entity: dict[str, Any]) -> "When":
        """From an entity of type `time`, whose value is an ISO 8601 interval or `recurring`."""
        start, _, end = str(entity.get("value") or "").partition("/")
        return cls(str(entity.get("text") or ""), _read(start), _read(end))

    @classmethod
    def from_dict(cls, slot: dict[str, Any]) -> "When":
        """From what `as_dict` gave."""
        return cls(str(slot.get("text") or ""), _read(slot.get("start") or ""), _read(slot.get("end") or ""))

    def as_dict(self) -> dict[str, str]:
        """Plain strings, for a slot."""
        ends = {name: moment.isoformat() for name, moment in (("start", self.start), ("end", self.end)) if moment}
        return {"text": self.text, **ends}

    def wanted(self, now: datetime) -> datetime | None:
        """The instant a visit is wanted at; None where the words mean none that is still to come."""
        if self.start is None or max(self.start, self.end or self.start) <= now:
            return None
        return max(self.start, now)

    def past(self, now: datetime) -> str:
        """The words, with the date they meant when they were said; only the words where it lies ahead."""
        if self.start is None or self.start > now:
            return self.text
        moment = self.start.astimezone(LOCAL)
        day = self.end is not None and (self.end - self.start).total_seconds() >= 86_400
        return f"{self.text} ({moment:%Y-%m-%d})" if day else f"{self.text} ({moment:%Y-%m-%d %H:%M})"


def _read(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)
