"""Who changed what, when and why: a row for every state change and every look at personal data."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, now


class Change(Base):
    """`subject` is ticket | handoff | referral | conversation | account, or what an admin keeps (provider, team …);
    `actor` citizen, bot, clock, cli, visitor (somebody at the sign-in page), `account:7` or `token:3`."""

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_subject", "subject", "subject_id"), Index("ix_change_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(24))
    before: Mapped[str] = mapped_column(String(24), default="")
    after: Mapped[str] = mapped_column(String(24), default="")
    why: Mapped[str] = mapped_column(Text, default="")
