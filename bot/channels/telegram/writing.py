"""An operator is writing: Telegram shows it to the citizen for five seconds.

Done by the web process, which operators' browsers tell; the worker may be a process that hears no signals.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.channels.telegram import client
from bot.channels.telegram.setup import has_bot
from bot.services.typing import BY_OPERATOR
from bot.storage import Conversation, reading
from bot.storage.signals import signals

log = logging.getLogger(__name__)
PAUSE_SECONDS = 4.0


class Writing:
    """Listens while the application runs. Whatever goes wrong is only that the citizen does not see it."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._shown: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        self._stop = signals().listen(lambda topic: self._heard(loop, topic))

    async def close(self) -> None:
        """Hear nothing more and close the connections."""
        self._stop()
        await asyncio.gather(*self._shown, return_exceptions=True)
        await client.close_bot(self._bot)

    def _heard(self, loop: asyncio.AbstractEventLoop, topic: str) -> None:
        if topic.startswith(BY_OPERATOR) and not loop.is_closed():
            loop.call_soon_threadsafe(self._begin, topic.removeprefix(BY_OPERATOR))

    def _begin(self, conversation_id: str) -> None:
        task = asyncio.ensure_future(self._show(conversation_id))
        self._shown.add(task)
        task.add_done_callback(self._shown.discard)

    async def _show(self, conversation_id: str) -> None:
        chat = await asyncio.to_thread(_chat, conversation_id)
        if not chat:
            return
        try:
            await self._bot.send_chat_action(int(chat), ChatAction.TYPING)
        except TelegramError as error:
            log.info("not shown as writing: %s", client.without_token(f"{type(error).__name__}: {error}"))


@asynccontextmanager
async def shown() -> AsyncIterator[None]:
    """Show operators' writing for the length of the block, where Telegram is configured."""
    if not has_bot():
        yield
        return
    writing = Writing(client.make_bot())
    try:
        yield
    finally:
        await writing.close()


def _chat(conversation_id: str) -> str:
    """The Telegram chat to tell, once in a while and by one process only; '' for none."""
    with reading() as session:
        conversation = session.get(Conversation, conversation_id)
    if conversation is None or conversation.channel != "telegram":
        return ""
    return conversation.external_id if signals().lock(f"writing:{conversation_id}", PAUSE_SECONDS) else ""
