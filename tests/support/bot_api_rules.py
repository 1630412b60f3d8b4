"""What the real Bot API refuses, with its own words. Sources: core.telegram.org/bots/api and answers seen from it."""

import io
import json
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile


@dataclass
class Refusal(Exception):
    """An error answer: HTTP status and description, and what stands under `parameters`."""

    status: int
    description: str
    retry_after: int | None = None

    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.retry_after is not None:
            found["parameters"] = {"retry_after": self.retry_after}
        return found


def bad(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def too_many(retry_after: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", retry_after)


BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user")
BROKEN = Refusal(500, "Internal Server Error")
WEBHOOK_ACTIVE = Refusal(
    409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
OTHER_POLLER = Refusal(
    409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


def check_text(params: dict[str, Any]) -> str:
    """1 to 4096 UTF-16 units that are not all blank."""
    words = str(params.get("text", "")).strip()
    if not words:
        raise bad("message text is empty")
    if len(words.encode("utf-16-le")) // 2 > 4096:
        raise bad("message is too long")
    return words


def check_caption(params: dict[str, Any]) -> str:
    """Up to 1024 UTF-16 units."""
    words = str(params.get("caption") or "").strip()
    if len(words.encode("utf-16-le")) // 2 > 1024:
        raise bad("message caption is too long")
    return words


async def check_photo(upload: Any) -> bytes:
    """An uploaded picture: at most 10 MB, sides together 10,000 pixels, not longer than twenty times its width."""
    if not isinstance(upload, UploadFile):
        raise bad("there is no photo in the request")
    content = await upload.read()
    if len(content) > 10 * 1024 * 1024:
        raise bad("file is too big")
    try:
        width, height = Image.open(io.BytesIO(content)).size
    except UnidentifiedImageError:
        raise bad("IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return content


def check_keyboard(params: dict[str, Any]) -> list[list[dict[str, str]]]:
    """The inline keyboard, or an empty list."""
    markup = as_json(params.get("reply_markup"))
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or any(not isinstance(row, list) for row in rows):
        raise bad("can't parse inline keyboard: Field \"inline_keyboard\" must be of type Array")
    buttons = [button for row in rows for button in row]
    if len(buttons) > 100:
        raise bad("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        _check_button(button)
    return rows


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if "callback_data" not in button and "url" not in button:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")


def check_commands(params: dict[str, Any]) -> list[dict[str, str]]:
    commands: list[dict[str, str]] = as_json(params.get("commands")) or []
    for command in commands:
        name, description = command["command"], command["description"]
        if not (1 <= len(name) <= 32 and name.replace("_", "").isalnum() and name.islower()):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def check_webhook(params: dict[str, Any]) -> tuple[str, str]:
    """Address and secret. The real one wants HTTPS; a local Bot API server, like this one, takes HTTP."""
    url, secret = str(params.get("url", "")), str(params.get("secret_token", ""))
    if url and not url.startswith(("https://", "http://127.0.0.1")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256 or secret and not (secret.isascii() and secret.replace("_", "").replace("-", "").isalnum()):
        raise bad("secret token contains unallowed characters")
    return url, secret


def as_json(value: Any) -> Any:
    """A field that may come as JSON text, as it does in a form."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad("can't parse reply keyboard markup JSON object") from None
