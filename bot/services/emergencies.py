"""Acting on an emergency: what to do and whom to call at once, an operator at the front of the queue."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain import emergency as emergency_words
from bot.domain.catalogue import Emergency
from bot.domain.handoff import Reason
from bot.domain.message import Button, Card
from bot.i18n import text
from bot.services import handoffs
from bot.services.catalogue import catalogue
from bot.services.replies import Turn, append, say
from bot.storage import Handoff, Message, now, touch

STILL_ON = timedelta(minutes=30)


def act(session: Session, turn: Turn, code: str) -> None:
    """Tell the citizen first, then alert the operators, in one transaction. No form, no number, no question first."""
    emergency = catalogue().emergencies[code]
    turn.source = "emergency"
    numbers = emergency_words.numbers(emergency, turn.heard.text)
    say(session, turn, "emergency.now", cards=[card(emergency, turn.language, numbers[0])],
        buttons=[Button("human", text("button.human", turn.language))],
        instruction=emergency.instruction(turn.language), numbers=" / ".join(numbers))
    handoffs.request(session, turn.conversation_id, Reason.EMERGENCY, code)
    append(session, turn.conversation_id, sender="system", kind="event",
           text=text("emergency.alert", "zh", name=emergency.name_zh))
    touch(session, "queue")


def card(emergency: Emergency, language: str, number: str) -> Card:
    """The block with the number to press."""
    return Card("emergency", emergency.name(language), [emergency.instruction(language)], number)


def going_on(session: Session, conversation_id: str) -> Emergency | None:
    """The emergency a human is wanted for right now, if one was raised within the last half hour."""
    handoff = session.scalar(
        select(Handoff).where(
            Handoff.conversation_id == conversation_id, Handoff.state.in_(["waiting", "active"]),
            Handoff.emergency != "", Handoff.waiting_since > now() - STILL_ON,
        )
    )
    return catalogue().emergencies.get(handoff.emergency) if handoff else None


def support(session: Session, turn: Turn, emergency: Emergency) -> None:
    """The help line again, and that a human is coming: for words after an alarm that the rules do not know."""
    said = session.scalars(select(Message.text).where(
        Message.conversation_id == turn.conversation_id, Message.sender == "citizen",
        Message.created_at > now() - STILL_ON,
    ))
    numbers = emergency_words.numbers(emergency, "\n".join(said))
    say(session, turn, "emergency.support", cards=[card(emergency, turn.language, numbers[0])],
        numbers=" / ".join(numbers))
