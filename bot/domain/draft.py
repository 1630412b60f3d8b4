"""A request being put together in a form: what is known, what is asked next.

The draft is the dialogue's slots; it travels with Rasa's state and is stored on the conversation, so any process may
die between two messages.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from bot.domain.contact import Contact
from bot.domain.place import Place
from bot.domain.when import When

TICKET_FORM, REFERRAL_FORM = "ticket_form", "referral_form"
QUESTIONS: dict[str, tuple[str, ...]] = {
    TICKET_FORM: ("safety", "description", "place", "duplicate", "contact", "confirmed"),
    REFERRAL_FORM: ("place",),
}
"""The required slots of each form in the order asked; `domain.yml` says the same, a test compares them."""

ENOUGH_WORDS = 8
"""A first message of this many signs describes the matter by itself."""

MOST_WAITING = 3
PARTS = ("kind", "safety", "description", "place", "when", "photos")
"""What is laid aside of a matter that waits: what was said of it, not who says it."""


@dataclass(frozen=True)
class Draft:
    """Slots. Empty means not known yet; `safety` and `duplicate` hold `ok` once settled. `pending` are the needs for
    afterwards, `aside` the `PARTS` already known of them, by item. `comment_on` is the ticket about which the citizen
    has just been asked to say more."""

    item: str = ""
    kind: str = ""
    safety: str = ""
    description: str = ""
    place: dict[str, Any] = field(default_factory=dict)
    duplicate: str = ""
    when: dict[str, str] = field(default_factory=dict)
    photos: tuple[int, ...] = ()
    contact: dict[str, Any] = field(default_factory=dict)
    confirmed: str = ""
    shown: tuple[str, ...] = ()
    wish: str = ""
    pending: tuple[str, ...] = ()
    aside: dict[str, dict[str, Any]] = field(default_factory=dict)
    unclear: int = 0
    comment_on: str = ""
    asked: int = 0

    @classmethod
    def from_slots(cls, slots: dict[str, Any]) -> "Draft":
        """From Rasa's slots; None and unknown names are left out."""
        known = {f.name for f in fields(cls)}
        given = {k: v for k, v in slots.items() if k in known and v is not None}
        for name in ("photos", "shown", "pending"):
            if name in given:
                given[name] = tuple(given[name])
        return cls(**given)

    def to_slots(self) -> dict[str, Any]:
        """Every slot; empty ones as None, which is what Rasa takes for "not filled"."""
        return {f.name: self._plain(getattr(self, f.name)) for f in fields(self)}

    @staticmethod
    def _plain(value: Any) -> Any:
        if isinstance(value, tuple):
            value = list(value)
        return value or None

    def where(self) -> Place:
        return Place(**self.place)

    def reach(self) -> Contact:
        return Contact(**self.contact)

    def moment(self) -> When:
        return When.from_dict(self.when)

    def next_question(self, form: str) -> str | None:
        """The first required slot that is still empty, or None when the form is complete."""
        return next((q for q in QUESTIONS[form] if not self.answered(q)), None)

    def answered(self, question: str) -> bool:
        """Whether a required slot is filled; `contact` needs a phone or a plain refusal."""
        if question == "contact":
            return self.reach().given
        return bool(getattr(self, question))

    def fresh(self) -> "Draft":
        """What outlives a request: who and where the citizen is, needs not served yet and what is known of them."""
        return Draft(place=self.place, contact=self.contact, pending=self.pending, aside=self.aside)

    def with_item(self, item: str, kind: str) -> "Draft":
        """The same citizen's next request, on that item, with what was laid aside of it."""
        known = self.aside.get(item, {})
        return replace(self.fresh(), **{**known, "photos": tuple(known.get("photos", ())), "item": item, "kind": kind})

    def waiting(self, items: Iterable[str]) -> "Draft":
        """With these needs for afterwards, the first few, and what is laid aside of them."""
        pending = tuple(dict.fromkeys(item for item in items if item != self.item))[:MOST_WAITING]
        return replace(self, pending=pending, aside={item: self.aside[item] for item in pending if item in self.aside})

    def put_off(self) -> "Draft":
        """Nothing under way; the matter that was comes first among those that wait."""
        return self.laid_aside().fresh().waiting((self.item, *self.pending)) if self.item else self.fresh()

    def laid_aside(self) -> "Draft":
        """The matter as it stands among those laid aside; a place not told is not that of the next matter."""
        known = {name: self._plain(getattr(self, name)) for name in PARTS if getattr(self, name)}
        return replace(self, aside={**self.aside, self.item: {"place": {}, **known}})
