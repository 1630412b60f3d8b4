"""What one message means, as `nlu/` reports it (DESIGN §6), and when to trust it."""

from dataclasses import dataclass, field
from typing import Any

SETTLE = 0.45
"""Item confidence from which the bot acts without asking."""
LEAD = 0.15
"""…provided the second candidate is at least this far behind."""
HOPELESS = 0.08
"""Below this even the best candidate is not worth a button."""


@dataclass(frozen=True)
class Ranked:
    """A catalogue item and how sure the model is, 0 to 1."""

    item: str
    confidence: float


@dataclass(frozen=True)
class Understanding:
    """One parse. `ranking` holds up to five items, best first; `entities` are {type, value, text}."""

    text: str = ""
    act: str = "request"
    kind: str | None = None
    item: str | None = None
    emergency: str | None = None
    confidence: float = 0.0
    ranking: tuple[Ranked, ...] = ()
    also: tuple[str, ...] = ()
    entities: tuple[dict[str, Any], ...] = field(default_factory=tuple)
    choice: str = ""

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> "Understanding":
        """From the JSON the Rasa channel returns; unknown keys are ignored."""
        return cls(
            text=raw.get("text") or "",
            act=raw.get("act") or "request",
            kind=raw.get("kind"),
            item=raw.get("item"),
            emergency=raw.get("emergency"),
            confidence=float(raw.get("confidence") or 0.0),
            ranking=tuple(Ranked(r["item"], float(r["confidence"])) for r in raw.get("ranking") or ()),
            also=tuple(raw.get("also") or ()),
            entities=tuple(raw.get("entities") or ()),
            choice=raw.get("choice") or "",
        )

    def settled(self) -> bool:
        """Sure enough to act on the best item."""
        if not self.item:
            return False
        second = self.ranking[1].confidence if len(self.ranking) > 1 else 0.0
        return self.confidence >= SETTLE or (self.confidence >= HOPELESS * 2 and self.confidence - second >= LEAD)

    def candidates(self, limit: int = 3) -> list[str]:
        """Items worth offering as buttons, best first."""
        return [r.item for r in self.ranking if r.confidence >= HOPELESS][:limit]

    def entity(self, type_: str) -> dict[str, Any] | None:
        """The first entity of a type, or None."""
        return next((e for e in self.entities if e.get("type") == type_), None)
