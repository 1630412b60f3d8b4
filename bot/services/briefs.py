"""What is known when a human is asked for: the operator reads it before the first word."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.draft import Draft
from bot.domain.understanding import Understanding
from bot.services.replies import Turn
from bot.storage import Conversation, Message

Brief = dict[str, Any]
"""{item, kind, candidates: [code], words, place, when, photos: how many, asked: slot}; empty parts are left out. No
phone number and no name: those stand in one place only, and are masked there."""


def brief(session: Session, conversation_id: str, turn: Turn | None = None) -> Brief:
    """From the turn at hand, else from what the dialogue kept and the last words that were understood."""
    conversation = session.get_one(Conversation, conversation_id)
    draft = turn.draft if turn else draft_of(conversation)
    heard = turn.heard if turn and turn.heard.text else _last_heard(session, conversation_id)
    known = {
        "item": draft.item or heard.item or "",
        "kind": draft.kind or heard.kind or "",
        "candidates": [] if heard.settled() else heard.candidates(),
        "words": draft.description or heard.text[:200],
        "place": draft.where().text,
        "when": draft.moment().text,
        "photos": len(draft.photos),
        "asked": (turn.requested if turn else (conversation.dialogue or {}).get("requested")) or "",
    }
    return {name: value for name, value in known.items() if value}


def draft_of(conversation: Conversation) -> Draft:
    """The request being put together, from the dialogue's state; empty where that cannot be read."""
    slots = (conversation.dialogue or {}).get("slots") or {}
    try:
        return Draft.from_slots(slots)
    except (TypeError, ValueError):
        return Draft()


def _last_heard(session: Session, conversation_id: str) -> Understanding:
    query = select(Message.understanding).where(
        Message.conversation_id == conversation_id, Message.sender == "citizen", Message.understanding.is_not(None))
    for raw in session.scalars(query.order_by(Message.seq.desc()).limit(10)):
        heard = Understanding.from_dict(raw or {})
        if heard.best or heard.emergency:
            return heard
    return Understanding()
