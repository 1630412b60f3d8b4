"""Saying something to a citizen: an outgoing message in the transaction of what it announces."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.draft import Draft
from bot.domain.message import Button, Card
from bot.domain.understanding import Understanding
from bot.errors import NotFound, TurnOver
from bot.i18n import text
from bot.storage import Conversation, Handoff, Message, now, touch

PUSHED = frozenset({"telegram"})
"""Channels the worker delivers to; the others fetch by themselves."""
SPOKEN = frozenset({"phone"})
"""Channels in which a person says everything: the bot has no voice there, and what an operator told is kept as said."""


@dataclass
class Turn:
    """One citizen message being answered: what was heard, the draft so far, the form that is open.

    `source` is who answers (an action's name); with the message and a running number it keys every reply, so a turn
    run twice after a crash says everything once.
    """

    conversation_id: str
    message_id: int
    language: str = "zh"
    source: str = "hotline"
    heard: Understanding = field(default_factory=Understanding)
    draft: Draft = field(default_factory=Draft)
    form: str | None = None
    requested: str | None = None
    place: dict[str, Any] = field(default_factory=dict)
    photos: tuple[int, ...] = ()
    spoken: int = 0


@dataclass(frozen=True)
class Step:
    """Where a turn leads: the draft as it is now and the form to be open afterwards, or none. `resume` says that the
    form's question is to be asked again, because something else was answered in between."""

    draft: Draft
    form: str | None = None
    resume: bool = False


def latest(session: Session, conversation_id: str) -> Message | None:
    """The last thing the hotline said."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.sender.in_(["bot", "operator"]))
    return session.scalar(query.order_by(Message.seq.desc()).limit(1))


def back(turn: Turn) -> Step:
    """Where the turn came from: an open form stays open and asks its question again."""
    return Step(turn.draft, turn.form, resume=turn.form is not None)


def say(
    session: Session, turn: Turn, key: str, buttons: list[Button] | None = None, cards: list[Card] | None = None,
    **facts: Any,
) -> None:
    """Store one reply to the turn's message. Raises TurnOver where that message is settled already."""
    say_text(session, turn, text(key, turn.language, **facts), buttons, cards)


def say_text(
    session: Session, turn: Turn, words: str, buttons: list[Button] | None = None, cards: list[Card] | None = None
) -> None:
    """`say` with words that are data rather than ours."""
    asked = session.get(Message, turn.message_id)
    if asked is None or asked.state != "received":
        raise TurnOver("turn.over")
    key = f"{turn.message_id}:{turn.source}:{turn.spoken}"
    turn.spoken += 1
    tell(session, turn.conversation_id, words, key, buttons, cards, in_reply_to=turn.message_id)
    if turn.source != "emergency" and held_by_human(session, turn.conversation_id):
        raise TurnOver("turn.over")  # claimed meanwhile: looked at with the conversation's row locked, so none slips by


def held_by_human(session: Session, conversation_id: str) -> bool:
    """Whether an operator answers this conversation now."""
    query = select(Handoff.id).where(Handoff.conversation_id == conversation_id, Handoff.state == "active")
    return session.scalar(query) is not None


def tell(
    session: Session, conversation_id: str, words: str, key: str, buttons: list[Button] | None = None,
    cards: list[Card] | None = None, in_reply_to: int | None = None, sender: str = "bot", account_id: int | None = None,
    not_before: datetime | None = None, **columns: Any,
) -> Message | None:
    """Store one outgoing message; None where `key` was said before, or the bot would speak to who is on the phone. A
    channel that pushes delivers it `not_before`; what is said meanwhile does not wait for it."""
    if sender == "bot" and spoken(session, conversation_id):
        return None
    known = select(Message.id).where(Message.conversation_id == conversation_id, Message.reply_key == key)
    if session.scalar(known) is not None:
        return None
    return append(
        session, conversation_id, sender=sender, text=words, reply_key=key, in_reply_to=in_reply_to,
        account_id=account_id, buttons=[b.as_dict() for b in buttons or []], cards=[c.as_dict() for c in cards or []],
        next_attempt_at=not_before, **columns,
    )


def spoken(session: Session, conversation_id: str) -> bool:
    """Whether nothing can be delivered there, because the citizen is, or was, on the phone."""
    conversation = session.get(Conversation, conversation_id)
    return conversation is not None and conversation.channel in SPOKEN


def append(session: Session, conversation_id: str, **columns: Any) -> Message:
    """Add a message with the conversation's next number. The counter's row lock keeps commit order and number order
    the same, so who reads "all after n" misses nothing."""
    row = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_seq=Conversation.last_seq + 1, last_message_at=now())
        .returning(Conversation.last_seq, Conversation.channel)
    ).one_or_none()
    if row is None:
        raise NotFound("conversation.unknown")
    if columns["sender"] in ("bot", "operator") and row.channel not in SPOKEN:
        pushed = row.channel in PUSHED
        later = columns.get("next_attempt_at")
        columns |= {"delivery": "pending" if pushed else "ready", "next_attempt_at": later or now() if pushed else None}
    message = Message(conversation_id=conversation_id, seq=row.last_seq, **columns)
    session.add(message)
    session.flush()
    touch(session, conversation_id)
    if columns.get("delivery") == "pending":
        touch(session, "outbox")
    return message
