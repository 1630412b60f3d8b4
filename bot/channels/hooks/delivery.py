"""Sending what is due to other systems, several at once."""

import asyncio
import logging

import httpx

from bot.services import webhook_deliveries
from bot.services.webhook_deliveries import Due

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 10.0
GONE = 410


async def deliver_due() -> int:
    """Send every due delivery once and note how it went; returns how many were taken. Redirects are not followed: an
    address is only what an admin wrote down."""
    due = await asyncio.to_thread(webhook_deliveries.take_due)
    if due:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client:
            await asyncio.gather(*(_send(client, one) for one in due))
    return len(due)


async def _send(client: httpx.AsyncClient, due: Due) -> None:
    try:
        async with client.stream("POST", due.url, content=due.body, headers=due.headers) as answer:
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        await asyncio.to_thread(webhook_deliveries.failed, due.id, type(error).__name__)
        return
    if 200 <= status < 300:
        await asyncio.to_thread(webhook_deliveries.delivered, due.id, str(status))
    else:
        log.info("webhook delivery %s refused with %s", due.id, status)
        await asyncio.to_thread(webhook_deliveries.failed, due.id, str(status), status == GONE)
