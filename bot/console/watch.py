"""Noticing what other processes wrote when no signal says so: a cheap look at SQL every two seconds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.storage import Account, Change, Conversation, Handoff, Message, now, reading

RECENT = timedelta(seconds=60)
"""Longer than any transaction stays open: a message numbered earlier may be committed later."""
LAST_CHANGES = 100


@dataclass(frozen=True)
class Sight:
    """What one look saw."""

    said: dict[str, int] = field(default_factory=dict)
    under_way: dict[int, str] = field(default_factory=dict)
    queue: frozenset[tuple[object, ...]] = frozenset()
    on_duty: frozenset[tuple[object, ...]] = frozenset()
    ticket_changes: frozenset[int] = frozenset()


class Watch:
    """Compares each look with the one before."""

    def __init__(self) -> None:
        self._last: Sight | None = None

    def changed(self) -> set[str]:
        """Topics that changed since the last call, named as `signals` names them; nothing on the first."""
        with reading() as session:
            sight = look(session)
        before, self._last = self._last, sight
        return differences(before, sight) if before else set()


def look(session: Session) -> Sight:
    """Read what may have changed; every query runs on an index and over few rows."""
    spoken = select(Conversation.id, Conversation.last_seq).where(Conversation.last_message_at > now() - RECENT)
    queue = select(Handoff.id, Handoff.state, Handoff.account_id, Handoff.priority, Handoff.warned_at,
                   Handoff.escalated_at, Handoff.offered_to, Handoff.team).where(
        Handoff.state.in_(["waiting", "active"])
    )
    on_duty = select(Account.id, Account.presence).where(Account.presence != "off")
    changes = session.execute(select(Change.id, Change.subject).order_by(Change.id.desc()).limit(LAST_CHANGES))
    return Sight(
        said={row.id: row.last_seq for row in session.execute(spoken)},
        under_way=_under_way(session),
        queue=frozenset(tuple(row) for row in session.execute(queue)),
        on_duty=frozenset(tuple(row) for row in session.execute(on_duty)),
        ticket_changes=frozenset(id_ for id_, subject in changes if subject == "ticket"),
    )


def differences(before: Sight, after: Sight) -> set[str]:
    """Topics to wake."""
    topics = {id_ for id_, seq in after.said.items() if before.said.get(id_, 0) < seq}
    topics |= {before.under_way[id_] for id_ in before.under_way.keys() - after.under_way.keys()}
    if before.queue != after.queue or before.on_duty != after.on_duty:
        topics.add("queue")
    if after.ticket_changes - before.ticket_changes:
        topics.add("tickets")
    return topics


def _under_way(session: Session) -> dict[int, str]:
    """Messages not understood or not delivered yet: once they are, their conversation looks different.

    The states are written into the SQL, as in the partial indexes that find them.
    """
    waiting: Iterable[tuple[int, str]] = (
        (id_, conversation)
        for condition in ("state = 'received'", "delivery = 'pending'")
        for id_, conversation in session.execute(
            select(Message.id, Message.conversation_id).where(text(condition)).limit(500)
        )
    )
    return dict(waiting)
