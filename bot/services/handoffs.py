"""The queue of citizens who need a human: asking, claiming, answering, giving back, ending."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.handoff import ESCALATE_AFTER_SECONDS, HandoffState, Reason, check_move, priority
from bot.domain.message import Button, clean_text
from bot.errors import BadInput, Conflict, NotFound
from bot.i18n import text
from bot.services.conversations import open_handoff
from bot.services.history import note
from bot.services.replies import Turn, append, say, tell
from bot.storage import Conversation, Handoff, Message, now, touch


def request(session: Session, conversation_id: str, reason: Reason, emergency: str = "") -> Handoff:
    """Put a conversation in the queue; one already there keeps its place, or moves up for a graver reason."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None:
        handoff = Handoff(conversation_id=conversation_id, reason=reason.value, emergency=emergency,
                          priority=priority(reason))
        session.add(handoff)
        session.flush()
        note(session, "handoff", handoff.id, "bot", "requested", after="waiting", why=emergency or reason.value)
    elif priority(reason) > handoff.priority:
        note(session, "handoff", handoff.id, "bot", "raised", handoff.reason, reason.value, emergency)
        handoff.priority, handoff.reason, handoff.emergency = priority(reason), reason.value, emergency
    touch(session, "queue")
    return handoff


def waiting(session: Session, conversation_id: str) -> Handoff | None:
    """The handoff that nobody has taken yet, if any."""
    handoff = open_handoff(session, conversation_id)
    return handoff if handoff is not None and handoff.state == HandoffState.WAITING else None


def tell_waiting(session: Session, turn: Turn) -> None:
    """How long the citizen has waited, and what to do meanwhile."""
    handoff = waiting(session, turn.conversation_id)
    minutes = int((now() - handoff.waiting_since).total_seconds() // 60) if handoff else 0
    say(session, turn, "handoff.waiting_on" if minutes else "handoff.soon", minutes=minutes,
        buttons=[Button("ticket", text("button.leave_ticket", turn.language)),
                 Button("cancel", text("button.stop_waiting", turn.language))])


def queue(session: Session) -> list[Handoff]:
    """Waiting and active handoffs: emergencies first, then who waits longest."""
    query = select(Handoff).where(Handoff.state.in_(["waiting", "active"]))
    return list(session.scalars(query.order_by(Handoff.priority.desc(), Handoff.waiting_since, Handoff.id)))


def claim(session: Session, handoff_id: int, actor: Actor) -> Handoff:
    """Take a waiting conversation. Of two who try at once one wins, the other gets Conflict."""
    actor.must(Right.TAKE_HANDOFFS)
    handoff = find(session, handoff_id)
    won = session.execute(
        update(Handoff).where(Handoff.id == handoff_id, Handoff.state == "waiting")
        .values(state="active", account_id=actor.account_id, holder=actor.id, claimed_at=now())
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        raise Conflict("handoff.taken")
    session.refresh(handoff)
    note(session, "handoff", handoff.id, actor.id, "claimed", "waiting", "active")
    _announce(session, handoff, "handoff.claimed", name=actor.name)
    return handoff


def reply(session: Session, handoff_id: int, actor: Actor, words: str, client_id: str = "") -> Message | None:
    """An operator's words to the citizen. The same `client_id` again sends nothing twice."""
    handoff = _held_by(session, handoff_id, actor)
    cleaned, _ = clean_text(words, 4000)
    if not cleaned:
        raise BadInput("message.empty")
    key = f"op:{handoff.id}:{client_id}"[:80] if client_id else None
    if key is None:
        return append(session, handoff.conversation_id, sender="operator", text=cleaned, account_id=actor.account_id)
    return tell(session, handoff.conversation_id, cleaned, key, sender="operator", account_id=actor.account_id)


def give_back(session: Session, handoff_id: int, actor: Actor) -> Handoff:
    """Back to the bot; it says so and goes on."""
    handoff = _held_by(session, handoff_id, actor)
    _close(session, handoff, HandoffState.RETURNED, actor.id)
    _announce(session, handoff, "handoff.returned")
    return handoff


def end(session: Session, handoff_id: int, actor: Actor) -> Handoff:
    """The matter is settled; the citizen is asked to rate the help."""
    handoff = find(session, handoff_id)
    actor.must(Right.TAKE_HANDOFFS)
    if handoff.state == HandoffState.ACTIVE:
        handoff = _held_by(session, handoff_id, actor)
    _close(session, handoff, HandoffState.ENDED, actor.id)
    _announce(session, handoff, "handoff.ended")
    return handoff


def leave_queue(session: Session, conversation_id: str) -> bool:
    """The citizen does not need a human any more; emergencies stay until a human has looked."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None or handoff.state != HandoffState.WAITING or handoff.reason == Reason.EMERGENCY:
        return False
    _close(session, handoff, HandoffState.ENDED, "citizen")
    return True


def release_all_of(session: Session, account_id: int, actor: str) -> int:
    """Put everything an operator holds back into the queue, first in line; returns how many."""
    held = session.scalars(select(Handoff).where(Handoff.account_id == account_id, Handoff.state == "active")).all()
    for handoff in held:
        check_move(HandoffState.ACTIVE, HandoffState.WAITING)
        handoff.state, handoff.account_id, handoff.holder = "waiting", None, ""
        note(session, "handoff", handoff.id, actor, "released", "active", "waiting")
    touch(session, "queue")
    return len(held)


def escalate_overdue(session: Session) -> int:
    """Mark those who wait longer than five minutes, once each, for the supervisors; returns how many."""
    limit = now() - timedelta(seconds=ESCALATE_AFTER_SECONDS)
    late = session.scalars(
        select(Handoff).where(Handoff.state == "waiting", Handoff.escalated_at.is_(None), Handoff.waiting_since < limit)
    ).all()
    for handoff in late:
        handoff.escalated_at = now()
        note(session, "handoff", handoff.id, "clock", "escalated", why="waited over five minutes")
        conversation = session.get_one(Conversation, handoff.conversation_id)
        tell(session, conversation.id, text("handoff.still_waiting", conversation.language),
             f"handoff:{handoff.id}:late", [Button("ticket", text("button.leave_ticket", conversation.language))])
    if late:
        touch(session, "queue")
    return len(late)


def find(session: Session, handoff_id: int) -> Handoff:
    """The handoff; raises NotFound."""
    handoff = session.get(Handoff, handoff_id)
    if handoff is None:
        raise NotFound("handoff.unknown")
    return handoff


def _held_by(session: Session, handoff_id: int, actor: Actor) -> Handoff:
    actor.must(Right.TAKE_HANDOFFS)
    handoff = find(session, handoff_id)
    if handoff.state != HandoffState.ACTIVE:
        raise Conflict("handoff.not_active")
    if handoff.holder != actor.id:
        raise Conflict("handoff.held_by_other")
    return handoff


def _close(session: Session, handoff: Handoff, state: HandoffState, actor: str) -> None:
    before = HandoffState(handoff.state)
    check_move(before, state)
    handoff.state, handoff.ended_at = state.value, now()
    note(session, "handoff", handoff.id, actor, state.value, before.value, state.value)
    touch(session, "queue")


def _announce(session: Session, handoff: Handoff, key: str, **facts: str) -> None:
    conversation = session.get_one(Conversation, handoff.conversation_id)
    append(session, conversation.id, sender="bot", text=text(key, conversation.language, **facts))
    touch(session, "queue")
