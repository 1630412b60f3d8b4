"""The call that is promised to a citizen whose matter was not solved twice: who, by when, on which number."""

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.domain.calendar import DAY_SECONDS, add_working_time
from bot.domain.contact import masked
from bot.i18n import text
from bot.services.workdays import special_days, when_in_words
from bot.storage import Conversation, Ticket, now

CALL_WITHIN = timedelta(seconds=DAY_SECONDS)
"""One working day."""


def promise(session: Session, reported: Ticket, language: str) -> str:
    """What is said of the call to who reported it; without a number, that somebody answers in the chat."""
    until = when_in_words(add_working_time(now(), CALL_WITHIN, special_days(session)), language)
    phone = reported.contact_phone or session.get_one(Conversation, reported.conversation_id).phone
    if not phone:
        return text("ticket.call_here", language, until=until)
    return text("ticket.call_phone", language, until=until, phone=masked(phone))
