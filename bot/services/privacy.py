"""What is stored about a citizen, and deleting it on their word."""

from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.draft import Draft
from bot.domain.message import Button
from bot.domain.ticket import OPEN
from bot.i18n import text
from bot.services.history import note
from bot.services.replies import Step, Turn, back, say
from bot.services.tickets import of_conversation
from bot.storage import Attachment, Conversation, Correction, Handoff, Message, StaffNote


def answer(session: Session, turn: Turn) -> Step:
    """What is stored, and a button that deletes it; the button pressed, it is deleted."""
    if turn.heard.choice == "forget":
        kept = forget(session, turn.conversation_id, turn.message_id)
        say(session, turn, "privacy.deleted_but_open" if kept else "privacy.deleted", open=kept)
        return Step(Draft())
    messages = session.scalar(
        select(func.count()).select_from(Message).where(Message.conversation_id == turn.conversation_id)
    )
    say(session, turn, "privacy.what", messages=messages, tickets=len(of_conversation(session, turn.conversation_id)),
        buttons=[Button("forget", text("button.forget", turn.language)),
                 Button("cancel", text("button.keep", turn.language))])
    return back(turn)


def forget(session: Session, conversation_id: str, keep_message: int = 0) -> int:
    """Words, names, numbers, photos and places are erased; the contact of tickets still open stays until they end.

    Returns how many tickets are still open. The number and course of ended tickets remain, without the person.
    """
    session.execute(
        update(Message).where(Message.conversation_id == conversation_id, Message.id != keep_message)
        .values(text="［已删除 deleted］", payload={}, cards=[], understanding=None)
    )
    still_open = 0
    for ticket in of_conversation(session, conversation_id):
        if ticket.state in {str(s) for s in OPEN}:
            still_open += 1
        else:
            ticket.contact_name, ticket.contact_phone, ticket.description = "", "", "［已删除 deleted］"
    _delete_files(session, conversation_id)
    conversation = session.get_one(Conversation, conversation_id)
    conversation.dialogue, conversation.display_name, conversation.phone = {}, "", ""
    session.execute(update(Handoff).where(Handoff.conversation_id == conversation_id).values(brief={}))
    session.execute(delete(StaffNote).where(StaffNote.conversation_id == conversation_id))
    theirs = select(Message.id).where(Message.conversation_id == conversation_id)
    session.execute(delete(Correction).where(Correction.message_id.in_(theirs)))
    note(session, "conversation", conversation_id, "citizen", "forgotten")
    return still_open


def _delete_files(session: Session, conversation_id: str) -> None:
    query = select(Attachment).where(Attachment.conversation_id == conversation_id, Attachment.ticket_id.is_(None))
    for attachment in session.scalars(query).all():
        Path(settings().var, "uploads", attachment.path).unlink(missing_ok=True)
        session.execute(delete(Attachment).where(Attachment.id == attachment.id))
