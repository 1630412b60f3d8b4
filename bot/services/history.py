"""Writing down who changed what."""

from sqlalchemy.orm import Session

from bot.storage import Change


def note(
    session: Session, subject: str, subject_id: object, actor: str, what: str, before: str = "", after: str = "",
    why: str = "",
) -> Change:
    """Add one row to the history."""
    change = Change(subject=subject, subject_id=str(subject_id), actor=actor, what=what, before=before, after=after,
                    why=why)
    session.add(change)
    session.flush()
    return change
