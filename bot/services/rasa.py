"""Talking to Rasa: one call parses a message and lets the rules answer it (`nlu/channel.py` is the other end)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx

from bot.config import settings
from bot.domain.understanding import Understanding
from bot.errors import BrainDown


@dataclass(frozen=True)
class TurnResult:
    """What a turn left behind: the parse, and Rasa's state to be stored. `state` is None where an emergency was
    heard: nothing else was done then."""

    understanding: Understanding
    raw: dict[str, Any]
    state: dict[str, Any] | None


@lru_cache
def _client(base_url: str, timeout: float, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=30)
    return httpx.Client(base_url=base_url, timeout=timeout, headers=headers, limits=limits, trust_env=False)


def turn(request: dict[str, Any]) -> TurnResult:
    """Parse and answer one message. Raises BrainDown."""
    answer = _post("/webhooks/hotline/turn", request)
    heard = answer["understanding"]
    return TurnResult(Understanding.from_dict(heard), heard, answer.get("state"))


def understand(text: str) -> dict[str, Any]:
    """Parse only; DESIGN §8's fields. Raises BrainDown."""
    found: dict[str, Any] = _post("/webhooks/hotline/understand", {"text": text})["understanding"]
    return found


def alive() -> bool:
    """Whether Rasa answers and has a model loaded."""
    try:
        return bool(_post("/webhooks/hotline/ready", {}).get("ready"))
    except BrainDown:
        return False


def _post(path: str, body: dict[str, Any]) -> dict[str, Any]:
    chosen = settings()
    client = _client(chosen.rasa_url, chosen.rasa_timeout, chosen.rasa_token.get_secret_value())
    try:
        response = client.post(path, json=body)
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found
    except (httpx.HTTPError, ValueError) as error:
        raise BrainDown("brain.down", why=str(error) or type(error).__name__) from error
