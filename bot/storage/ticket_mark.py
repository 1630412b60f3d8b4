"""What tickets are found by, beside them: a ticket's own row changes at every step, this one hardly ever."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, cast, event, func, inspect, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.searching import marks
from bot.domain.ticket import ENDED
from bot.storage.base import Base
from bot.storage.conversation import Conversation
from bot.storage.ticket import Assignment, Ticket

LIVE = "live"
"""The mark of a ticket that has not ended."""
_OF_TICKET = ("description", "place", "number", "item", "kind", "street", "community", "state", "urged", "reopened")
_OF_PART = ("department", "role", "unit", "state")
_TELLING = {"state": lambda value: value in (*ENDED, AssignmentState.RETURNED.value), "urged": bool, "reopened": bool}
"""Of these values only what they tell is marked."""


class TicketMark(Base):
    """The marks of a ticket, with blanks between them: those of its words (`bot/domain/searching.py`), and one for each
    thing lists are narrowed by. PostgreSQL keeps them as a tsvector with a GIN index, so that any combination is found
    by that one index; SQLite as text."""

    __tablename__ = "ticket_mark"
    __table_args__ = (Index("ix_ticket_mark_received", "received_at", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True,
                                           autoincrement=False)
    received_at: Mapped[datetime]
    marks: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), deferred=True)


def of_row(row: Mapping[str, Any], parts: Iterable[Any], channel: str = "") -> str:
    """All marks of a ticket, from its columns by name and its parts."""
    found = [f"{name}={row[name]}" for name in ("item", "kind", "street", "community") if row[name]]
    found += [f"channel={channel}"] if channel else []
    found += [flag for flag in ("urged", "reopened") if row[flag]]
    found += [] if row["state"] in ENDED else [LIVE]
    for part in parts:
        if part.role != AssignmentRole.PAST:
            found += [f"dep={part.department}", *([f"unit={part.unit}"] if part.unit else [])]
            found += [f"back={part.department}"] if part.state == AssignmentState.RETURNED else []
    where = str((row["place"] or {}).get("text") or "")
    return " ".join([*dict.fromkeys(found), marks(f"{row['description']} {where}", row["number"])])


@event.listens_for(Session, "after_flush")
def _follow(session: Session, _context: Any) -> None:
    """The marks follow the ticket, whoever changes it."""
    for ticket in {_touched(thing) for thing in [*session.new, *session.dirty]} - {None}:
        if ticket is not None and ticket.id is not None:
            _write(session, ticket)


def _touched(thing: object) -> Ticket | None:
    if isinstance(thing, Ticket):
        return thing if _changed(thing, _OF_TICKET) else None
    if isinstance(thing, Assignment):
        return thing.ticket if _changed(thing, _OF_PART) else None
    return None


def _changed(thing: Ticket | Assignment, names: Iterable[str]) -> bool:
    """Whether a mark may differ: of a state that does not end it, of one more time urged, none does."""
    state = inspect(thing)
    for name in names:
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        if not history.deleted or not history.added:
            return True
        before, after = history.deleted[0], history.added[0]
        telling = _TELLING.get(name)
        if telling is None or telling(before) != telling(after):
            return True
    return False


def _write(session: Session, ticket: Ticket) -> None:
    on_postgres = session.get_bind().dialect.name == "postgresql"
    channel = select(Conversation.channel).where(Conversation.id == ticket.conversation_id).scalar_subquery()
    own = of_row({name: getattr(ticket, name) for name in _OF_TICKET}, ticket.assignments) + " channel="
    found: Any = func.concat(own, channel) if on_postgres else literal(own) + channel
    insert = postgresql.insert if on_postgres else sqlite.insert
    row = insert(TicketMark).values(ticket_id=ticket.id, received_at=ticket.received_at,
                                    marks=cast(found, TSVECTOR) if on_postgres else found)
    session.connection().execute(
        row.on_conflict_do_update(index_elements=["ticket_id"], set_={"marks": row.excluded.marks})
    )
