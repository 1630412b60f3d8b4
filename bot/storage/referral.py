"""Referrals: life-service requests given to a provider."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, now


class Referral(Base):
    """`chosen_by` is the message that chose the provider: choosing twice refers once. `came`: they did, the citizen
    says."""

    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_state_follow_up", "state", "follow_up_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    chosen_by: Mapped[int | None] = mapped_column(unique=True)
    item: Mapped[str] = mapped_column(String(48))
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), index=True)
    place: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(8), default="open")
    outcome: Mapped[str] = mapped_column(String(12), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    follow_up_at: Mapped[datetime]
    came: Mapped[bool | None]
    reminded_at: Mapped[datetime | None]
    score: Mapped[int | None]
    solved: Mapped[bool | None]
    closed_at: Mapped[datetime | None]
