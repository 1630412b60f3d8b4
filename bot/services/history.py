"""Writing down who changed what."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.storage import Change, now


def note(
    session: Session, subject: str, subject_id: object, actor: str, what: str, before: str = "", after: str = "",
    why: str = "",
) -> Change:
    """Add one row to the history; it is written with whatever is written next."""
    change = Change(subject=subject, subject_id=str(subject_id), at=now(), actor=actor, what=what, before=before,
                    after=after, why=why)
    session.add(change)
    return change


def note_many(session: Session, actor: str, changes: Sequence[dict[str, Any]]) -> None:
    """Add many rows at once; each has subject, subject_id, what, and may have before, after, why."""
    if changes:
        session.execute(insert(Change), [{"actor": actor, **change} for change in changes])
