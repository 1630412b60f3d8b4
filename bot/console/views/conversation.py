"""The head of an opened conversation: who it is, who holds it, what may be done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.people import holder_names, team_names
from bot.domain.access import Actor, Right
from bot.domain.handoff import OPEN, HandoffState, Reason
from bot.errors import NotFound
from bot.i18n import text
from bot.services.catalogue import catalogue
from bot.services.replies import SPOKEN
from bot.storage import Conversation, Handoff


@dataclass(frozen=True)
class Head:
    """`state` is the newest handoff's, or `bot` where there never was one."""

    id: str
    name: str
    channel: str
    english: bool
    state: str
    handoff: int
    holder: str
    mine: bool
    may_take: bool
    reason: str
    emergency: str
    since: datetime | None
    escalated: bool
    may_move: bool = False
    outcome: str = ""
    team: str = ""
    merged_into: str = ""
    spoken: bool = False


def find(session: Session, conversation_id: str) -> Conversation:
    """The conversation; raises NotFound."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound("conversation.unknown")
    return conversation


def head(session: Session, conversation: Conversation, actor: Actor, language: str) -> Head:
    """How the conversation stands now."""
    handoff = session.scalar(
        select(Handoff).where(Handoff.conversation_id == conversation.id).order_by(Handoff.id.desc()).limit(1)
    )
    state = handoff.state if handoff else "bot"
    holder = holder_names(session, [handoff.holder]).get(handoff.holder, "") if handoff else ""
    emergency = catalogue().emergencies.get(handoff.emergency) if handoff else None
    is_emergency = handoff is not None and handoff.reason == Reason.EMERGENCY
    return Head(
        id=conversation.id, name=words.citizen(conversation, language),
        channel=words.channel(conversation.channel, language), english=conversation.language == "en", state=state,
        handoff=handoff.id if handoff else 0, holder=holder,
        mine=state == HandoffState.ACTIVE and handoff is not None and handoff.account_id == actor.account_id,
        may_take=actor.may(Right.TAKE_HANDOFFS),
        reason=text(f"console.reason_{handoff.reason}", language) if handoff else "",
        emergency=emergency.name(language) if emergency and is_emergency else "",
        since=handoff.waiting_since if handoff and state == HandoffState.WAITING else None,
        escalated=bool(handoff and handoff.escalated_at),
        may_move=handoff is not None and _may_move(handoff, actor), outcome=handoff.outcome if handoff else "",
        team=team_names(session, language).get(handoff.team, "") if handoff else "",
        merged_into=conversation.merged_into, spoken=conversation.channel in SPOKEN,
    )


def _may_move(handoff: Handoff, actor: Actor) -> bool:
    """The holder passes a citizen on, and a supervisor any."""
    held_here = handoff.state == HandoffState.ACTIVE and handoff.holder == actor.id
    return held_here or (handoff.state in OPEN and actor.may(Right.SUPERVISE))
