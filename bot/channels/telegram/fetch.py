"""Fetching a photo or a voice note from the Bot API server."""

import asyncio
from collections.abc import Callable

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.config import settings
from bot.errors import BadInput
from bot.services import files

PATIENCE = (0.3, 1.0)
"""Seconds to wait before the second and the third try."""
LIMIT_SECONDS = 10.0
"""For all tries together: until it is over no later update of the batch counts as stored."""

KEEP: dict[str, Callable[[str, bytes], str]] = {"photo": files.keep_photo, "voice": files.keep_voice}


async def content(bot: Bot, file_id: str, patience: tuple[float, ...] = PATIENCE) -> bytes:
    """The file's bytes. Raises TelegramError or TimeoutError when it cannot be had, BadInput when it is too big."""
    async with asyncio.timeout(LIMIT_SECONDS):
        for wait in patience:
            try:
                return await _once(bot, file_id)
            except BadRequest:
                raise
            except TelegramError:
                await asyncio.sleep(wait)
        return await _once(bot, file_id)


async def _once(bot: Bot, file_id: str) -> bytes:
    file = await bot.get_file(file_id)
    limit = settings().upload_limit_bytes
    if (file.file_size or 0) > limit:
        raise BadInput("file.too_big", limit=limit // 1_048_576)
    return bytes(await file.download_as_bytearray())
