"""Is everything there that the hotline needs? One line a thing."""

import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import redis
from sqlalchemy import text as sql

from bot import processes
from bot.config import settings
from bot.services import rasa
from bot.storage import reading
from bot.storage.migrate import at_head

LEAST_FREE_MB = 500


@dataclass(frozen=True)
class Check:
    """`needed`: the hotline does not work without it."""

    what: str
    ok: bool
    found: str
    advice: str = ""
    needed: bool = True


def check() -> list[Check]:
    """All checks; none of them raises."""
    return [_safely(*c) for c in (
        ("database", _database, "check DATABASE_URL, run `hotline migrate`", True),
        ("redis", _redis, "check REDIS_URL; without Redis the service goes on, slower", False),
        ("rasa environment", _rasa_python, "run `make setup`", _rasa_is_here()),
        ("model", _model, "run `hotline train`", _rasa_is_here()),
        ("rasa running", _rasa, "run `hotline up`", not _rasa_is_here()),
        ("telegram", _telegram, "set TELEGRAM_BOT_TOKEN to serve Telegram", False),
        ("disk", _disk, f"free at least {LEAST_FREE_MB} MB", True),
        ("port", _port, "nothing listens there; run `hotline up`", False),
    )]


def _safely(what: str, look: Callable[[], tuple[bool, str]], advice: str, needed: bool) -> Check:
    try:
        ok, found = look()
    except Exception as error:
        ok, found = False, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return Check(what, ok, found, advice, needed)


def _database() -> tuple[bool, str]:
    with reading() as session:
        session.scalar(sql("SELECT 1"))
        kind = session.get_bind().dialect.name
    return at_head(), f"{kind}, {'newest form' if at_head() else 'needs migration'}"


def _redis() -> tuple[bool, str]:
    if not settings().redis_url:
        return False, "not configured: one machine"
    return bool(redis.Redis.from_url(settings().redis_url, socket_timeout=2).ping()), "answers"


def _rasa_is_here() -> bool:
    """Rasa runs on this machine, rather than in a container of its own."""
    return urlsplit(settings().rasa_url).hostname in ("127.0.0.1", "localhost", "::1")


def _rasa_python() -> tuple[bool, str]:
    return processes.RASA_PYTHON.exists(), processes.RASA_PYTHON.parent.parent.name


def _model() -> tuple[bool, str]:
    path = processes.MODELS / f"{processes.model_name()}.tar.gz"
    return path.exists(), path.name if path.exists() else "none that fits the data"


def _rasa() -> tuple[bool, str]:
    return (True, "ready") if rasa.alive() else (False, "does not answer")


def _telegram() -> tuple[bool, str]:
    if not settings().telegram_bot_token.get_secret_value():
        return False, "not configured"
    return True, "webhook" if settings().telegram_webhook_url else "polling"


def _disk() -> tuple[bool, str]:
    settings().var.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings().var).free // 1_000_000
    return free >= LEAST_FREE_MB, f"{free} MB free"


def _port() -> tuple[bool, str]:
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex((settings().host, settings().port)) == 0
    return taken, f"{settings().port} {'answers' if taken else 'is free'}"
