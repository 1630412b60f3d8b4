"""Outgoing messages on their way: the next one of each conversation, in order, with retries.

A message is taken by a conditional UPDATE, so two workers never send the same one; one that was taken by a worker
that died is due again when its lease runs out.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, not_, select, update
from sqlalchemy.orm import Session

from bot.storage import Conversation, Message, now, reading, touch, transaction

SENDING = timedelta(seconds=60)
BACKOFF_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 900)
GIVE_UP_AFTER = len(BACKOFF_SECONDS)


def take_due(channel: str, limit: int = 20) -> list[tuple[Message, Conversation]]:
    """The oldest pending message of each conversation of a channel, if it is due; each is ours for a minute."""
    taken = []
    with transaction() as session:
        oldest = (
            select(func.min(Message.seq).label("seq"), Message.conversation_id.label("of"))
            .where(Message.delivery == "pending", not_(_for_later())).group_by(Message.conversation_id).subquery()
        )
        query = (
            select(Message, Conversation).join(Conversation, Conversation.id == Message.conversation_id)
            .join(oldest, (oldest.c.of == Message.conversation_id) & (oldest.c.seq == Message.seq))
            .where(Conversation.channel == channel, Message.next_attempt_at <= now())
            .order_by(Message.id).limit(limit)
        )
        for message, conversation in session.execute(query).all():
            won = session.execute(
                update(Message)
                .where(Message.id == message.id, Message.delivery == "pending", Message.next_attempt_at <= now())
                .values(next_attempt_at=now() + SENDING, attempts=Message.attempts + 1)
            )
            if won.rowcount:  # type: ignore[attr-defined]
                session.refresh(message)
                taken.append((message, conversation))
    return taken


def _for_later() -> ColumnElement[bool]:
    """Never tried, because it is for the morning: it holds nobody up."""
    return and_(Message.attempts == 0, Message.delivery_error == "", Message.next_attempt_at > now())


def delivered(message_id: int) -> None:
    """The other side has it."""
    with transaction() as session:
        message = session.get_one(Message, message_id)
        message.delivery, message.sent_at, message.next_attempt_at = "sent", now(), None
        touch(session, "outbox")


def failed(message_id: int, why: str, permanent: bool, retry_after: float | None = None) -> None:
    """Try again later, or give up for good: what follows in the conversation is not held back for ever."""
    with transaction() as session:
        message = session.get_one(Message, message_id)
        message.delivery_error = why[:200]
        if retry_after is not None and not permanent:
            message.attempts -= 1  # told to wait is not a failure
        elif permanent or message.attempts >= GIVE_UP_AFTER:
            message.delivery, message.next_attempt_at = "failed", None
            touch(session, "outbox")
            return
        wait = retry_after if retry_after is not None else BACKOFF_SECONDS[min(message.attempts, GIVE_UP_AFTER) - 1]
        message.next_attempt_at = now() + timedelta(seconds=wait)


def pending(session: Session | None = None) -> int:
    """How many messages wait to be delivered."""
    query = select(func.count()).select_from(Message).where(Message.delivery == "pending")
    if session is not None:
        return session.scalar(query) or 0
    with reading() as own:
        return own.scalar(query) or 0
