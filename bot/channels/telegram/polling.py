"""Long polling. Our own loop, because an update may count as received only once it is stored: the library's updater
moves the offset on as soon as it has the update in memory."""

import asyncio
import itertools
import logging
import secrets
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from telegram import Update
from telegram.error import RetryAfter

from bot.channels.telegram import client
from bot.channels.telegram.incoming import chat_of
from bot.channels.telegram.outgoing import retry_seconds
from bot.channels.telegram.receive import Receiver
from bot.channels.telegram.tolerant import set_aside
from bot.storage.signals import signals

log = logging.getLogger(__name__)
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
POLL = timedelta(seconds=25)
LOCK = "telegram-poll"
LOCK_SECONDS = 60.0
LOCK_RETRY_SECONDS = 5.0
BACKOFF_SECONDS = (0.5, 1, 2, 5, 10, 30)
GIVE_UP_AFTER = 5
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


async def poll(receiver: Receiver, stop: asyncio.Event, owner: str = "") -> None:
    """Fetch and store updates until `stop` is set; only the process that holds the lock does, the others wait for it.

    Telegram or the database being away does not end it: it tries again, slower and slower. Without Redis two workers
    may both poll; Telegram then refuses one of them in turn, and what arrives twice is stored once.
    """
    owner = owner or secrets.token_hex(8)
    offset, failures = None, 0
    try:
        while not stop.is_set():
            if not await asyncio.to_thread(signals().lock, LOCK, LOCK_SECONDS, owner):
                await pause(stop, LOCK_RETRY_SECONDS)
                continue
            try:
                updates = await _fetch(receiver, offset, stop)
                failures = 0
            except Exception as error:
                await pause(stop, _wait_after(error, failures))
                failures += 1
                continue
            if updates and await store(receiver, updates, stop):
                offset = max(update.update_id for update in updates) + 1
    finally:
        signals().unlock(LOCK, owner)


async def store(receiver: Receiver, updates: Sequence[Update], stop: asyncio.Event) -> bool:
    """Store a batch, chat beside chat, within a chat in the order of update ids. True when the offset may move on."""
    by_chat: dict[int, list[Update]] = defaultdict(list)
    for update in sorted(updates, key=lambda u: u.update_id):
        by_chat[chat_of(update)].append(update)
    async with asyncio.TaskGroup() as group:
        chats = [group.create_task(_store_chat(receiver, of_chat, stop)) for of_chat in by_chat.values()]
    return all(chat.result() for chat in chats)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait that long, or until we are to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _fetch(receiver: Receiver, offset: int | None, stop: asyncio.Event) -> Sequence[Update]:
    """The next updates; none when we are to stop, the request is abandoned then and confirms nothing."""
    asking = asyncio.ensure_future(receiver.bot.get_updates(offset=offset, timeout=POLL, allowed_updates=ALLOWED))
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({asking, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else ()
    finally:
        asking.cancel()
        stopped.cancel()
        await asyncio.gather(asking, stopped, return_exceptions=True)


def _wait_after(error: Exception, failures: int) -> float:
    if isinstance(error, RetryAfter):
        return retry_seconds(error)
    log.warning("polling Telegram: %s", client.without_token(f"{type(error).__name__}: {error}"))
    return BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)]


async def _store_chat(receiver: Receiver, updates: list[Update], stop: asyncio.Event) -> bool:
    for update in updates:
        if not await _store_one(receiver, update, stop):
            return False
    return True


async def _store_one(receiver: Receiver, update: Update, stop: asyncio.Event) -> bool:
    """False when we are to stop before it is stored. A database that is away is waited for; an update that fails by
    itself, time after time, is set aside, or nobody's messages would come in any more."""
    failures = 0
    for wait in itertools.chain(BACKOFF_SECONDS, itertools.repeat(BACKOFF_SECONDS[-1])):
        try:
            if conversation_id := await receiver.handle(update):
                receiver.work_off(conversation_id)
            return True
        except DATABASE_AWAY as error:
            log.warning("storing a Telegram update: %s", type(error).__name__)
        except Exception:
            failures += 1
            log.exception("update %s cannot be stored (try %s)", update.update_id, failures)
            if failures >= GIVE_UP_AFTER:
                await asyncio.to_thread(set_aside, update.update_id, update.to_dict())
                return True
        await pause(stop, wait)
        if stop.is_set():
            return False
    return False
