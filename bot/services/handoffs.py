"""The queue of citizens who need a human: asking, claiming, answering, giving back, ending.

`transfers.py` moves a conversation between operators, `routing.py` offers it, `presence.py` knows who is there.
"""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.handoff import (
    ESCALATE_AFTER_SECONDS,
    RELEASED,
    WARN_AFTER_SECONDS,
    HandoffState,
    Outcome,
    Reason,
    check_move,
    priority,
)
from bot.domain.message import Button, clean_text
from bot.errors import BadInput, Conflict, NotFound
from bot.i18n import text
from bot.services.briefs import brief, draft_of
from bot.services.catalogue import catalogue
from bot.services.conversations import open_handoff
from bot.services.history import note
from bot.services.replies import SPOKEN, Turn, append, say, spoken, tell
from bot.services.teams import team_for
from bot.storage import Account, Conversation, Handoff, Message, now, touch


def request(
    session: Session, conversation_id: str, reason: Reason, emergency: str = "", turn: Turn | None = None
) -> Handoff:
    """Put a conversation in the queue with what is known; one already there keeps its place, or moves up for a graver
    reason."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None:
        known = brief(session, conversation_id, turn)
        language = session.get_one(Conversation, conversation_id).language
        handoff = Handoff(conversation_id=conversation_id, reason=reason.value, emergency=emergency, brief=known,
                          priority=priority(reason), item="" if emergency else known.get("item", ""))
        handoff.team = team_for(session, handoff.item, emergency, language)
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
        .values(state="active", account_id=actor.account_id, holder=actor.id, claimed_at=now(), offered_to=None)
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        raise Conflict("handoff.taken")
    session.refresh(handoff)
    _here(session, actor)
    note(session, "handoff", handoff.id, actor.id, "claimed", "waiting", "active")
    announce(session, handoff, "handoff.claimed", name=actor.name)
    return handoff


def reply(session: Session, handoff_id: int, actor: Actor, words: str, client_id: str = "") -> Message | None:
    """An operator's words to the citizen. The same `client_id` again sends nothing twice."""
    handoff = written_to(session, handoff_id, actor)
    _here(session, actor)
    cleaned, _ = clean_text(words, 4000)
    if not cleaned:
        raise BadInput("message.empty")
    key = f"op:{handoff.id}:{client_id}"[:80] if client_id else None
    if key is None:
        return append(session, handoff.conversation_id, sender="operator", text=cleaned, account_id=actor.account_id)
    return tell(session, handoff.conversation_id, cleaned, key, sender="operator", account_id=actor.account_id)


def give_back(session: Session, handoff_id: int, actor: Actor) -> Handoff:
    """Back to the bot; it says so and goes on with what is agreed. What was settled meanwhile, a ticket or a referral
    on the matter at hand, it does not ask about again."""
    handoff = written_to(session, handoff_id, actor)
    conversation = session.get_one(Conversation, handoff.conversation_id)
    draft = draft_of(conversation)
    item = catalogue().items.get(handoff.item)
    if handoff.outcome or (item and draft.item and item.code != draft.item):
        conversation.dialogue = {"slots": draft.fresh().to_slots(), "form": None, "requested": None}
    _close(session, handoff, HandoffState.RETURNED, actor.id)
    buttons = []
    if item is not None and not handoff.outcome:
        name = item.name(conversation.language)
        buttons = [Button(f"item:{item.code}", text("button.go_on", conversation.language, item=name))]
    announce(session, handoff, "handoff.returned", buttons)
    return handoff


def end(session: Session, handoff_id: int, actor: Actor, outcome: str = "") -> Handoff:
    """The matter is settled, with an outcome; the citizen is asked whether it helped."""
    handoff = find(session, handoff_id)
    actor.must(Right.TAKE_HANDOFFS)
    if handoff.state == HandoffState.ACTIVE:
        handoff = held_by(session, handoff_id, actor)
    handoff.outcome = checked_outcome(outcome) or handoff.outcome
    _close(session, handoff, HandoffState.ENDED, actor.id, handoff.outcome)
    announce(session, handoff, "handoff.ended")
    return handoff


