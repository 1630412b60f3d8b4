"""Messages of both directions, and the files that came with them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, now


class Message(Base):
    """`seq` numbers a conversation's messages without gaps in commit order.

    Incoming rows have `state` received → handled | escalated; outgoing rows have `delivery` pending → sent | failed,
    or `ready` where the channel fetches by itself.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "external_id"),
        UniqueConstraint("conversation_id", "reply_key"),
        Index("ix_message_received", "created_at", sqlite_where=text("state = 'received'"),
              postgresql_where=text("state = 'received'")),
        Index("ix_message_outbox", "next_attempt_at", sqlite_where=text("delivery = 'pending'"),
              postgresql_where=text("delivery = 'pending'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int]
    sender: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(10), default="text")
    text: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    buttons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    cards: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    external_id: Mapped[str | None] = mapped_column(String(128))
    reply_key: Mapped[str | None] = mapped_column(String(80))
    in_reply_to: Mapped[int | None]
    state: Mapped[str | None] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    understanding: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    delivery: Mapped[str | None] = mapped_column(String(8))
    delivery_error: Mapped[str] = mapped_column(String(200), default="")
    next_attempt_at: Mapped[datetime | None]
    account_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]


class Attachment(Base):
    """A stored file: a photo or a voice note, or a department's paper. `path` is relative to the uploads folder; `by`
    is citizen, or the account that added it; an `internal` one is never shown to the citizen."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    path: Mapped[str] = mapped_column(String(80))
    by: Mapped[str] = mapped_column(String(40), default="citizen")
    name: Mapped[str] = mapped_column(String(120), default="")
    internal: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
