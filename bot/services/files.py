"""Photos and voice notes: checked by content, stored under a name of ours."""

import hashlib
import io
import secrets
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.config import settings
from bot.errors import BadInput, NotFound
from bot.storage import Attachment, transaction

FORMATS = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
VOICE = {b"OggS": ("audio/ogg", "ogg"), b"ID3": ("audio/mpeg", "mp3")}
MAX_PIXELS = 50_000_000


@dataclass(frozen=True)
class Kept:
    """A file that was checked and is fit to be stored."""

    content: bytes
    media_type: str
    ending: str


def keep_photo(conversation_id: str, content: bytes) -> str:
    """Store a picture and return its key. Raises BadInput for what is no picture, too big or too many pixels."""
    kept = checked_photo(content)
    with transaction() as session:
        return store(session, conversation_id, kept)


def checked_photo(content: bytes) -> Kept:
    """A picture written anew without EXIF and comments: a phone's picture says where it was taken.

    Raises BadInput for what is no picture, too big or too many pixels.
    """
    check_size(content)
    try:
        image = Image.open(io.BytesIO(content))
        if image.format not in FORMATS or image.width * image.height > MAX_PIXELS:
            raise BadInput("file.not_a_photo")
        clean = io.BytesIO()
        from PIL import ImageOps

        upright = ImageOps.exif_transpose(image)
        upright.info.pop("comment", None)
        upright.save(clean, format=image.format)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, ValueError, SyntaxError) as error:
        raise BadInput("file.not_a_photo") from error
    return Kept(clean.getvalue(), *FORMATS[image.format])


def keep_voice(conversation_id: str, content: bytes) -> str:
    """Store a voice note for the operator and return its key."""
    check_size(content)
    kind = next((v for magic, v in VOICE.items() if content.startswith(magic)), None)
    if kind is None:
        raise BadInput("file.not_a_voice_note")
    with transaction() as session:
        return store(session, conversation_id, Kept(content, *kind))


def store(session: Session, conversation_id: str, kept: Kept, name: str = "") -> str:
    """Write a checked file under a name nobody guesses; returns its key. `name` is what people call it."""
    key = secrets.token_hex(12)
    relative = f"{hashlib.sha256(key.encode()).hexdigest()[:2]}/{key}.{kept.ending}"
    target = uploads() / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(kept.content)
    session.add(Attachment(key=key, conversation_id=conversation_id, media_type=kept.media_type,
                           size=len(kept.content), path=relative, name=name))
    return key


def find(session: Session, conversation_id: str, key: str) -> Attachment:
    """A file of that conversation; raises NotFound."""
    found = session.scalar(
        select(Attachment).where(Attachment.key == key, Attachment.conversation_id == conversation_id))
    if found is None or not path_of(found).is_file():
        raise NotFound("file.unknown")
    return found


def path_of(attachment: Attachment) -> Path:
    """Where its bytes are."""
    return uploads() / attachment.path


def uploads() -> Path:
    """The folder of uploads."""
    return settings().var / "uploads"


def check_size(content: bytes) -> None:
    """Raises BadInput for an empty file or one above the limit."""
    if not content:
        raise BadInput("file.empty")
    if len(content) > settings().upload_limit_bytes:
        raise BadInput("file.too_big", limit=settings().upload_limit_bytes // 1_048_576)
