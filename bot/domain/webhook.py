"""Webhooks: which events there are, how a delivery is signed, when it is tried again.

Signatures are those of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, so any of
its libraries can check them.
"""

import base64
import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from bot.domain.clock import Rung
from bot.domain.ticket import TicketState
from bot.errors import BadInput

SUPERVISION = tuple(f"ticket.{rung.value}" for rung in Rung)
"""A deadline near or missed, level by level: what reminds people where they look."""
EVENTS = (*(f"ticket.{state.value}" for state in TicketState), *SUPERVISION)
PING = "ping"
PREFIX = "whsec_"
BACKOFF = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 86_400))
"""After each failure; after the last the delivery is given up: two days and a half in all."""
LONGEST_URL = 500


def new_secret() -> str:
    """24 random bytes, as the standard writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def sign(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature` of a delivery. `timestamp` in Unix seconds."""
    own = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(own, f"{key}.{timestamp}.".encode() + body, sha256)).decode()


def check_url(url: str) -> str:
    """The URL, if deliveries may go there: http or https with a host, and nothing secret in it. Raises BadInput."""
    try:
        parts = urlsplit(url.strip())
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and not parts.password
        _ = parts.port
    except ValueError:
        fits = False
    if not fits or len(url.strip()) > LONGEST_URL or not url.strip().isascii():
        raise BadInput("webhook.bad_url")
    return url.strip()


def check_events(events: list[str]) -> list[str]:
    """The events in their order; none means all. Raises BadInput for an unknown one."""
    if unknown := [event for event in events if event not in EVENTS]:
        raise BadInput("webhook.bad_event", event=unknown[0])
    return [event for event in EVENTS if event in events]


def wait_after(attempts: int) -> timedelta | None:
    """How long until the next attempt after so many; None where there is none."""
    return BACKOFF[attempts - 1] if 0 < attempts <= len(BACKOFF) else None
