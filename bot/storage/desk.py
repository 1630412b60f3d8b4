"""What operators keep beside a conversation: canned replies, notes, corrections of what the bot understood."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, now


class CannedReply(Base):
    """A text operators send often. Variables stand in braces: {citizen}, {operator}, {item}, {department}, {hotline},
    {number}. `team` empty means everybody's."""

    __tablename__ = "canned_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    shortcut: Mapped[str] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    team: Mapped[str] = mapped_column(String(32), default="")
    removed: Mapped[bool] = mapped_column(default=False)


class StaffNote(Base):
    """Words between operators about a conversation; the citizen never sees them."""

    __tablename__ = "staff_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None]
    author: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)


class Correction(Base):
    """An operator's verdict on what a message meant: training data, once somebody has read it."""

    __tablename__ = "correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), unique=True)
    heard: Mapped[str] = mapped_column(String(48), default="")
    right: Mapped[str] = mapped_column(String(48))
    account_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(default=now)
