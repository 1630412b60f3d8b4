"""What Telegram is told when a worker starts: where updates go, and the menu of commands."""

import asyncio
import hashlib
import hmac
import itertools
import logging
from urllib.parse import urlsplit

from telegram import Bot, BotCommand
from telegram.error import TelegramError

from bot.channels.telegram import client
from bot.channels.telegram.incoming import COMMANDS
from bot.channels.telegram.polling import ALLOWED, BACKOFF_SECONDS, pause
from bot.config import settings
from bot.i18n import text

log = logging.getLogger(__name__)
WEBHOOK_PATH = "/telegram/webhook"
MAX_CONNECTIONS = 20


def has_bot() -> bool:
    """Whether Telegram is configured at all."""
    return bool(settings().telegram_bot_token.get_secret_value())


def has_webhook() -> bool:
    """Whether updates come by webhook; else they are polled for."""
    return has_bot() and bool(settings().telegram_webhook_url)


def webhook_url() -> str:
    """The address Telegram posts to; a configured address without a path gets ours."""
    url = settings().telegram_webhook_url
    return url.rstrip("/") + WEBHOOK_PATH if urlsplit(url).path in ("", "/") else url


def webhook_secret() -> str:
    """What Telegram proves itself with: as configured, else derived from the bot's token, the same in every process."""
    chosen = settings().telegram_webhook_secret.get_secret_value()
    token = settings().telegram_bot_token.get_secret_value()
    return chosen or hmac.new(token.encode(), b"yiboling telegram webhook", hashlib.sha256).hexdigest()


async def connect(bot: Bot, stop: asyncio.Event) -> bool:
    """Set or remove the webhook and set the commands, again and again until Telegram has it or we are to stop.

    Updates that wait at Telegram are kept in either case. True when it is done.
    """
    for wait in itertools.chain(BACKOFF_SECONDS, itertools.repeat(BACKOFF_SECONDS[-1])):
        if stop.is_set():
            break
        try:
            await _tell(bot)
            return True
        except TelegramError as error:
            log.warning("setting up Telegram: %s", client.without_token(f"{type(error).__name__}: {error}"))
        await pause(stop, wait)
    return False


async def _tell(bot: Bot) -> None:
    if has_webhook():
        await bot.set_webhook(webhook_url(), secret_token=webhook_secret(), allowed_updates=ALLOWED,
                              max_connections=MAX_CONNECTIONS, drop_pending_updates=False)
    else:
        await bot.delete_webhook(drop_pending_updates=False)
    await bot.set_my_commands(_commands("zh"))
    await bot.set_my_commands(_commands("en"), language_code="en")


def _commands(language: str) -> list[BotCommand]:
    return [BotCommand(name, text(f"telegram.command_{name}", language)) for name in COMMANDS]
