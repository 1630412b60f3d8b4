"""Telegram's part of the worker: set up, poll where there is no webhook, deliver."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.contract import Channel
from bot.channels.telegram import client, setup
from bot.channels.telegram.delivery import deliver_due
from bot.channels.telegram.outgoing import Telegram
from bot.channels.telegram.polling import pause, poll
from bot.channels.telegram.receive import Receiver
from bot.services import outbox
from bot.storage.signals import signals

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
"""How often SQL is looked at: without Redis nothing tells this process of what another one stored."""


async def serve(stop: asyncio.Event) -> None:
    """Until `stop` is set; then what is being sent is sent and noted, nothing new is begun."""
    bot = client.make_bot()
    receiver = Receiver(bot)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_receive(receiver, stop))
            group.create_task(deliver(Telegram(bot), stop))
    finally:
        await receiver.close()
        await client.close_bot(bot)


async def deliver(channel: Channel, stop: asyncio.Event) -> None:
    """Deliver whatever falls due, woken by `outbox` and at intervals. Errors are logged and tried again."""
    async with _wakeups("outbox") as wake:
        while not stop.is_set():
            wake.clear()
            try:
                if await asyncio.to_thread(outbox.pending):
                    await _unless_stopped(channel, stop)
            except Exception:
                log.exception("delivering to %s", channel.name)
                await pause(stop, LOOK_SECONDS)
            await _either(wake, stop, LOOK_SECONDS)


async def _receive(receiver: Receiver, stop: asyncio.Event) -> None:
    if await setup.connect(receiver.bot, stop) and not setup.has_webhook():
        await poll(receiver, stop)


async def _unless_stopped(channel: Channel, stop: asyncio.Event) -> None:
    """`deliver_due`, which ends by itself only when nothing is due any more."""
    sending, stopped = asyncio.ensure_future(deliver_due(channel)), asyncio.ensure_future(stop.wait())
    await asyncio.wait({sending, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in (sending, stopped):
        task.cancel()
    sent, _ = await asyncio.gather(sending, stopped, return_exceptions=True)
    if isinstance(sent, Exception):
        raise sent


async def _either(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    waiting = {asyncio.ensure_future(event.wait()) for event in (wake, stop)}
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


@asynccontextmanager
async def _wakeups(wanted: str) -> AsyncIterator[asyncio.Event]:
    """An event that is set whenever a topic is published, from whichever thread."""
    wake, loop = asyncio.Event(), asyncio.get_running_loop()

    def heard(topic: str) -> None:
        if topic == wanted and not loop.is_closed():
            loop.call_soon_threadsafe(wake.set)

    end = signals().listen(heard)
    try:
        yield wake
    finally:
        end()
