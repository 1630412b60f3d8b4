"""Sending what is due: across conversations at once, within each in order."""

import asyncio
import logging

from bot.channels.contract import Channel, DeliveryError, File, Outgoing
from bot.i18n import text
from bot.services import outbox
from bot.services.conversations import attachments_of
from bot.services.files import path_of
from bot.storage import Account, Attachment, Conversation, Message, reading

log = logging.getLogger(__name__)
AT_ONCE = 20
FILES = ("photo", "document")
LOOK_AGAIN_SECONDS = 0.5
SEND_SECONDS = outbox.SENDING.total_seconds() - 10
"""Shorter than the lease of a taken message, so that no other worker sends it while we still try."""


async def deliver_due(channel: Channel) -> int:
    """Send every due message of a channel and note how it went; returns how many went out.

    A slow conversation keeps only itself waiting. A message is noted as sent straight after the other side has it,
    also while the caller is being cancelled; killed in between, it is sent once more when its lease has run out.
    """
    sent = 0
    running: set[asyncio.Task[bool]] = set()
    try:
        while True:
            room = AT_ONCE - len(running)
            due = await asyncio.to_thread(_take, channel.name, room) if room else []
            running |= {asyncio.create_task(_send(channel, message)) for message in due}
            if not running:
                return sent
            done, running = await asyncio.wait(
                running, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            sent += sum(task.result() for task in done)
    finally:
        if running:
            await asyncio.shield(asyncio.wait(running))


def outgoing(
    message: Message, conversation: Conversation, operator: str = "", file: File | None = None
) -> Outgoing:
    """A stored message as the channel takes it; a human's words begin with the human's first name."""
    words = message.text
    if message.sender == "operator" and operator:
        key = "telegram.operator" if words else "telegram.operator_photo"
        words = text(key, conversation.language, name=operator.split()[0], words=words)
    return Outgoing(message.id, conversation.id, conversation.external_id, message.sender, words,
                    conversation.language, message.buttons, message.cards, file)


def _take(channel: str, limit: int) -> list[Outgoing]:
    due = outbox.take_due(channel, limit)
    writers = {message.account_id for message, _ in due if message.account_id}
    with reading() as session:
        names = {who: account.name for who in writers if (account := session.get(Account, who))}
        files = {m.id: _file(m, kept) for m, _ in due if m.kind in FILES for kept in attachments_of(session, m)}
    return [outgoing(message, of, names.get(message.account_id or 0, ""), files.get(message.id))
            for message, of in due]


def _file(message: Message, kept: Attachment) -> File:
    path, picture = path_of(kept), message.kind == "photo"
    return File(path, path.name if picture else kept.name or path.name, picture)


async def _send(channel: Channel, message: Outgoing) -> bool:
    """Never raises: one conversation's trouble is not another's."""
    try:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await channel.deliver(message)
        except DeliveryError as error:
            log.info("message %s not delivered: %s", message.message_id, error)
            await asyncio.to_thread(outbox.failed, message.message_id, str(error), error.permanent, error.retry_after)
            return False
        except TimeoutError:
            await asyncio.to_thread(outbox.failed, message.message_id, "timed out", False)
            return False
        await asyncio.to_thread(outbox.delivered, message.message_id)
        return True
    except Exception:
        log.exception("message %s: neither sent nor noted, due again when its lease runs out", message.message_id)
        return False
