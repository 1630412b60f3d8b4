"""Who is writing just now. Told to the other side, kept nowhere; what is being written is never sent."""

from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.domain.handoff import HandoffState
from bot.services.conversations import open_handoff
from bot.storage.signals import signals

BY_OPERATOR, BY_CITIZEN = "typing:operator:", "typing:citizen:"
"""Topics, followed by the conversation's id. Each says "in the next seconds", and means nothing after that."""
PER_MINUTE = 30


def operator_writes(session: Session, conversation_id: str, actor: Actor) -> bool:
    """The holder is writing to the citizen. False where that is told to nobody: somebody else holds the conversation,
    or this was said too often."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None or handoff.state != HandoffState.ACTIVE or handoff.holder != actor.id:
        return False
    return _tell(BY_OPERATOR, conversation_id)


def citizen_writes(session: Session, conversation_id: str) -> bool:
    """The citizen is writing. False where no human would see it."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None or handoff.state != HandoffState.ACTIVE:
        return False
    return _tell(BY_CITIZEN, conversation_id)


def _tell(whose: str, conversation_id: str) -> bool:
    if not signals().allow(whose + conversation_id, PER_MINUTE, 60):
        return False
    signals().publish(whose + conversation_id)
    return True
