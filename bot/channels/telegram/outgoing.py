"""The Telegram channel: one message of ours as one or more messages of the Bot API."""

import asyncio
from collections import OrderedDict

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.channels.contract import DeliveryError, File, Outgoing
from bot.channels.telegram import client, render

REMEMBERED = 5000
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Telegram:
    """A `Channel`. Text goes out without a parse mode, so nothing a citizen or operator writes can be markup."""

    name = "telegram"

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._done: OrderedDict[int, int] = OrderedDict()

    async def deliver(self, message: Outgoing) -> None:
        """Send all parts, the buttons under the last. Raises DeliveryError.

        A message tried again goes on after the parts that went through, and one that is wholly through is not sent
        again. That memory is the process's: after a kill between sending and noting it in SQL, or a time-out of
        which nobody knows whether it arrived, one part is repeated. The Bot API has no key to prevent that.
        """
        texts = render.parts(message)
        markup = render.keyboard(message)
        try:
            for index in range(self._done.get(message.message_id, 0), len(texts)):
                below = markup if index == len(texts) - 1 else None
                await self._send(message, texts[index], below, message.file if index == 0 else None)
                self._note(message.message_id, index + 1)
        except FileNotFoundError as error:
            raise DeliveryError("the file is gone", permanent=True) from error
        except TelegramError as error:
            raise delivery_error(error) from error

    async def close(self) -> None:
        """Close the connections."""
        await client.close_bot(self.bot)

    async def _send(
        self, message: Outgoing, words: str, below: InlineKeyboardMarkup | None, file: File | None
    ) -> None:
        chat = int(message.external_chat)
        if file is None:
            await self.bot.send_message(chat, words, link_preview_options=NO_PREVIEW, reply_markup=below)
            return
        content = await asyncio.to_thread(file.path.read_bytes)
        if file.picture:
            try:
                await self.bot.send_photo(chat, content, caption=words, filename=file.name, reply_markup=below)
                return
            except BadRequest as error:
                if not _not_as_a_photo(error):
                    raise
        await self.bot.send_document(chat, content, caption=words, filename=file.name, reply_markup=below)

    def _note(self, message_id: int, parts: int) -> None:
        self._done[message_id] = parts
        self._done.move_to_end(message_id)
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)


def _not_as_a_photo(error: BadRequest) -> bool:
    """Very long or very large pictures are refused as photos and taken as files."""
    return any(word in error.message.upper() for word in ("PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED"))


def delivery_error(error: TelegramError) -> DeliveryError:
    """What an error of the Bot API means for the message: blocked, gone or refused is for good, the rest passes.

    A rejected token is no fault of the message and may be set right; it is tried again.
    """
    why = client.without_token(f"{type(error).__name__}: {error}")
    if isinstance(error, RetryAfter):
        return DeliveryError(why, permanent=False, retry_after=retry_seconds(error))
    return DeliveryError(why, permanent=isinstance(error, Forbidden | ChatMigrated | BadRequest))


def retry_seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    asked = error.retry_after
    return float(asked) if isinstance(asked, int | float) else asked.total_seconds()
