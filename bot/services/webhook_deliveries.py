"""Deliveries on their way to other systems: taken by a conditional UPDATE, tried again with growing waits."""

import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from bot.domain.webhook import sign, wait_after
from bot.storage import Webhook, WebhookDelivery, now, transaction

SENDING = timedelta(seconds=60)
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """A delivery that is ours for a minute."""

    id: int
    url: str
    headers: dict[str, str]
    body: bytes


def take_due(limit: int = 20) -> list[Due]:
    """What is due, oldest first, of webhooks that are on."""
    moment, taken = now(), []
    with transaction() as session:
        query = (
            select(WebhookDelivery, Webhook).join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(WebhookDelivery.next_attempt_at <= moment, Webhook.active)
            .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id).limit(limit)
        )
        for delivery, hook in session.execute(query).all():
            won = session.execute(
                update(WebhookDelivery)
                .where(WebhookDelivery.id == delivery.id, WebhookDelivery.next_attempt_at <= moment)
                .values(next_attempt_at=moment + SENDING, attempts=WebhookDelivery.attempts + 1)
            )
            if won.rowcount:  # type: ignore[attr-defined]
                taken.append(_due(delivery, hook))
    return taken


def _due(delivery: WebhookDelivery, hook: Webhook) -> Due:
    body = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":")).encode()
    moment = int(now().timestamp())
    return Due(delivery.id, hook.url, {
        "content-type": "application/json", "user-agent": "yiboling-webhook/1", "webhook-id": delivery.key,
        "webhook-timestamp": str(moment), "webhook-signature": sign(hook.secret, delivery.key, moment, body),
    }, body)


def delivered(delivery_id: int, response: str) -> None:
    """The other side has taken it."""
    with transaction() as session:
        delivery = session.get(WebhookDelivery, delivery_id)
        if delivery is not None:
            delivery.delivered_at, delivery.next_attempt_at, delivery.response = now(), None, response[:200]
            session.get_one(Webhook, delivery.webhook_id).failing_since = None


def failed(delivery_id: int, response: str, gone: bool = False) -> None:
    """Later again, or given up. `gone`: the other side wants no more (410), so the webhook is switched off."""
    with transaction() as session:
        delivery = session.get(WebhookDelivery, delivery_id)
        if delivery is None:
            return
        hook = session.get_one(Webhook, delivery.webhook_id)
        hook.failing_since, hook.active = hook.failing_since or now(), hook.active and not gone
        wait = None if gone else wait_after(delivery.attempts)
        delivery.response = response[:200]
        delivery.next_attempt_at = now() + wait if wait else None
        delivery.failed_at = None if wait else now()


def forget_old() -> None:
    """What is over is kept for thirty days."""
    with transaction() as session:
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.next_attempt_at.is_(None),
                                                      WebhookDelivery.created_at < now() - KEPT))
