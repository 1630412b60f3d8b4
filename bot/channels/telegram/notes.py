"""What a citizen sent that we cannot keep: a note in its place for the operator, a word to the citizen."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.handoff import HandoffState
from bot.domain.message import Button
from bot.errors import BadInput
from bot.i18n import text
from bot.services.conversations import open_handoff
from bot.services.replies import append, tell
from bot.storage import Conversation, Message, reading, transaction


def is_stored(conversation_id: str, external_id: str) -> bool:
    """Whether a message is stored already: then its file need not be fetched again."""
    with reading() as session:
        return _is_stored(session, conversation_id, external_id)


def language_of(conversation_id: str) -> str:
    """The language the citizen is spoken to in."""
    with reading() as session:
        return session.get_one(Conversation, conversation_id).language


def unsupported(conversation_id: str, external_id: str, what: str) -> None:
    """A sticker, document, contact or video came: `what` names it under `telegram.what_…`."""
    with transaction() as session:
        language = session.get_one(Conversation, conversation_id).language
        named = text(f"telegram.what_{what}", language)
        note = text("telegram.note_unsupported", language, what=named)
        _note(session, conversation_id, external_id, note, text("telegram.unsupported", language, what=named))


def file_missing(conversation_id: str, external_id: str, kind: str, why: BadInput | None = None) -> None:
    """A photo or voice note could not be fetched or is none; `why` is what is wrong with it, if that is known."""
    with transaction() as session:
        language = session.get_one(Conversation, conversation_id).language
        words = text(f"errors.{why.key}", language, **why.facts) if why else text(f"telegram.{kind}_again", language)
        _note(session, conversation_id, external_id, text(f"telegram.note_{kind}_missing", language), words)


def _note(session: Session, conversation_id: str, external_id: str, note: str, words: str) -> None:
    """Both rows once. While a human holds the conversation the note is enough: the bot is silent."""
    own_id = f"{external_id}:note"
    if _is_stored(session, conversation_id, own_id):
        return
    append(session, conversation_id, sender="citizen", text=note, external_id=own_id, state="handled")
    handoff = open_handoff(session, conversation_id)
    if handoff is None or handoff.state != HandoffState.ACTIVE:
        language = session.get_one(Conversation, conversation_id).language
        human = Button("human", text("button.human", language))
        tell(session, conversation_id, words, f"telegram:{own_id}", [human])


def _is_stored(session: Session, conversation_id: str, external_id: str) -> bool:
    known = select(Message.id).where(Message.conversation_id == conversation_id, Message.external_id == external_id)
    return session.scalar(known) is not None
