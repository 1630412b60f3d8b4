"""A citizen on the HTTP conversation API."""

import io
import itertools
from typing import Any

import httpx
from PIL import Image
from sqlalchemy import select

from bot.storage import Message, reading
from tests.support.world import wait_until


def photo() -> bytes:
    """A small real picture."""
    content = io.BytesIO()
    Image.new("RGB", (64, 48), (120, 90, 60)).save(content, "JPEG")
    return content.getvalue()


class Citizen:
    """Says things, waits until each is settled, remembers what was answered to it."""

    def __init__(self, base: str, language: str = "zh") -> None:
        self._http = httpx.Client(base_url=f"{base}/api/v1", timeout=40, trust_env=False)
        made = self._http.post("/conversations", json={"language": language}).raise_for_status().json()
        self.id: str = made["id"]
        self._http.headers["Authorization"] = f"Bearer {made['token']}"
        self._numbers = itertools.count(1)
        self.seen = 0

    def says(self, words: str) -> list[dict[str, Any]]:
        """Send text; returns the replies to it."""
        return self._send({"text": words})

    def presses(self, choice: str) -> list[dict[str, Any]]:
        """Press a button by its id."""
        return self._send({"choice": choice})

    def at(self, lat: float, lon: float) -> list[dict[str, Any]]:
        """Share a location."""
        return self._send({"location": {"lat": lat, "lon": lon}})

    def shows(self, words: str = "") -> list[dict[str, Any]]:
        """Send a photo."""
        data = {"client_message_id": f"m{next(self._numbers)}", "text": words}
        sent = self._http.post(f"/conversations/{self.id}/messages", data=data, files={"photo": ("p.jpg", photo(), "image/jpeg")})
        return self._settled(sent.raise_for_status().json())

    def hears(self) -> list[dict[str, Any]]:
        """What came since the last look, from anybody but the citizen."""
        found = self._http.get(f"/conversations/{self.id}/messages", params={"after": self.seen}).raise_for_status().json()["messages"]
        self.seen = max([self.seen, *(m["seq"] for m in found)])
        return [m for m in found if m["sender"] != "citizen"]

    def _send(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        body["client_message_id"] = f"m{next(self._numbers)}"
        return self._settled(self._http.post(f"/conversations/{self.id}/messages", json=body).raise_for_status().json())

    def _settled(self, sent: dict[str, Any]) -> list[dict[str, Any]]:
        wait_until(lambda: _state(int(sent["id"])) != "received", 30, f"message {sent} settled")
        return self.hears()


def _state(message_id: int) -> str | None:
    with reading() as session:
        return session.scalar(select(Message.state).where(Message.id == message_id))


def buttons(messages: list[dict[str, Any]]) -> dict[str, str]:
    """Title → id of all buttons in these messages, cards' included."""
    found = {}
    for message in messages:
        for button in [*message["buttons"], *(b for card in message["cards"] for b in card["buttons"])]:
            found[button["title"]] = button["id"]
    return found


def cards(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """All cards of a kind."""
    return [card for message in messages for card in message["cards"] if card["kind"] == kind]


def words(messages: list[dict[str, Any]]) -> str:
    """All that was said, cards' lines and numbers included."""
    parts = []
    for message in messages:
        parts.append(message["text"])
        for card in message["cards"]:
            parts += [card["title"], *card["lines"], card["phone"]]
    return "\n".join(parts)
