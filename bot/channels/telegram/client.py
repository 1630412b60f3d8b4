"""The Bot API client: python-telegram-bot's `Bot`, pointed at whatever Bot API server is configured."""

import logging
import os

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.channels.telegram.tolerant import UpdatesRequest
from bot.config import settings

os.environ.setdefault("PTB_TIMEDELTA", "1")
"""Durations as timedelta, what the next major version does; without it every flood error is a deprecation warning."""

POOL = 64
READ_SECONDS = 20.0
"""Long, because a send that was given up on may have arrived all the same and would be repeated."""


def make_bot() -> Bot:
    """A client by the settings in force. No request is made; close it with `close_bot`."""
    _keep_token_out_of_logs()
    base = settings().telegram_api_base_url.rstrip("/")
    return Bot(
        settings().telegram_bot_token.get_secret_value(),
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=HTTPXRequest(connection_pool_size=POOL, read_timeout=READ_SECONDS, write_timeout=10.0,
                             connect_timeout=10.0, pool_timeout=20.0),
        get_updates_request=UpdatesRequest(connection_pool_size=2, read_timeout=10.0, connect_timeout=10.0,
                                           pool_timeout=20.0),
    )


async def close_bot(bot: Bot) -> None:
    """Close its connections, whether or not it was ever used. `Bot.shutdown` alone leaves an unused one open."""
    for request in bot._request:  # noqa: SLF001
        await request.shutdown()


def without_token(words: str) -> str:
    """An error text that may be stored or logged."""
    token = settings().telegram_bot_token.get_secret_value()
    return words.replace(token, "***") if token else words


def _keep_token_out_of_logs() -> None:
    """httpx logs every address at INFO, and here the token is a part of it."""
    logger = logging.getLogger("httpx")
    if logger.getEffectiveLevel() < logging.WARNING:
        logger.setLevel(logging.WARNING)
