"""Other conversations of the same citizen: by the number they left, the name they go by, or what an operator types."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.handoff import OPEN
from bot.services.briefs import draft_of
from bot.storage import Conversation, Handoff, StaffNote, Ticket

FEW = 20


class Likeness(StrEnum):
    """Why two conversations may be one citizen's; the surest first."""

    PHONE = "phone"
    NAME = "name"
    SEARCHED = "searched"


@dataclass(frozen=True)
class Kin:
    """Another conversation that a human holds or that waits for one."""

    conversation: Conversation
    handoff: Handoff
    like: Likeness


def phones(session: Session, conversation: Conversation) -> set[str]:
    """Every number known of a citizen: the call's, the one being filled in, those on tickets."""
    on_tickets = session.scalars(select(Ticket.contact_phone).where(Ticket.conversation_id == conversation.id))
    return {conversation.phone, draft_of(conversation).reach().phone, *on_tickets} - {""}


def same_phone(session: Session, conversation: Conversation) -> list[Conversation]:
    """The citizen's other conversations, as far as a number tells; the newest first."""
    numbers = phones(session, conversation)
    if not numbers:
        return []
    with_tickets = select(Ticket.conversation_id).where(Ticket.contact_phone.in_(numbers))
    query = select(Conversation).where(
        Conversation.id != conversation.id,
        or_(Conversation.phone.in_(numbers), Conversation.id.in_(with_tickets)),
    )
    return list(session.scalars(query.order_by(Conversation.last_message_at.desc()).limit(FEW)))


def open_ones(session: Session, conversation: Conversation, words: str = "") -> list[Kin]:
    """Conversations this one may be merged into: those alike, and those whose name, number or id has the words."""
    query = (select(Conversation, Handoff).join(Handoff, Handoff.conversation_id == Conversation.id)
             .where(Handoff.state.in_([str(s) for s in OPEN]), Conversation.id != conversation.id,
                    Conversation.merged_into == "")
             .order_by(Conversation.last_message_at.desc()))
    numbers, wanted = phones(session, conversation), words.strip().casefold()
    found = [Kin(other, handoff, like) for other, handoff in session.execute(query)
             if (like := _likeness(session, conversation, numbers, other, wanted))]
    return sorted(found, key=lambda kin: list(Likeness).index(kin.like))[:FEW]


def notes_elsewhere(session: Session, conversation: Conversation) -> list[StaffNote]:
    """What colleagues noted in the same citizen's other conversations, newest first."""
    ids = [other.id for other in same_phone(session, conversation)]
    query = select(StaffNote).where(StaffNote.conversation_id.in_(ids)).order_by(StaffNote.id.desc()).limit(FEW)
    return list(session.scalars(query)) if ids else []


def _likeness(
    session: Session, this: Conversation, numbers: set[str], other: Conversation, wanted: str
) -> Likeness | None:
    theirs = phones(session, other)
    if numbers & theirs:
        return Likeness.PHONE
    if this.display_name and this.display_name == other.display_name:
        return Likeness.NAME
    digits = "".join(c for c in wanted if c.isdigit())
    named = wanted and (wanted in other.display_name.casefold() or wanted in other.id)
    if named or (len(digits) >= 4 and any(digits in number for number in theirs)):
        return Likeness.SEARCHED
    return None
