"""Conversations and the messages that come in: stored first, once each, worked on one at a time."""

import hashlib
import hmac
import secrets
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.handoff import OPEN
from bot.domain.message import Incoming, clean_text, looks_english
from bot.domain.typed import LONGEST, Offer, typed_choice
from bot.errors import BadInput, NotFound, NotSignedIn
from bot.services.replies import append
from bot.storage import Attachment, Conversation, Handoff, Message, now, reading, touch, transaction

LEASE = timedelta(seconds=20)
REPLIED_CHARS = 300
NEW_BUTTONS_FROM = 20
"""How many of the hotline's last messages still have live buttons."""


def start(language: str = "zh") -> tuple[str, str]:
    """A new conversation over HTTP: (id, token). Only the token's hash is kept."""
    token = secrets.token_urlsafe(24)
    with transaction() as session:
        conversation = Conversation(
            id=new_id(), channel="web", external_id=secrets.token_hex(12), token_hash=_hash(token),
            language=language, language_chosen=language == "en",
        )
        session.add(conversation)
        return conversation.id, token


def for_channel(channel: str, external_id: str, name: str = "", language: str = "zh") -> str:
    """The id of the conversation with that chat, made on first sight."""
    with transaction() as session:
        known = session.scalar(
            select(Conversation.id).where(Conversation.channel == channel, Conversation.external_id == external_id)
        )
        if known:
            return known
        made = Conversation(
            id=new_id(), channel=channel, external_id=external_id, display_name=name[:64], language=language
        )
        session.add(made)
        return made.id


def check_token(session: Session, conversation_id: str, token: str) -> Conversation:
    """The conversation, if the token is its own. Unknown conversation and wrong token look the same."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None or not conversation.token_hash:
        raise NotSignedIn("conversation.bad_token")
    if not hmac.compare_digest(conversation.token_hash, _hash(token)):
        raise NotSignedIn("conversation.bad_token")
    return conversation


def receive(conversation_id: str, incoming: Incoming) -> tuple[Message, bool]:
    """Store what came in. Returns the message and whether it is new; a redelivery returns the first one.

    Raises BadInput for an empty or unusable message: nothing that can be kept is ever refused for its length.
    """
    words, cut = clean_text(incoming.text, settings().message_limit_chars)
    _check(incoming, words)
    with transaction() as session:
        known = _known(session, conversation_id, incoming.external_id)
        if known is not None:
            return known, False
        _lock(session, conversation_id)
        known = _known(session, conversation_id, incoming.external_id)
        if known is not None:
            return known, False
        payload = _payload(incoming, cut)
        if incoming.kind == "choice" and not incoming.trusted:
            words = _offered(session, conversation_id, incoming.choice)
        elif incoming.kind == "text" and (pressed := _typed(session, conversation_id, words)):
            payload["choice"] = pressed
        message = append(
            session, conversation_id, sender="citizen", kind=incoming.kind, text=words, payload=payload,
            external_id=incoming.external_id[:128], state="received",
        )
        _guess_language(session, conversation_id, words)
        touch(session, "inbox")
        return message, True


def messages_after(session: Session, conversation_id: str, after: int, limit: int = 200) -> list[Message]:
    """Messages numbered above `after`, in order."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.seq > after)
    return list(session.scalars(query.order_by(Message.seq).limit(limit)))


def seen_by_citizen(session: Session, conversation_id: str, seq: int) -> None:
    """The citizen's page has shown the messages up to that number."""
    newly = session.execute(
        update(Conversation).where(Conversation.id == conversation_id, Conversation.seen_by_citizen < seq,
                                   Conversation.last_seq >= seq).values(seen_by_citizen=seq)
    )
    if newly.rowcount:  # type: ignore[attr-defined]
        touch(session, conversation_id)


def seen_by_staff(session: Session, conversation_id: str) -> int:
    """The number of the last message an operator has read."""
    return session.scalar(select(Conversation.seen_by_staff).where(Conversation.id == conversation_id)) or 0


def waiting_conversations(older_than: timedelta, limit: int = 50) -> list[str]:
    """Conversations with a message nobody works on: a process died, or was never told."""
    with reading() as session:
        query = (
            select(Message.conversation_id).distinct()
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.state == "received", Message.created_at < now() - older_than,
                   or_(Conversation.lease_until.is_(None), Conversation.lease_until < now()))
            .limit(limit)
        )
        return list(session.scalars(query))


