"""Button ids as callback data, which holds 64 bytes, and back."""

import re
from typing import Any

from bot.storage import Message, reading

LIMIT_BYTES = 64
MAX_ID = 2**31 - 1
_REFERENCE = re.compile(r"(\d{1,10}):(\d{1,3})", re.ASCII)


def all_buttons(buttons: list[dict[str, str]], cards: list[dict[str, Any]]) -> list[dict[str, str]]:
    """A message's buttons and those of its cards, in the order that references count."""
    return [*buttons, *(button for card in cards for button in card["buttons"])]


def encode(message_id: int, index: int, button_id: str) -> str:
    """The id itself where it fits, else `<message_id>:<index>`, which only the database can tell the meaning of."""
    if 1 <= len(button_id.encode()) <= LIMIT_BYTES and not _REFERENCE.fullmatch(button_id):
        return button_id
    return f"{message_id}:{index}"


def decode(conversation_id: str, data: str) -> str | None:
    """The button id; None for a reference to nothing, or to a message of another conversation."""
    reference = _REFERENCE.fullmatch(data)
    if reference is None:
        return data
    message_id, index = int(reference[1]), int(reference[2])
    with reading() as session:
        message = session.get(Message, message_id) if message_id <= MAX_ID else None
        if message is None or message.conversation_id != conversation_id:
            return None
        offered = all_buttons(message.buttons, message.cards)
    return offered[index]["id"] if index < len(offered) else None
