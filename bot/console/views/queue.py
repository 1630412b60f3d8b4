"""The queue as an operator sees it."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.people import accounts_by_id, holder_names, team_names
from bot.domain.access import Actor
from bot.domain.handoff import HandoffState, Reason
from bot.i18n import text
from bot.services import handoffs
from bot.services.catalogue import catalogue
from bot.services.replies import SPOKEN
from bot.services.settings import value
from bot.storage import Conversation, Handoff, Message


@dataclass(frozen=True)
class Row:
    """One citizen in the queue. `unanswered` counts what the citizen wrote since an operator last answered. `yours`:
    it is her turn to take this one; `offered`: the colleague whose turn it is."""

    handoff: int
    conversation: str
    name: str
    channel: str
    language: str
    reason: str
    emergency: str
    last_words: str
    waiting: bool
    mine: bool
    holder: str
    since: datetime
    escalated: bool
    unanswered: int
    unanswered_since: datetime | None
    account: int | None = None
    team: str = ""
    yours: bool = False
    offered: str = ""


@dataclass(frozen=True)
class Queue:
    """The groups in the order shown: emergencies nobody has taken, mine, waiting, held by colleagues. `offering`:
    those who wait are offered to one operator after the other."""

    urgent: list[Row]
    mine: list[Row]
    waiting: list[Row]
    others: list[Row]
    offering: bool = True
    others_count: int = 0

    @property
    def unclaimed(self) -> list[Row]:
        return [*self.urgent, *self.waiting]


def read(session: Session, actor: Actor, language: str, others: bool = True) -> Queue:
    """Everybody who waits or is being served, in the service's order within each group; whose turn is hers first. Those
    held by colleagues are only counted without `others`: with a hundred of them they are most of the cost."""
    queue = handoffs.queue(session)
    shown = queue if others else [h for h in queue if h.state == HandoffState.WAITING or _is_hers(h, actor)]
    rows = _rows(session, shown, actor, language)
    return Queue(
        urgent=_hers_first([r for r in rows if r.waiting and r.emergency]),
        mine=[r for r in rows if r.mine],
        waiting=_hers_first([r for r in rows if r.waiting and not r.emergency]),
        others=[r for r in rows if not r.waiting and not r.mine],
        offering=value(session, "assignment") == "offer",
        others_count=sum(h.state == HandoffState.ACTIVE and not _is_hers(h, actor) for h in queue),
    )


def _is_hers(handoff: Handoff, actor: Actor) -> bool:
    return handoff.state == HandoffState.ACTIVE and handoff.account_id == actor.account_id


def in_order(session: Session, actor: Actor, language: str) -> list[Row]:
    """All of them as the service orders them, whoever's turn it is."""
    return _rows(session, handoffs.queue(session), actor, language)


def _hers_first(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: not r.yours)


def as_it_is(session: Session, handoff: Handoff, actor: Actor, language: str) -> str:
    """Who has a handoff now, in words, for somebody who came too late."""
    if handoff.state == HandoffState.ACTIVE and handoff.account_id == actor.account_id:
        return text("console.now_mine", language)
    name = holder_names(session, [handoff.holder]).get(handoff.holder) or text("console.actor_citizen", language)
    return text(f"console.now_{handoff.state}", language, name=name)


def _rows(session: Session, queue: list[Handoff], actor: Actor, language: str) -> list[Row]:
    ids = [h.conversation_id for h in queue]
    conversations = {c.id: c for c in session.scalars(select(Conversation).where(Conversation.id.in_(ids)))}
    last, unanswered = _last_words(session, ids), _unanswered(session, ids)
    names = {i: a.name for i, a in accounts_by_id(session, [h.offered_to for h in queue]).items()}
    holders, teams = holder_names(session, [h.holder for h in queue]), team_names(session, language)
    return [
        replace(_row(h, conversations[h.conversation_id], last.get(h.conversation_id),
                     unanswered.get(h.conversation_id), holders.get(h.holder, ""), actor, language),
                account=h.account_id, team=teams.get(h.team, ""), offered=names.get(h.offered_to or 0, ""))
        for h in queue
    ]


def _row(
    handoff: Handoff, conversation: Conversation, last: Message | None, unanswered: tuple[int, datetime] | None,
    holder: str, actor: Actor, language: str,
) -> Row:
    # Who is on the phone is answered there, not here.
    count, first = unanswered if unanswered and conversation.channel not in SPOKEN else (0, None)
    return Row(
        handoff=handoff.id, conversation=conversation.id, name=words.citizen(conversation, language),
        channel=words.channel(conversation.channel, language), language=conversation.language,
        reason=text(f"console.reason_{handoff.reason}", language), emergency=_emergency(handoff, language),
        last_words=_short(last, language), waiting=handoff.state == HandoffState.WAITING,
        mine=_is_hers(handoff, actor), holder=holder,
        since=handoff.waiting_since, escalated=handoff.escalated_at is not None, unanswered=count,
        unanswered_since=max(first, handoff.claimed_at or first) if first else None,
        yours=handoff.state == HandoffState.WAITING and actor.account_id is not None
        and handoff.offered_to == actor.account_id,
    )


def _emergency(handoff: Handoff, language: str) -> str:
    if handoff.reason != Reason.EMERGENCY:
        return ""
    known = catalogue().emergencies.get(handoff.emergency)
    return known.name(language) if known else text("console.reason_emergency", language)


def _short(message: Message | None, language: str) -> str:
    if message is None:
        return ""
    if message.kind in ("photo", "voice", "location"):
        label = text(f"console.kind_{message.kind}", language)
        return f"{label} {message.text}".strip()
    return message.text[:120]


def last_words(session: Session, ids: list[str], language: str) -> dict[str, str]:
    """What each citizen said last, in short."""
    return {id_: _short(message, language) for id_, message in _last_words(session, ids).items()}


def _last_words(session: Session, ids: list[str]) -> dict[str, Message]:
    newest = _newest(ids, "citizen")
    query = select(Message).join(newest, (newest.c.of == Message.conversation_id) & (newest.c.seq == Message.seq))
    return {m.conversation_id: m for m in session.scalars(query)}


def _unanswered(session: Session, ids: list[str]) -> dict[str, tuple[int, datetime]]:
    answered = _newest(ids, "operator")
    query = (
        select(Message.conversation_id, func.count(), func.min(Message.created_at))
        .outerjoin(answered, answered.c.of == Message.conversation_id)
        .where(Message.conversation_id.in_(ids), Message.sender == "citizen",
               Message.seq > func.coalesce(answered.c.seq, 0))
        .group_by(Message.conversation_id)
    )
    return {of: (count, first) for of, count, first in session.execute(query)}


def _newest(ids: list[str], sender: str) -> Subquery:
    """The number of each conversation's last message from that side: columns `of`, `seq`."""
    return (
        select(Message.conversation_id.label("of"), func.max(Message.seq).label("seq"))
        .where(Message.conversation_id.in_(ids), Message.sender == sender).group_by(Message.conversation_id).subquery()
    )
