"""The way of a message after it is stored: emergency first, then a human if one holds the conversation, then Rasa."""

import logging
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain import choice as choices
from bot.domain import emergency as emergency_words
from bot.domain.handoff import HandoffState, Reason
from bot.errors import BrainDown
from bot.services import conversations, emergencies, handoffs, rasa
from bot.services.catalogue import catalogue
from bot.services.replies import Turn, say
from bot.storage import Conversation, Message, touch, transaction

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 2


def work_off(conversation_id: str) -> int:
    """Answer all stored messages of a conversation in order; returns how many. Nothing happens, and 0 is returned,
    while another process is at it."""
    done, lease = 0, conversations.take_lease(conversation_id)
    if lease is None:
        return 0
    try:
        while _next(conversation_id, lease):
            done += 1
    except BaseException:
        conversations.give_lease_back(conversation_id, lease)
        raise
    return done


def _next(conversation_id: str, lease: str) -> bool:
    with transaction() as session:
        found = conversations.next_received(session, conversation_id, lease)
        if found is None:
            return False
        conversation, message = found
        message.attempts += 1
        request = _request(session, conversation, message)
        handoff = conversations.open_handoff(session, conversation_id)
        held = handoff is not None and handoff.state == HandoffState.ACTIVE
        attempts = message.attempts
    try:
        if attempts > MAX_ATTEMPTS:
            raise BrainDown("brain.down", why="tried before")
        if held:
            _for_operator(message.id, request)
        elif message.kind == "voice":
            _voice(message.id)
        else:
            _for_rasa(message.id, request)
    except BrainDown as error:
        log.warning("turn %s not answered by the bot: %s", message.id, error.facts)
        _without_brain(message.id, held)
    return True


def _request(session: Session, conversation: Conversation, message: Message) -> dict[str, Any]:
    """What Rasa needs of a message: its words or the act a button stands for, and the state to go on from."""
    pressed = choices.parse(message.payload.get("choice", ""))
    photos = [a.id for a in conversations.attachments_of(session, message) if message.kind == "photo"]
    silent = message.kind == "location" or (message.kind == "photo" and not message.text)
    act = pressed.act if pressed else "inform" if silent else None
    item = pressed.first if pressed and pressed.verb == "item" else None
    return {
        "sender": conversation.id,
        "text": message.text,
        "act": act,
        "item": item,
        "choice": message.payload.get("choice", ""),
        "state": conversation.dialogue,
        "metadata": {
            "message_id": message.id,
            "language": conversation.language,
            "location": message.payload.get("location"),
            "photos": photos,
        },
    }


def _for_rasa(message_id: int, request: dict[str, Any]) -> None:
    result = rasa.turn(request)
    with transaction() as session:
        turn = turn_of(session, message_id, heard=result.raw)
        if result.understanding.emergency and result.state is None:
            emergencies.act(session, turn, result.understanding.emergency)
            state: dict[str, Any] = {}
        elif not _answered(session, message_id):
            raise BrainDown("brain.down", why="no reply from the action server")
        else:
            state = result.state or {}
        _settle(session, message_id, "handled", result.raw, state)


def _for_operator(message_id: int, request: dict[str, Any]) -> None:
    """A human holds the conversation: the bot is silent, an emergency is acted on all the same."""
    heard = rasa.understand(request["text"]) if request["text"] and not request["choice"] else {}
    with transaction() as session:
        if heard.get("emergency"):
            emergencies.act(session, turn_of(session, message_id, heard=heard), heard["emergency"])
        _settle(session, message_id, "handled", heard, None)


def _voice(message_id: int) -> None:
    with transaction() as session:
        turn = turn_of(session, message_id)
        say(session, turn, "voice.kept")
        handoffs.request(session, turn.conversation_id, Reason.VOICE)
        _settle(session, message_id, "handled", None, None)


def _without_brain(message_id: int, held: bool) -> None:
    """The model is away: the catalogue's own emergency words still work, everything else goes to a human."""
    with transaction() as session:
        turn = turn_of(session, message_id)
        message = session.get_one(Message, message_id)
        code = emergency_words.by_words(message.text, catalogue().emergencies.values())
        if code:
            emergencies.act(session, turn, code)
        elif not held:
            say(session, turn, "brain.down")
            handoffs.request(session, turn.conversation_id, Reason.FAILURE)
        _settle(session, message_id, "handled" if held else "escalated", None, None)


def turn_of(session: Session, message_id: int, heard: dict[str, Any] | None = None) -> Turn:
    """The turn a message opens, for replies made here rather than by the action server."""
    from bot.domain.understanding import Understanding

    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    return Turn(conversation.id, message.id, conversation.language, heard=Understanding.from_dict(heard or {}))


def _answered(session: Session, message_id: int) -> bool:
    return bool(session.scalar(select(func.count()).select_from(Message).where(Message.in_reply_to == message_id)))


def _settle(
    session: Session, message_id: int, state: str, heard: dict[str, Any] | None, dialogue: dict[str, Any] | None
) -> None:
    message = session.get_one(Message, message_id)
    message.state, message.understanding = state, heard or None
    touch(session, message.conversation_id)
    if dialogue is not None:
        session.get_one(Conversation, message.conversation_id).dialogue = dialogue
