"""The contract every channel that the worker delivers to fulfils."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class File:
    """A stored file and what people call it; a `picture` is shown, anything else offered to be opened."""

    path: Path
    name: str
    picture: bool


@dataclass(frozen=True)
class Outgoing:
    """One message to deliver: plain text, buttons [{id,title}], cards as `bot.domain.message.Card.as_dict()`; with
    `file`, the text is its caption."""

    message_id: int
    conversation_id: str
    external_chat: str
    sender: str
    text: str
    language: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)
    file: File | None = None


class DeliveryError(Exception):
    """Not delivered. `permanent`: trying again is useless (blocked, chat gone). `retry_after`: seconds asked for."""

    def __init__(self, why: str, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.permanent = permanent
        self.retry_after = retry_after


class Channel(Protocol):
    """A channel that is pushed to."""

    name: str

    async def deliver(self, message: Outgoing) -> None:
        """Send one message; returns when the other side has it. Raises DeliveryError."""
