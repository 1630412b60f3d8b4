"""From an update to a stored message: what polling and the webhook share."""

import asyncio
import logging
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from telegram import Bot, Update
from telegram.error import TelegramError

from bot.channels.telegram import buttons, fetch, notes
from bot.channels.telegram.incoming import Heard, chat_of, read
from bot.domain.message import Incoming
from bot.errors import BadInput, HotlineError
from bot.i18n import text
from bot.services import conversations, dialogue
from bot.storage.signals import signals

log = logging.getLogger(__name__)
CHANNEL = "telegram"
ANSWERING_AT_ONCE = 16
GROUP_SILENCE_SECONDS = 600


class Receiver:
    """Stores updates, one chat at a time, and has them answered in threads of its own."""

    def __init__(self, bot: Bot, patience: tuple[float, ...] = fetch.PATIENCE) -> None:
        self.bot = bot
        self._patience = patience
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._answering = ThreadPoolExecutor(ANSWERING_AT_ONCE, thread_name_prefix="telegram-answer")
        self._running: set[asyncio.Future[Any]] = set()

    async def handle(self, update: Update) -> str | None:
        """Store an update; returns the conversation that now has something to answer, None where there is nothing.

        The same update again changes nothing. Raises only what another try may cure: an unusable message is answered
        or dropped here.
        """
        heard = read(update)
        if heard is None:
            return None
        if not heard.private:
            self._soon(self._leave_group(heard))
            return None
        turn = self._turns.setdefault(chat_of(update), asyncio.Lock())
        async with turn:
            return await self._store(heard)

    def work_off(self, conversation_id: str) -> None:
        """Have a conversation's messages answered; returns at once."""
        task = asyncio.get_running_loop().run_in_executor(self._answering, dialogue.work_off, conversation_id)
        self._keep(task)

    async def drain(self) -> None:
        """Wait until all that was begun is finished."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def close(self) -> None:
        """Begin nothing more. What is stored and unanswered is found again by the worker's sweep."""
        self._answering.shutdown(wait=False, cancel_futures=True)
        await self.drain()

    async def _store(self, heard: Heard) -> str | None:
        conversation_id = await asyncio.to_thread(
            conversations.for_channel, CHANNEL, str(heard.chat_id), heard.name, heard.language
        )
        incoming = heard.incoming
        if heard.callback_id:
            return await self._press(conversation_id, heard)
        if incoming is not None and heard.file_id:
            incoming = await self._with_file(conversation_id, incoming, heard.file_id)
        new = await self._receive(conversation_id, incoming) if incoming is not None else False
        if heard.unsupported:
            await asyncio.to_thread(notes.unsupported, conversation_id, heard.external_id, heard.unsupported)
        return conversation_id if new else None

    async def _receive(self, conversation_id: str, incoming: Incoming) -> bool:
        """Whether it is stored now or was before; False where there is nothing in it."""
        try:
            await asyncio.to_thread(conversations.receive, conversation_id, incoming)
        except BadInput as error:
            log.info("telegram message %s not usable: %s", incoming.external_id, error.key)
            return False
        return True

    async def _with_file(self, conversation_id: str, incoming: Incoming, file_id: str) -> Incoming | None:
        """The message with its file kept. Where that fails a note takes its place, and the words go on as text."""
        if await asyncio.to_thread(notes.is_stored, conversation_id, incoming.external_id):
            return incoming
        try:
            content = await fetch.content(self.bot, file_id, self._patience)
            key = await asyncio.to_thread(fetch.KEEP[incoming.kind], conversation_id, content)
            return replace(incoming, attachment=key)
        except (TelegramError, OSError, BadInput) as error:
            why = error if isinstance(error, BadInput) else None
            log.warning("telegram file of %s not kept: %s", incoming.external_id, type(error).__name__)
            await asyncio.to_thread(notes.file_missing, conversation_id, incoming.external_id, incoming.kind, why)
        return replace(incoming, kind="text") if incoming.text else None

    async def _press(self, conversation_id: str, heard: Heard) -> str | None:
        assert heard.incoming is not None
        choice = await asyncio.to_thread(buttons.decode, conversation_id, heard.incoming.choice)
        try:
            if choice is None:
                raise BadInput("message.choice_gone")
            await asyncio.to_thread(conversations.receive, conversation_id, replace(heard.incoming, choice=choice))
        except BadInput as error:
            language = await asyncio.to_thread(notes.language_of, conversation_id)
            self._soon(self._refuse_press(heard, error, language))
            return None
        self._soon(self.bot.answer_callback_query(heard.callback_id))
        return conversation_id

    async def _refuse_press(self, heard: Heard, error: HotlineError, language: str) -> None:
        words = text(f"errors.{error.key}", language, **error.facts)
        await self.bot.answer_callback_query(heard.callback_id, text=words, show_alert=True)
        if heard.pressed_on:
            await self.bot.edit_message_reply_markup(chat_id=heard.chat_id, message_id=heard.pressed_on)

    async def _leave_group(self, heard: Heard) -> None:
        """Say once where we are to be found, and go: a conversation belongs to one citizen."""
        if not await asyncio.to_thread(signals().lock, f"telegram-group:{heard.chat_id}", GROUP_SILENCE_SECONDS):
            return
        with suppress(TelegramError):
            await self.bot.send_message(heard.chat_id, text("telegram.private_only", heard.language))
        await self.bot.leave_chat(heard.chat_id)

    def _soon(self, work: Coroutine[Any, Any, object]) -> None:
        """Talk to Telegram without keeping anybody waiting; it is a courtesy, so errors are only noted."""
        self._keep(asyncio.ensure_future(_courtesy(work)))

    def _keep(self, task: asyncio.Future[Any]) -> None:
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Future[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("not answered, the worker's sweep will try again", exc_info=error)


async def _courtesy(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except TelegramError as error:
        log.info("telegram: %s", type(error).__name__)
