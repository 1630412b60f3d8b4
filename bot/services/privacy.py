"""What is stored about a citizen, and deleting it on their word."""

from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.draft import Draft
from bot.domain.message import Button
from bot.domain.ticket import OPEN
from bot.i18n import text
from bot.services import confidence
from bot.services.history import note
from bot.services.replies import Step, Turn, back, say, say_text
from bot.services.tickets import of_conversation
from bot.storage import Attachment, Change, Conversation, Correction, Handoff, Message, StaffNote, Ticket, touch

ERASED = "［已删除 deleted］"


def answer(session: Session, turn: Turn) -> Step:
    """What is stored, and a button that deletes it; the button pressed, it is deleted."""
    if (taken := confidence.heed(session, turn)) is not None:
        return taken
    if turn.heard.choice == "forget":
        kept = forget(session, turn.conversation_id, turn.message_id)
        say(session, turn, "privacy.deleted_but_open" if kept else "privacy.deleted", open=kept)
        return Step(Draft())
    messages = session.scalar(
        select(func.count()).select_from(Message).where(Message.conversation_id == turn.conversation_id)
    )
    mine = of_conversation(session, turn.conversation_id)
    going = sum(t.state in OPEN for t in mine)
    words = text("privacy.what", turn.language, messages=messages, tickets=len(mine))
    if going:
        words += "\n" + text("privacy.open", turn.language, open=going)
    say_text(
        session, turn, words,
        buttons=[Button("forget", text("button.forget", turn.language)),
                 Button("cancel", text("button.keep", turn.language))],
    )
    return back(turn)


def forget(session: Session, conversation_id: str, keep_message: int = 0) -> int:
    """Words, names, numbers, photos and places are erased. Tickets still open go on anonymously with the matter as it
    was told; the number and course of those that ended remain, without the person. Nothing erased is delivered late.

    Returns how many tickets are still open.
    """
    session.execute(
        update(Message).where(Message.conversation_id == conversation_id, Message.id != keep_message)
        .values(text=ERASED, payload={}, cards=[], understanding=None)
    )
    session.execute(
        update(Message).where(Message.conversation_id == conversation_id, Message.delivery == "pending")
        .values(delivery="failed", delivery_error="deleted on request", next_attempt_at=None)
    )
    still_open = sum(_without_person(session, ticket) for ticket in of_conversation(session, conversation_id))
    _delete_files(session, conversation_id)
    conversation = session.get_one(Conversation, conversation_id)
    conversation.dialogue, conversation.display_name, conversation.phone = {}, "", ""
    session.execute(update(Handoff).where(Handoff.conversation_id == conversation_id).values(brief={}))
    session.execute(delete(StaffNote).where(StaffNote.conversation_id == conversation_id))
    theirs = select(Message.id).where(Message.conversation_id == conversation_id)
    session.execute(delete(Correction).where(Correction.message_id.in_(theirs)))
    note(session, "conversation", conversation_id, "citizen", "forgotten")
    return still_open


def _without_person(session: Session, ticket: Ticket) -> bool:
    """Name and number go; of one that has ended also the citizen's words, place and photos. Whether it is open."""
    if ticket.contact_phone or ticket.contact_name:
        ticket.contact_name, ticket.contact_phone, ticket.anonymous = "", "", True
        note(session, "ticket", ticket.id, "citizen", "contact_deleted")
        touch(session, "tickets")
    if ticket.state in OPEN:
        return True
    ticket.description, ticket.place, ticket.occurred_at = ERASED, {}, ""
    session.execute(update(Attachment).where(Attachment.ticket_id == ticket.id, Attachment.by == "citizen",
                                             Attachment.conversation_id == ticket.conversation_id)
                    .values(ticket_id=None))
    session.execute(update(Change).where(Change.subject == "ticket", Change.subject_id == str(ticket.id),
                                         Change.actor == "citizen").values(why=""))
    return False


def _delete_files(session: Session, conversation_id: str) -> None:
    query = select(Attachment).where(Attachment.conversation_id == conversation_id, Attachment.ticket_id.is_(None))
    for attachment in session.scalars(query).all():
        Path(settings().var, "uploads", attachment.path).unlink(missing_ok=True)
        session.execute(delete(Attachment).where(Attachment.id == attachment.id))
