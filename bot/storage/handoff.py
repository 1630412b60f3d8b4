"""The handoff queue."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, now

_OPEN = text("state IN ('waiting', 'active')")


class Handoff(Base):
    """At most one open per conversation, held by a partial unique index. `holder` is the actor who claimed it, an
    account or an API token; `account_id` only an account. `team` empty means everybody's; `offered_to` is whose turn it
    is to take it; `brief` is what was known when it was asked for; `outcome` how it ended."""

    __tablename__ = "handoff"
    __table_args__ = (
        Index("uq_handoff_open", "conversation_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_handoff_queue", "state", "priority", "waiting_since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    reason: Mapped[str] = mapped_column(String(12))
    emergency: Mapped[str] = mapped_column(String(32), default="")
    priority: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    waiting_since: Mapped[datetime] = mapped_column(default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    holder: Mapped[str] = mapped_column(String(24), default="")
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    team: Mapped[str] = mapped_column(String(32), default="")
    item: Mapped[str] = mapped_column(String(48), default="")
    brief: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    offered_to: Mapped[int | None]
    offered_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(12), default="")
    note: Mapped[str] = mapped_column(Text, default="")
