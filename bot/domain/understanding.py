"""What one message means, as `nlu/` reports it (DESIGN §6)."""

from dataclasses import dataclass, field
from typing import Any

HOPELESS = 0.05
"""Below this even the best candidate is not worth a button."""


@dataclass(frozen=True)
class Ranked:
    """A catalogue item and how sure the model is, 0 to 1."""

    item: str
    confidence: float


@dataclass(frozen=True)
class Understanding:
    """One parse. `item` is there only where the model is sure enough to act without asking (config.yml, `settle`);
    `ranking` holds up to five items, best first, in any case; `direction` is `needing`, `offering` a thing or `working`
    (offering labour), `side` landlord, tenant, employer or worker; `entities` are {type, value, text}."""

    text: str = ""
    act: str = "request"
    kind: str | None = None
    item: str | None = None
    direction: str = ""
    side: str = ""
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
            direction=raw.get("direction") or "",
            side=raw.get("side") or "",
            emergency=raw.get("emergency"),
            confidence=float(raw.get("confidence") or 0.0),
            ranking=tuple(Ranked(r["item"], float(r["confidence"])) for r in raw.get("ranking") or ()),
            also=tuple(raw.get("also") or ()),
            entities=tuple(raw.get("entities") or ()),
            choice=raw.get("choice") or "",
        )

    def settled(self) -> bool:
        """Sure enough to act on the best item."""
        return self.item is not None

    @property
    def best(self) -> str | None:
        """The likeliest item, sure or not."""
        return self.item or (self.ranking[0].item if self.ranking else None)

    def candidates(self, limit: int = 3) -> list[str]:
        """Items worth offering as buttons, best first."""
        return [r.item for r in self.ranking if r.confidence >= HOPELESS][:limit]

    def entity(self, type_: str) -> dict[str, Any] | None:
        """The first entity of a type, or None."""
        return next((e for e in self.entities if e.get("type") == type_), None)
