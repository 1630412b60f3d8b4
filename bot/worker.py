"""The worker process: delivers, polls Telegram, finds what others left undone, ticks the clocks."""

import asyncio
import logging
import os
import secrets
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from bot.channels.hooks.delivery import deliver_due as deliver_webhooks
from bot.channels.telegram import service as telegram
from bot.config import settings
from bot.services import (
    clocks,
    conversations,
    dialogue,
    followups,
    handoffs,
    presence,
    referral_followups,
    routing,
    signing_in,
    webhook_deliveries,
)
from bot.storage import now, transaction
from bot.storage.signals import signals

log = logging.getLogger(__name__)
SWEEP_SECONDS = 1.0
LEFT_ALONE = timedelta(seconds=3)
OFFER_SECONDS = 2.0
TICK_SECONDS = 10.0
HOUR_SECONDS = 3600.0
ME = f"worker-{os.getpid()}-{secrets.token_hex(3)}"


async def run() -> None:
    """Until SIGTERM or SIGINT. Each duty goes on by itself; one that fails is logged and tried again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    duties = [_every(SWEEP_SECONDS, sweep, stop), _every(OFFER_SECONDS, offer, stop),
              _every(TICK_SECONDS, tick, stop), _every(TICK_SECONDS, tick_clocks, stop),
              _every(SWEEP_SECONDS, deliver_webhooks, stop), _every(HOUR_SECONDS, forget_old, stop)]
    if settings().telegram_bot_token.get_secret_value():
        duties.append(telegram.serve(stop))
    await asyncio.gather(*duties)


async def sweep() -> None:
    """Messages that were stored but not answered: their process died or never began."""
    left = await asyncio.to_thread(conversations.waiting_conversations, LEFT_ALONE)
    await asyncio.gather(*(asyncio.to_thread(dialogue.work_off, conversation) for conversation in left))


async def offer() -> None:
    """Waiting citizens to operators with room. One worker at a time."""
    if signals().lock("offer", OFFER_SECONDS * 3, ME):
        await asyncio.to_thread(_offer)


def _offer() -> None:
    with transaction() as session:
        routing.offer(session)


async def tick() -> None:
    """Deadlines. One worker at a time; each flip is a row that can flip only once anyway."""
    if signals().lock("tick", TICK_SECONDS * 3, ME):
        await asyncio.to_thread(_tick)


def _tick() -> None:
    for duty in (
        presence.requeue_vanished,
        signing_in.end_idle,
        handoffs.warn_waiting,
        handoffs.escalate_overdue,
        lambda session: referral_followups.ask(session, now()),
        lambda session: referral_followups.remind(session, now()),
        lambda session: referral_followups.expire(session, now()),
    ):
        with transaction() as session:
            duty(session)


async def tick_clocks() -> None:
    """Tickets' clocks, apart from the other deadlines: neither holds the other up."""
    if signals().lock("clocks", TICK_SECONDS * 3, ME):
        await asyncio.to_thread(sweep_clocks)


def sweep_clocks() -> None:
    """All that is due; after a day off there is much."""
    clocks.catch_up(now())
    for duty in (followups.run, followups.tell_late):
        with transaction() as session:
            duty(session, now())


async def forget_old() -> None:
    """What other systems were told is not kept for ever."""
    await asyncio.to_thread(webhook_deliveries.forget_old)


async def _every(seconds: float, duty: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await duty()
        except Exception:
            log.exception("%s failed, trying again", getattr(duty, "__name__", duty))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)


def main() -> None:
    """Entry point of `python -m bot.worker`."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(run())


if __name__ == "__main__":
    main()