def leave_queue(session: Session, conversation_id: str) -> bool:
    """The citizen does not need a human any more; emergencies stay until a human has looked."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None or handoff.state != HandoffState.WAITING or handoff.reason == Reason.EMERGENCY:
        return False
    _close(session, handoff, HandoffState.ENDED, "citizen")
    return True


def release_all_of(session: Session, account_id: int, actor: str, why: str = "") -> int:
    """Put everybody an operator holds back into the queue, before all ordinary ones; returns how many. The citizens are
    told that somebody else will come. A phone call stays with who wrote it up: nobody waits on that line."""
    query = select(Handoff).join(Conversation, Conversation.id == Handoff.conversation_id)
    held = session.scalars(query.where(Handoff.account_id == account_id, Handoff.state == "active",
                                       Conversation.channel.not_in(SPOKEN))).all()
    for handoff in held:
        check_move(HandoffState.ACTIVE, HandoffState.WAITING)
        handoff.state, handoff.account_id, handoff.holder = "waiting", None, ""
        handoff.waiting_since, handoff.warned_at, handoff.escalated_at = now(), None, None
        handoff.priority = max(handoff.priority, RELEASED)
        note(session, "handoff", handoff.id, actor, "released", "active", "waiting", why)
        announce(session, handoff, "handoff.released")
    session.execute(update(Handoff).where(Handoff.offered_to == account_id, Handoff.state == "waiting")
                    .values(offered_to=None, offered_at=None))
    touch(session, "queue")
    return len(held)


def warn_waiting(session: Session) -> int:
    """Mark those who wait longer than three minutes, once each, for the operators; returns how many."""
    limit = now() - timedelta(seconds=WARN_AFTER_SECONDS)
    late = session.scalars(
        update(Handoff)
        .where(Handoff.state == "waiting", Handoff.warned_at.is_(None), Handoff.waiting_since < limit)
        .values(warned_at=now()).returning(Handoff)
    ).all()
    for handoff in late:
        note(session, "handoff", handoff.id, "clock", "warned", why="waited over three minutes")
    if late:
        touch(session, "queue")
    return len(late)


def escalate_overdue(session: Session) -> int:
    """Mark those who wait longer than five minutes, once each, for the supervisors; returns how many."""
    limit = now() - timedelta(seconds=ESCALATE_AFTER_SECONDS)
    late = session.scalars(
        update(Handoff)
        .where(Handoff.state == "waiting", Handoff.escalated_at.is_(None), Handoff.waiting_since < limit)
        .values(escalated_at=now()).returning(Handoff)
    ).all()
    for handoff in late:
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


def held_by(session: Session, handoff_id: int, actor: Actor) -> Handoff:
    """The handoff, if the actor holds it. Raises NotAllowed, NotFound, Conflict."""
    actor.must(Right.TAKE_HANDOFFS)
    handoff = find(session, handoff_id)
    if handoff.state != HandoffState.ACTIVE:
        raise Conflict("handoff.not_active")
    if handoff.holder != actor.id:
        raise Conflict("handoff.held_by_other")
    return handoff


def written_to(session: Session, handoff_id: int, actor: Actor) -> Handoff:
    """`held_by`, where the citizen can read what is written. Raises Conflict for a phone call."""
    handoff = held_by(session, handoff_id, actor)
    if spoken(session, handoff.conversation_id):
        raise Conflict("call.nothing_delivered")
    return handoff


def checked_outcome(outcome: str) -> str:
    """One of `domain.handoff.Outcome`, or empty. Raises BadInput."""
    if outcome and outcome not in set(Outcome):
        raise BadInput("handoff.bad_outcome", outcome=outcome)
    return outcome


def _here(session: Session, actor: Actor) -> None:
    """Whoever acts is there, whatever her browser's beat says."""
    if actor.account_id is not None:
        session.execute(update(Account).where(Account.id == actor.account_id).values(last_seen_at=now()))


def _close(session: Session, handoff: Handoff, state: HandoffState, actor: str, why: str = "") -> None:
    before = HandoffState(handoff.state)
    check_move(before, state)
    handoff.state, handoff.ended_at, handoff.offered_to = state.value, now(), None
    note(session, "handoff", handoff.id, actor, state.value, before.value, state.value, why)
    touch(session, "queue")


def announce(
    session: Session, handoff: Handoff, key: str, buttons: list[Button] | None = None, **facts: str
) -> None:
    """Say something about the handoff to the citizen; one on the phone is told by who holds it."""
    conversation = session.get_one(Conversation, handoff.conversation_id)
    if conversation.channel not in SPOKEN:
        append(session, conversation.id, sender="bot", text=text(key, conversation.language, **facts),
               buttons=[b.as_dict() for b in buttons or []])
    touch(session, "queue")
