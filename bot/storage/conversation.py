"""Conversations: one citizen in one channel."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, now


class Conversation(Base):
    """`dialogue` is Rasa's state between two messages; the lease lets one process work on it at a time.
    `seen_by_*` are message numbers read by either side; `phone` is the caller's number of a call written up."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), default="")
    language: Mapped[str] = mapped_column(String(5), default="zh")
    language_chosen: Mapped[bool] = mapped_column(default=False)
    display_name: Mapped[str] = mapped_column(String(64), default="")
    dialogue: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    last_seq: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[datetime | None]
    seen_by_citizen: Mapped[int] = mapped_column(default=0)
    seen_by_staff: Mapped[int] = mapped_column(default=0)
    merged_into: Mapped[str] = mapped_column(String(32), default="")
    phone: Mapped[str] = mapped_column(String(24), default="", index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_message_at: Mapped[datetime] = mapped_column(default=now, index=True)
