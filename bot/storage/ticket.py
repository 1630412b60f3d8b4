"""Tickets, the departments' parts in them, more time asked for, and day counters for their numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.storage.base import Base, now

NOT_ENDED = text("state NOT IN ('closed', 'merged', 'withdrawn')")
"""Few of many: what an index of its own is kept for."""


class Ticket(Base):
    """`opened_by` is the message that confirmed it: confirming twice opens once. `due_at` is the answer clock's. Not
    solved a second time, it `needs_call`: a supervisor calls the citizen. `street`, `community` and `grid` are the
    territories of its place, empty where that is not known. `confidential`: departments never see who reported it.
    `reported_by` is the account that wrote it up, empty for the citizen's own. What it is found by is `TicketMark`."""

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_state_due", "state", "due_at"),
                      Index("ix_ticket_live", "due_at", "id", postgresql_where=NOT_ENDED, sqlite_where=NOT_ENDED))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    opened_by: Mapped[int | None] = mapped_column(unique=True)
    item: Mapped[str] = mapped_column(String(48), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    description: Mapped[str] = mapped_column(Text)
    place: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    street: Mapped[str] = mapped_column(String(40), default="")
    community: Mapped[str] = mapped_column(String(40), default="")
    grid: Mapped[str] = mapped_column(String(40), default="")
    occurred_at: Mapped[str] = mapped_column(String(80), default="")
    contact_name: Mapped[str] = mapped_column(String(64), default="")
    contact_phone: Mapped[str] = mapped_column(String(24), default="", index=True)
    anonymous: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)
    reported_by: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(20), default="received")
    outcome: Mapped[str] = mapped_column(String(16), default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(default=now, index=True)
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
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
    """One department's part: lead or co-handler. `proposed` is the department that one giving it back named, `unit` its
    unit for the ticket's territory. Parts of one `step` run in parallel; a later step is queued until all before it are
    answered."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("ticket_id", "department"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    department: Mapped[str] = mapped_column(String(32), index=True)
    role: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(12), default="dispatched")
    note: Mapped[str] = mapped_column(Text, default="")
    proposed: Mapped[str] = mapped_column(String(32), default="")
    unit: Mapped[str] = mapped_column(String(40), default="", index=True)
    step: Mapped[int] = mapped_column(default=0)
    accepted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
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


class Disposal(Base):
    """What a department says it did, one row for each answer (12345's disposal form). `upheld` yes | partly | no |
    unclear: is what the citizen said so; `resolved` yes | partly | no, with the reason where not; `account` is for the
    desk, `public_answer` for the citizen."""

    __tablename__ = "disposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str] = mapped_column(String(40))
    upheld: Mapped[str] = mapped_column(String(8), default="")
    out_of_remit: Mapped[bool] = mapped_column(default=False)
    contacted_at: Mapped[datetime | None]
    resolved: Mapped[str] = mapped_column(String(8), default="")
    unresolved_reason: Mapped[str] = mapped_column(Text, default="")
    account: Mapped[str] = mapped_column(Text, default="")
    public_answer: Mapped[str] = mapped_column(Text)


class AnswerTemplate(Base):
    """A department's own beginning of an answer; for one item, or for all where `item` is empty."""

    __tablename__ = "answer_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    department: Mapped[str] = mapped_column(String(32), index=True)
    item: Mapped[str] = mapped_column(String(48), default="")
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    removed: Mapped[bool] = mapped_column(default=False)


class TicketNote(Base):
    """Internal discussion of those who have a part in a ticket, and the desk. Citizens never see it."""

    __tablename__ = "ticket_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    department: Mapped[str] = mapped_column(String(32), default="")
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(default=now)
    text: Mapped[str] = mapped_column(Text)


class GridTask(Base):
    """Something a community worker was asked to look at or do for a ticket: asked → done | declined |
    recalled, with the words, photos and place that came back."""

    __tablename__ = "grid_task"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    words: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(8), default="asked")
    report: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime | None]


class Publication(Base):
    """An answered question that a supervisor released for everybody, in words without personal data."""

    __tablename__ = "publication"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    item: Mapped[str] = mapped_column(String(48))
    department: Mapped[str] = mapped_column(String(32))
    street: Mapped[str] = mapped_column(String(40), default="")
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    released_by: Mapped[str] = mapped_column(String(40))
    released_at: Mapped[datetime] = mapped_column(default=now, index=True)
    withdrawn_by: Mapped[str] = mapped_column(String(40), default="")
    withdrawn_at: Mapped[datetime | None]


class Counter(Base):
    """A number that only grows, e.g. tickets of a day."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]