def take_lease(session: Session, conversation_id: str) -> str | None:
    """The right to work on a conversation for LEASE; None while somebody else has it, or nothing waits there."""
    token = secrets.token_hex(8)
    won = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id,
               or_(Conversation.lease_until.is_(None), Conversation.lease_until < now()))
        .where(exists().where(Message.conversation_id == conversation_id, Message.state == "received"))
        .values(lease_token=token, lease_until=now() + LEASE)
    )
    return token if won.rowcount else None  # type: ignore[attr-defined]


def give_lease_back(conversation_id: str, token: str) -> None:
    """Done for now. A lease that ran out and went to somebody else is left alone."""
    with transaction() as session:
        session.execute(
            update(Conversation).where(Conversation.id == conversation_id, Conversation.lease_token == token)
            .values(lease_until=None)
        )


def next_received(session: Session, conversation_id: str, lease: str) -> tuple[Conversation, Message] | None:
    """The oldest unsettled message, with the lease made longer; None when the lease was lost, or there is none, and
    then the lease is given back in the same transaction. That leaves no gap: who stores a message must wait for this
    row, and finds it free."""
    held = session.execute(
        update(Conversation).where(Conversation.id == conversation_id, Conversation.lease_token == lease)
        .values(lease_until=now() + LEASE)
    )
    if not held.rowcount:  # type: ignore[attr-defined]
        return None
    query = select(Message).where(Message.conversation_id == conversation_id, Message.state == "received")
    message = session.scalar(query.order_by(Message.seq).limit(1))
    conversation = session.get_one(Conversation, conversation_id)
    if message is None:
        conversation.lease_until = None
        return None
    return conversation, message


def open_handoff(session: Session, conversation_id: str) -> Handoff | None:
    """The handoff that is waiting or active, if any."""
    return session.scalar(
        select(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.state.in_([str(s) for s in OPEN]))
    )


def attachments_of(session: Session, message: Message) -> list[Attachment]:
    """The files a message brought."""
    key = message.payload.get("attachment")
    return list(session.scalars(select(Attachment).where(Attachment.key == key))) if key else []


def new_id() -> str:
    """An id nobody guesses, made of letters and digits only."""
    return secrets.token_hex(12)


def _known(session: Session, conversation_id: str, external_id: str) -> Message | None:
    return session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.external_id == external_id[:128])
    )


def _lock(session: Session, conversation_id: str) -> None:
    if session.get(Conversation, conversation_id, with_for_update=True) is None:
        raise NotFound("conversation.unknown")


def _check(incoming: Incoming, words: str) -> None:
    if not incoming.external_id:
        raise BadInput("message.no_id")
    if incoming.kind == "text" and not words:
        raise BadInput("message.empty")
    if incoming.kind == "location" and not (incoming.location and incoming.location.valid()):
        raise BadInput("message.bad_location")


def _payload(incoming: Incoming, cut: bool) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "choice": incoming.choice, "attachment": incoming.attachment, "edited": incoming.edited, "cut": cut,
        "location": asdict(incoming.location) if incoming.location else None,
        "replied_to": clean_text(incoming.replied_to, REPLIED_CHARS)[0],
    }
    return {k: v for k, v in parts.items() if v}


def live_buttons(session: Session, conversation_id: str) -> dict[str, str]:
    """Button id → title of the hotline's latest messages; the newest title wins."""
    found: dict[str, str] = {}
    for buttons, cards in _offers(session, conversation_id):
        for button in [*buttons, *(b for card in cards for b in card["buttons"])]:
            found.setdefault(button["id"], button["title"])
    return found


def _offers(session: Session, conversation_id: str) -> list[Offer]:
    """Buttons and cards of the hotline's latest messages, the newest first."""
    query = select(Message.buttons, Message.cards).where(
        Message.conversation_id == conversation_id, Message.sender.in_(["bot", "operator"]))
    return list(session.execute(query.order_by(Message.seq.desc()).limit(NEW_BUTTONS_FROM)).tuples())


def _offered(session: Session, conversation_id: str, choice: str) -> str:
    title = live_buttons(session, conversation_id).get(choice)
    if title is None:
        raise BadInput("message.choice_gone")
    return title


def _typed(session: Session, conversation_id: str, words: str) -> str:
    return typed_choice(words, _offers(session, conversation_id)) if len(words) <= LONGEST else ""


def _guess_language(session: Session, conversation_id: str, words: str) -> None:
    conversation = session.get(Conversation, conversation_id)
    if conversation and not conversation.language_chosen and looks_english(words):
        conversation.language = "en"
    elif conversation and not conversation.language_chosen and any("\u4e00" <= c <= "\u9fff" for c in words):
        conversation.language = "zh"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
