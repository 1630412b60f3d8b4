"""Deadlines, and the supervision they lead to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, now

_RUNS = text("next_at IS NOT NULL")
_OPEN = text("stopped_at IS NULL")
_TO_TELL = text("told_at IS NULL AND level = 1 AND kind = 'answer'")


class Clock(Base):
    """A clock of `bot/domain/clock.py`. All its times are stored when it starts: `next_at`, the one that comes next, is
    what the sweep looks for; it is empty while nothing is to happen. `level` counts those that were taken.
    `department` is who is answerable, empty for the hotline's own desk."""

    __tablename__ = "clock"
    __table_args__ = (
        Index("ix_clock_next_at", "next_at", postgresql_where=_RUNS, sqlite_where=_RUNS),
        Index("uq_clock_open", "subject", "subject_id", "kind", unique=True, postgresql_where=_OPEN,
              sqlite_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    department: Mapped[str] = mapped_column(String(32), default="")
    limit_seconds: Mapped[int]
    notice_seconds: Mapped[int]
    around_the_clock: Mapped[bool]
    started_at: Mapped[datetime]
    warn_at: Mapped[datetime]
    due_at: Mapped[datetime]
    supervise_at: Mapped[datetime | None]
    escalate_at: Mapped[datetime | None]
    level: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    remaining_seconds: Mapped[int | None]
    stopped_at: Mapped[datetime | None]


class Supervision(Base):
    """One step of the ladder, as it was written: level 0 due soon, 1 overdue (yellow card), 2 written supervision (red
    card), 3 the leader. `due_at` is when the step was due, `at` when it was done; `told_at` when the citizen was told
    that the answer is overdue. One `written_by` a supervisor is of kind manual and says by when it is to be
    answered."""

    __tablename__ = "supervision"
    __table_args__ = (Index("ix_supervision_department_due_at", "department", "due_at"),
                      Index("ix_supervision_to_tell", "id", postgresql_where=_TO_TELL, sqlite_where=_TO_TELL))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    department: Mapped[str] = mapped_column(String(32), default="")
    kind: Mapped[str] = mapped_column(String(16))
    level: Mapped[int]
    due_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(default=now)
    words: Mapped[str] = mapped_column(Text)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(String(40), default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    written_by: Mapped[str] = mapped_column(String(40), default="")
    reply_due_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
