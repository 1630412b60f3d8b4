"""Moving a conversation between people: to a colleague, to a team, to a supervisor who takes over, into another one."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right, Role
from bot.domain.handoff import HandoffState
from bot.domain.presence import Presence
from bot.errors import BadInput, Conflict, NotFound
from bot.services import handoffs, presence
from bot.services.accounts import actor_of
from bot.services.history import note
from bot.services.replies import spoken
from bot.storage import Account, Conversation, Handoff, Team, now, touch


def to_operator(session: Session, handoff_id: int, actor: Actor, account_id: int, why: str = "") -> Handoff:
    """To a colleague who is on duty: she holds it from now on. The holder may, and a supervisor."""
    handoff = _movable(session, handoff_id, actor)
    desk = next((d for d in presence.desks(session) if d.account_id == account_id), None)
    if desk is None:
        raise NotFound("account.unknown", username=str(account_id))
    if desk.presence is not Presence.ON or not desk.alive(now()):
        raise Conflict("handoff.colleague_away", name=session.get_one(Account, account_id).name)
    return _give(session, handoff, session.get_one(Account, account_id), actor, "transferred", why)


def to_team(session: Session, handoff_id: int, actor: Actor, team: str, why: str = "") -> Handoff:
    """Back to the queue, for that team first. The wait begins anew, the citizen is told."""
    handoff = _movable(session, handoff_id, actor)
    found = session.get(Team, team)
    if found is None or found.removed:
        raise BadInput("team.unknown", team=team)
    if spoken(session, handoff.conversation_id):
        raise Conflict("call.not_queued")
    before = handoff.state
    handoff.state, handoff.team, handoff.account_id, handoff.holder = "waiting", team, None, ""
    handoff.offered_to, handoff.offered_at = None, None
    if before == HandoffState.ACTIVE:
        handoff.waiting_since, handoff.warned_at, handoff.escalated_at = now(), None, None
        handoffs.announce(session, handoff, "handoff.to_team")
    note(session, "handoff", handoff.id, actor.id, "to_team", before, "waiting", " ".join(filter(None, (team, why))))
    touch(session, "queue")
    return handoff


def take_over(session: Session, handoff_id: int, actor: Actor, why: str = "") -> Handoff:
    """A supervisor, or a program with her rights, takes a conversation that waits or that somebody else holds."""
    actor.must(Right.SUPERVISE)
    handoff = _open(session, handoff_id)
    if handoff.holder == actor.id:
        return handoff
    return _hand_to(session, handoff, actor, actor, "taken_over", why)


def merge(session: Session, handoff_id: int, actor: Actor, into: str) -> Handoff:
    """The same citizen writes twice: this conversation is ended as a duplicate and points to the other, where the
    operator goes on."""
    handoff = handoffs.held_by(session, handoff_id, actor)
    other = session.get(Conversation, into)
    if other is None or other.id == handoff.conversation_id or other.merged_into:
        raise BadInput("conversation.cannot_merge")
    this = session.get_one(Conversation, handoff.conversation_id)
    this.merged_into = other.id
    check = session.execute(update(Handoff).where(Handoff.id == handoff.id, Handoff.state == "active")
                            .values(state="ended", ended_at=now(), outcome="duplicate"))
    if not check.rowcount:  # type: ignore[attr-defined]
        raise Conflict("handoff.not_active")
    session.refresh(handoff)
    note(session, "handoff", handoff.id, actor.id, "merged", "active", "ended", other.id)
    note(session, "conversation", other.id, actor.id, "merged", why=this.id)
    handoffs.announce(session, handoff, "handoff.merged")
    touch(session, other.id)
    return handoff


def _movable(session: Session, handoff_id: int, actor: Actor) -> Handoff:
    actor.must(Right.TAKE_HANDOFFS)
    handoff = _open(session, handoff_id)
    if handoff.holder != actor.id and not actor.may(Right.SUPERVISE):
        raise Conflict("handoff.held_by_other")
    return handoff


def _open(session: Session, handoff_id: int) -> Handoff:
    handoff = session.get(Handoff, handoff_id, with_for_update=True)
    if handoff is None:
        raise NotFound("handoff.unknown")
    if handoff.state not in (HandoffState.WAITING, HandoffState.ACTIVE):
        raise Conflict("handoff.not_active")
    return handoff


def _give(session: Session, handoff: Handoff, account: Account, actor: Actor, what: str, why: str) -> Handoff:
    if Role(account.role) in (Role.HANDLER, Role.GRID) or account.disabled:
        raise Conflict("handoff.colleague_away", name=account.name)
    return _hand_to(session, handoff, actor_of(account), actor, what, why)


def _hand_to(session: Session, handoff: Handoff, receiver: Actor, actor: Actor, what: str, why: str) -> Handoff:
    before = handoff.state
    handoff.state, handoff.account_id, handoff.holder = "active", receiver.account_id, receiver.id
    handoff.claimed_at, handoff.offered_to = now(), None
    note(session, "handoff", handoff.id, actor.id, what, before, "active", " ".join(filter(None, (receiver.id, why))))
    handoffs.announce(session, handoff, "handoff.passed_on", name=receiver.name)
    return handoff
