"""Telling other systems of a ticket's steps: a row for each webhook, in the transaction of the step itself."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.clock import Rung
from bot.domain.ticket import TicketState
from bot.domain.webhook import SUPERVISION
from bot.storage import Supervision, Ticket, Webhook, WebhookDelivery, now
from bot.storage.session import once

BY = {"citizen": "citizen", "bot": "hotline", "clock": "clock"}


def moved(session: Session, ticket: Ticket, before: TicketState | None, actor: str) -> None:
    """The ticket has another state; `before` is None for a new one. Nothing that names a person leaves the house."""
    event = f"ticket.{ticket.state}"
    if hooks := _wanting(session, event):
        data = {**facts(ticket), "before": before.value if before else None, "by": BY.get(actor, "staff")}
        for hook in hooks:
            put(session, hook, event, data)


def supervised(session: Session, rung: Rung, paper: Supervision, number: str, item: str, deadline: datetime) -> None:
    """A deadline is near or was missed, or a supervisor has written: so that it reaches people where they look. The
    hotline's own words name no citizen; what a supervisor wrote by hand might, and stays in the house."""
    event = f"ticket.{rung.value}"
    data = {"number": number, "item": item, "department": paper.department or None, "clock": paper.kind,
            "level": paper.level, "deadline": deadline.isoformat(), "words": "" if paper.written_by else paper.words}
    for hook in _wanting(session, event):
        put(session, hook, event, data)


def supervision_wanted(session: Session) -> bool:
    """Whether any system is told of supervision."""
    return any(_wanting(session, event) for event in SUPERVISION)


def _wanting(session: Session, event: str) -> list[Webhook]:
    active = once(session, "webhooks", lambda: list(session.scalars(select(Webhook).where(Webhook.active))))
    return [hook for hook in active if not hook.events or event in hook.events]


def put(session: Session, hook: Webhook, event: str, data: dict[str, Any]) -> WebhookDelivery:
    """One delivery, due now."""
    moment = now()
    body = {"type": event, "timestamp": moment.isoformat(), "data": data}
    delivery = WebhookDelivery(webhook_id=hook.id, key=f"msg_{secrets.token_hex(12)}", event=event, body=body,
                               created_at=moment, next_attempt_at=moment)
    session.add(delivery)
    return delivery


def facts(ticket: Ticket) -> dict[str, Any]:
    """What a ticket is and how it stands, without words or people."""
    return {
        "number": ticket.number, "state": ticket.state, "item": ticket.item, "kind": ticket.kind,
        "department": ticket.lead or None, "street": ticket.street or None, "community": ticket.community or None,
        "received_at": ticket.received_at.isoformat(), "due_at": ticket.due_at.isoformat(),
        "outcome": ticket.outcome or None, "score": ticket.score, "solved": ticket.solved,
        "reopened": ticket.reopened, "urged": ticket.urged,
    }
