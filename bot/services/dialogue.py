"""The way of a message after it is stored: emergency first, then a human if one holds the conversation, then a
community worker's tasks, then Rasa."""

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain import choice as choices
from bot.domain import emergency as emergency_words
from bot.domain.handoff import HandoffState, Reason
from bot.domain.mood import mood
from bot.domain.understanding import Understanding
from bot.errors import BrainDown
from bot.services import conversations, emergencies, grid_chat, handoffs, rasa
from bot.services.briefs import draft_of
from bot.services.catalogue import catalogue
from bot.services.replies import Turn, held_by_human, say
from bot.storage import Conversation, Message, touch, transaction

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 2


@dataclass(frozen=True)
class Job:
    """One stored message to be answered: what Rasa needs of it, whether a human holds the conversation, and whether it
    is a community worker's, about a task."""

    conversation_id: str
    lease: str
    message_id: int
    kind: str
    attempts: int
    held: bool
    task: bool
    request: dict[str, Any]


def work_off(conversation_id: str) -> int:
    """Answer all stored messages of a conversation in order; returns how many. Nothing happens, and 0 is returned,
    while another process is at it."""
    with transaction() as session:
        lease = conversations.take_lease(session, conversation_id)
        job = _next(session, conversation_id, lease) if lease else None
    done = 0
    try:
        while job:
            job, done = _answer(job), done + 1
    except BaseException:
        conversations.give_lease_back(conversation_id, lease or "")
        raise
    return done


def _next(session: Session, conversation_id: str, lease: str) -> Job | None:
    """The conversation's next message; None, with the lease given back, where there is none."""
    found = conversations.next_received(session, conversation_id, lease)
    if found is None:
        return None
    conversation, message = found
    message.attempts += 1
    handoff = conversations.open_handoff(session, conversation_id)
    held = handoff is not None and handoff.state == HandoffState.ACTIVE
    task = not held and grid_chat.concerns(session, conversation_id, message)
    request = _request(session, conversation, message)
    return Job(conversation_id, lease, message.id, message.kind, message.attempts, held, task, request)


def _answer(job: Job) -> Job | None:
    """Answer and settle one message; returns the next."""
    try:
        if job.attempts > MAX_ATTEMPTS:
            raise BrainDown("brain.down", why="tried before")
        if job.held:
            return _for_operator(job)
        if job.task:
            return _for_task(job)
        if job.kind == "voice":
            return _voice(job)
        return _for_rasa(job)
    except BrainDown as error:
        log.warning("turn %s not answered by the bot: %s", job.message_id, error.facts)
        return _without_brain(job)


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


def _for_rasa(job: Job) -> Job | None:
    result = rasa.turn(job.request)
    with transaction() as session:
        if result.understanding.emergency and result.state is None:
            turn = turn_of(session, job.message_id, heard=result.raw)
            emergencies.act(session, turn, result.understanding.emergency)
            left = draft_of(session.get_one(Conversation, job.conversation_id)).put_off()
            state: dict[str, Any] = {"slots": left.to_slots(), "form": None, "requested": None}
        elif not _answered(session, job.message_id) and held_by_human(session, job.conversation_id):
            return _settle(session, job, "handled", result.raw, None)  # claimed while the bot was thinking
        elif not _answered(session, job.message_id):
            raise BrainDown("brain.down", why="no reply from the action server")
        else:
            state = result.state or {}
            _calm(session, turn_of(session, job.message_id, heard=result.raw))
        return _settle(session, job, "handled", result.raw, state)


def _calm(session: Session, turn: Turn) -> None:
    """Somebody angry at us, or in distress, gets a person without asking for one."""
    felt = mood(turn.heard.text) if not turn.heard.choice else None
    if felt is None or conversations.open_handoff(session, turn.conversation_id) is not None:
        return
    turn.source = "mood"
    handoffs.request(session, turn.conversation_id, Reason(felt.value))
    say(session, turn, f"handoff.{felt.value}")


def _for_operator(job: Job) -> Job | None:
    """A human holds the conversation: the bot is silent, an emergency is acted on all the same."""
    words = "" if job.request["choice"] else job.request["text"]
    heard = rasa.understand(words) if words else {}
    with transaction() as session:
        if heard.get("emergency"):
            emergencies.act(session, turn_of(session, job.message_id, heard=heard), heard["emergency"])
        return _settle(session, job, "handled", heard, None)


def _for_task(job: Job) -> Job | None:
    """Words, pictures and buttons of a community worker; an emergency they report comes before the task. Without the
    model the report is kept all the same."""
    words = "" if job.request["choice"] else job.request["text"]
    try:
        heard = rasa.understand(words) if words else {}
    except BrainDown:
        heard = {"emergency": emergency_words.by_words(words, catalogue().emergencies.values())}
    with transaction() as session:
        turn = turn_of(session, job.message_id, heard=heard)
        if heard.get("emergency"):
            emergencies.act(session, turn, heard["emergency"])
        else:
            grid_chat.answer(session, turn)
        return _settle(session, job, "handled", heard, None)


def _voice(job: Job) -> Job | None:
    with transaction() as session:
        say(session, turn_of(session, job.message_id), "voice.kept")
        handoffs.request(session, job.conversation_id, Reason.VOICE)
        return _settle(session, job, "handled", None, None)


def _without_brain(job: Job) -> Job | None:
    """The model is away: the catalogue's own emergency words still work, everything else goes to a human."""
    with transaction() as session:
        turn = turn_of(session, job.message_id)
        code = emergency_words.by_words(job.request["text"], catalogue().emergencies.values())
        if code:
            emergencies.act(session, turn, code)
        elif not job.held and not held_by_human(session, job.conversation_id):
            say(session, turn, "brain.down")
            handoffs.request(session, turn.conversation_id, Reason.FAILURE)
        return _settle(session, job, "handled" if job.held else "escalated", None, None)


def turn_of(session: Session, message_id: int, heard: dict[str, Any] | None = None) -> Turn:
    """The turn a message opens, for replies made here rather than by the action server."""
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    return Turn(conversation.id, message.id, conversation.language, heard=Understanding.from_dict(heard or {}))


def _answered(session: Session, message_id: int) -> bool:
    return bool(session.scalar(select(func.count()).select_from(Message).where(Message.in_reply_to == message_id)))


def _settle(
    session: Session, job: Job, state: str, heard: dict[str, Any] | None, dialogue: dict[str, Any] | None
) -> Job | None:
    """Close the message with what was heard, keep Rasa's state, and look for the next in the same transaction."""
    message = session.get_one(Message, job.message_id)
    message.state, message.understanding = state, heard or None
    touch(session, job.conversation_id)
    if dialogue is not None:
        session.get_one(Conversation, job.conversation_id).dialogue = dialogue
    session.flush()
    return _next(session, job.conversation_id, job.lease)
