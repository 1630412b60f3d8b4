"""Updates the library cannot read. One of them, say a poll from a Bot API server older or newer than the library, would
otherwise fail every fetch of its batch for ever, and nobody's messages would come in any more."""

import json
import logging
from typing import Any

from telegram import Update
from telegram.request import HTTPXRequest

from bot.config import settings

log = logging.getLogger(__name__)
NEEDED = ("message_id", "date", "edit_date", "chat", "from", "text", "caption", "location", "venue", "photo", "voice")
MESSAGES = ("message", "edited_message")


class UpdatesRequest(HTTPXRequest):
    """The request for getUpdates: every update it lets through can be read."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        found: dict[str, Any] = HTTPXRequest.parse_json_payload(payload)
        if isinstance(found.get("result"), list):
            found["result"] = [readable(raw) for raw in found["result"]]
        return found


def readable(raw: dict[str, Any]) -> dict[str, Any]:
    """The update; where the library cannot read it, only what we need of its message; else its bare number.

    Raises KeyError or TypeError for what is no update at all.
    """
    number = raw["update_id"]
    slim = {kind: _slim(message) for kind, message in raw.items() if kind in MESSAGES}
    for tried in (raw, {"update_id": number, **slim}):
        try:
            Update.de_json(tried, None)
            return tried
        except Exception as error:
            log.warning("update %s cannot be read: %s", number, error)
    set_aside(number, raw)
    return {"update_id": number}


def set_aside(number: int, raw: dict[str, Any]) -> None:
    """Keep what could not be stored where a person can find it; the log would be the wrong place for its words."""
    folder = settings().var / "telegram-refused"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / f"{int(number)}.json").write_text(json.dumps(raw), encoding="utf-8")


def _slim(message: Any) -> Any:
    return {key: message[key] for key in NEEDED if key in message} if isinstance(message, dict) else message
