"""Tickets, the departments' parts in them, more time asked for, and day counters for their numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.storage.base import Base, now


class Ticket(Base):
    """`opened_by` is the message that confirmed it: confirming twice opens once. `due_at` is the answer clock's. Not
    solved a second time, it `needs_call`: a supervisor calls the citizen."""

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_state_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    opened_by: Mapped[int | None] = mapped_column(unique=True)
    item: Mapped[str] = mapped_column(String(48), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    description: Mapped[str] = mapped_column(Text)
    place: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    occurred_at: Mapped[str] = mapped_column(String(80), default="")
    contact_name: Mapped[str] = mapped_column(String(64), default="")
    contact_phone: Mapped[str] = mapped_column(String(24), default="")
    anonymous: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20), default="received")
    outcome: Mapped[str] = mapped_column(String(16), default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    score: Mapped[int | None]
    solved: Mapped[bool | None]
    urged: Mapped[int] = mapped_column(default=0)
    last_urged_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    needs_call: Mapped[bool] = mapped_column(default=False)
    merged_into: Mapped[int | None] = mapped_column(index=True)
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="ticket", order_by="Assignment.id")

    @property
    def lead(self) -> str:
        """The department that leads it."""
        return next((a.department for a in self.assignments if a.role == "lead"), "")


class Assignment(Base):
    """One department's part: lead or co-handler. `proposed` is the department that one giving it back named."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("ticket_id", "department"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    department: Mapped[str] = mapped_column(String(32), index=True)
    role: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(12), default="dispatched")
    note: Mapped[str] = mapped_column(Text, default="")
    proposed: Mapped[str] = mapped_column(String(32), default="")
    ticket: Mapped[Ticket] = relationship(back_populates="assignments")


class Extension(Base):
    """More time, as a department asked for it. `granted` is None until somebody decides."""

    __tablename__ = "extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    department: Mapped[str] = mapped_column(String(32))
    days: Mapped[int]
    why: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    granted: Mapped[bool | None]
    decided_by: Mapped[str] = mapped_column(String(40), default="")
    decided_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(Text, default="")


class Counter(Base):
    """A number that only grows, e.g. tickets of a day."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]
