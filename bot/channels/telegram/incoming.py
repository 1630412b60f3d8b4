"""What an update of the Bot API means. A pure mapping: no network, no database."""

import re
import zlib
from dataclasses import dataclass

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.domain.message import Incoming, Kind, Location, clean_text

COMMANDS = ("start", "help", "human", "status", "language")
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
VOICE_TYPES = ("audio/ogg", "audio/mpeg")
UNSUPPORTED = {
    "sticker": "sticker", "dice": "sticker", "contact": "contact", "animation": "video", "video": "video",
    "video_note": "video", "document": "document", "audio": "document",
}
"""Message field → the name under `telegram.what_…`; whatever else is attached is `other`."""

_COMMAND = re.compile(r"/([a-z]+)(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_LANGUAGES = {"zh": "zh", "中文": "zh", "chinese": "zh", "en": "en", "英文": "en", "english": "en"}


@dataclass(frozen=True)
class Heard:
    """One update, read.

    `incoming` is what to store, None where there are no words, place, press or file. `file_id` is still to be fetched
    and becomes its attachment. `unsupported` names what came with it and cannot be kept. A group has only `chat_id`.
    """

    chat_id: int
    external_id: str = ""
    name: str = ""
    language: str = "zh"
    private: bool = True
    incoming: Incoming | None = None
    file_id: str = ""
    unsupported: str = ""
    callback_id: str = ""
    pressed_on: int = 0


def read(update: Update) -> Heard | None:
    """The update's meaning; None for what needs no answer (service messages, live locations, other updates)."""
    if update.callback_query:
        return _press(update.callback_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    if update.edited_message:
        return _message(update.edited_message, edited=True)
    return _message(update.message, edited=False) if update.message else None


def chat_of(update: Update) -> int:
    """The chat an update belongs to, 0 where it has none: updates of one chat are stored one after another."""
    if update.effective_chat:
        return update.effective_chat.id
    return update.callback_query.from_user.id if update.callback_query else 0


def language_hint(code: str | None) -> str:
    """`zh` for Chinese and where nothing is known, `en` for every other language."""
    return "zh" if not code or code.lower().startswith("zh") else "en"


def _press(query: CallbackQuery) -> Heard | None:
    if not query.data:
        return None
    chat = query.message.chat if query.message else None
    if chat is not None and chat.type != ChatType.PRIVATE:
        return Heard(chat.id, private=False, language=language_hint(query.from_user.language_code))
    external_id = f"c{query.id}"
    return Heard(
        chat_id=chat.id if chat else query.from_user.id,
        external_id=external_id,
        name=_name(query.from_user),
        language=language_hint(query.from_user.language_code),
        incoming=Incoming(external_id, kind="choice", choice=query.data),
        callback_id=query.id,
        pressed_on=query.message.message_id if query.message else 0,
    )


def _membership(change: ChatMemberUpdated) -> Heard | None:
    joined = change.new_chat_member.status in (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)
    if change.chat.type == ChatType.PRIVATE or not joined:
        return None
    return Heard(change.chat.id, private=False, language=language_hint(change.from_user.language_code))


def _message(message: Message, edited: bool) -> Heard | None:
    user = message.from_user
    language = language_hint(user.language_code if user else None)
    if message.chat.type != ChatType.PRIVATE:
        return Heard(message.chat.id, private=False, language=language)
    words = message.text or message.caption or ""
    external_id = _edit_id(message, words) if edited else f"m{message.message_id}"
    kind, file_id = _file(message)
    incoming = _incoming(message, external_id, kind, words, edited)
    unsupported = "" if kind or message.location or edited else _unsupported(message)
    if incoming is None and not unsupported:
        return None
    return Heard(message.chat.id, external_id, _name(user) if user else "", language, incoming=incoming,
                 file_id=file_id, unsupported=unsupported)


def _incoming(message: Message, external_id: str, kind: Kind | None, words: str, edited: bool) -> Incoming | None:
    replied = _replied_to(message)
    if kind:
        return Incoming(external_id, kind=kind, text=words, edited=edited, replied_to=replied)
    if message.location:
        return None if edited else _place(message, external_id)
    if message.text and (choice := command(message.text)):
        return Incoming(external_id, kind="choice", text=words, choice=choice, edited=edited, trusted=True)
    return Incoming(external_id, text=words, edited=edited, replied_to=replied) if words else None


def _replied_to(message: Message) -> str:
    """The words of the message that this one is a reply to, if we wrote it."""
    earlier = message.reply_to_message
    ours = earlier is not None and earlier.from_user is not None and earlier.from_user.is_bot
    return (earlier.text or earlier.caption or "") if earlier is not None and ours else ""


def _place(message: Message, external_id: str) -> Incoming:
    """A location or a venue. An edited one is a live location moving on: not a new message every few seconds."""
    where, venue = message.location, message.venue
    assert where is not None
    words = f"{venue.title} {venue.address}".strip() if venue else ""
    return Incoming(external_id, kind="location", text=words, location=Location(where.latitude, where.longitude))


def command(words: str) -> str:
    """The choice one of our commands stands for, or an empty string: everything else with a slash is plain text.

    A command followed by words is text too, so that "/human there is a fire" is read as what it says.
    """
    found = _COMMAND.fullmatch(words.strip())
    if found is None or (name := found[1].lower()) not in COMMANDS:
        return ""
    rest = (found[2] or "").strip().lower()
    if name == "start" or not rest:
        return name
    return f"language:{_LANGUAGES[rest]}" if name == "language" and rest in _LANGUAGES else ""


def _file(message: Message) -> tuple[Kind | None, str]:
    """What kind of file we keep, and its id: a photo also where it was sent as a file, a voice note also as music."""
    if message.photo:
        return "photo", max(message.photo, key=lambda size: size.width * size.height).file_id
    if message.document and message.document.mime_type in PHOTO_TYPES:
        return "photo", message.document.file_id
    if message.voice:
        return "voice", message.voice.file_id
    if message.audio and message.audio.mime_type in VOICE_TYPES:
        return "voice", message.audio.file_id
    return None, ""


def _unsupported(message: Message) -> str:
    named = next((what for part, what in UNSUPPORTED.items() if getattr(message, part)), "")
    return named or ("other" if message.effective_attachment else "")


def _edit_id(message: Message, words: str) -> str:
    """Telegram dates edits to the second; the checksum tells two edits within one apart."""
    when = int(message.edit_date.timestamp()) if message.edit_date else 0
    return f"e{message.message_id}:{when}:{zlib.crc32(words.encode('utf-8', 'replace')):08x}"


def _name(user: User) -> str:
    return clean_text(user.full_name, 64)[0]
