"""Webhooks as admins keep them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain import webhook as rules
from bot.domain.access import Actor, Right
from bot.errors import BadInput, NotFound
from bot.services import announcing
from bot.services.history import note
from bot.storage import Webhook, WebhookDelivery, now

MOST = 20


def every(session: Session) -> list[Webhook]:
    """All of them, oldest first."""
    return list(session.scalars(select(Webhook).order_by(Webhook.id)))


def add(session: Session, actor: Actor, url: str, events: list[str]) -> Webhook:
    """A new one, active; its `secret` is what the other side checks signatures with. Raises BadInput."""
    actor.must(Right.MANAGE_DIRECTORY)
    if len(every(session)) >= MOST:
        raise BadInput("webhook.too_many", most=MOST)
    hook = Webhook(url=rules.check_url(url), secret=rules.new_secret(), events=rules.check_events(events),
                   created_by=actor.id)
    session.add(hook)
    session.flush()
    note(session, "webhook", hook.id, actor.id, "created", why=" ".join([hook.url, *hook.events]))
    return hook


def switch(session: Session, actor: Actor, hook_id: int, on: bool) -> Webhook:
    """On or off. What waits while it is off is delivered once it is on again."""
    hook = _find(session, actor, hook_id)
    if hook.active != on:
        hook.active, hook.failing_since = on, None
        note(session, "webhook", hook.id, actor.id, "switched_on" if on else "switched_off", why=hook.url)
    return hook


def renew_secret(session: Session, actor: Actor, hook_id: int) -> Webhook:
    """Another secret from now on, also for what waits."""
    hook = _find(session, actor, hook_id)
    hook.secret = rules.new_secret()
    note(session, "webhook", hook.id, actor.id, "secret_renewed", why=hook.url)
    return hook


def remove(session: Session, actor: Actor, hook_id: int) -> None:
    """Gone, with what waited for it."""
    hook = _find(session, actor, hook_id)
    note(session, "webhook", hook.id, actor.id, "removed", why=hook.url)
    session.delete(hook)


def ping(session: Session, actor: Actor, hook_id: int) -> WebhookDelivery:
    """A delivery that says nothing, to see whether it arrives."""
    hook = _find(session, actor, hook_id)
    return announcing.put(session, hook, rules.PING, {})


def again(session: Session, actor: Actor, delivery_id: int) -> WebhookDelivery:
    """Deliver once more what was given up or delivered: the same key, so that the other side knows it."""
    actor.must(Right.MANAGE_DIRECTORY)
    delivery = session.get(WebhookDelivery, delivery_id)
    if delivery is None:
        raise NotFound("webhook.unknown")
    delivery.next_attempt_at, delivery.attempts, delivery.failed_at, delivery.delivered_at = now(), 0, None, None
    return delivery


def recent(session: Session, hook_id: int, limit: int = 20) -> list[WebhookDelivery]:
    """Its newest deliveries."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook_id)
    return list(session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit)))


def _find(session: Session, actor: Actor, hook_id: int) -> Webhook:
    actor.must(Right.MANAGE_DIRECTORY)
    hook = session.get(Webhook, hook_id)
    if hook is None:
        raise NotFound("webhook.unknown")
    return hook
