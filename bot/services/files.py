"""Photos and voice notes: checked by content, stored under a name of ours."""

import hashlib
import io
import secrets
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from bot.config import settings
from bot.errors import BadInput
from bot.storage import Attachment, transaction

FORMATS = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
VOICE = {b"OggS": ("audio/ogg", "ogg"), b"ID3": ("audio/mpeg", "mp3")}
MAX_PIXELS = 50_000_000


def keep_photo(conversation_id: str, content: bytes) -> str:
    """Store a picture and return its key. It is written anew without EXIF: a phone's picture says where it was taken.

    Raises BadInput for what is no picture, too big or too many pixels.
    """
    _check_size(content)
    try:
        image = Image.open(io.BytesIO(content))
        if image.format not in FORMATS or image.width * image.height > MAX_PIXELS:
            raise BadInput("file.not_a_photo")
        media_type, ending = FORMATS[image.format]
        clean = io.BytesIO()
        from PIL import ImageOps

        ImageOps.exif_transpose(image).save(clean, format=image.format)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, ValueError, SyntaxError) as error:
        raise BadInput("file.not_a_photo") from error
    return _store(conversation_id, clean.getvalue(), media_type, ending)


def keep_voice(conversation_id: str, content: bytes) -> str:
    """Store a voice note for the operator and return its key."""
    _check_size(content)
    kind = next((v for magic, v in VOICE.items() if content.startswith(magic)), None)
    if kind is None:
        raise BadInput("file.not_a_voice_note")
    return _store(conversation_id, content, *kind)


def path_of(attachment: Attachment) -> Path:
    """Where its bytes are."""
    return uploads() / attachment.path


def uploads() -> Path:
    """The folder of uploads."""
    return settings().var / "uploads"


def _check_size(content: bytes) -> None:
    if not content:
        raise BadInput("file.empty")
    if len(content) > settings().upload_limit_bytes:
        raise BadInput("file.too_big", limit=settings().upload_limit_bytes // 1_048_576)


def _store(conversation_id: str, content: bytes, media_type: str, ending: str) -> str:
    key = secrets.token_hex(12)
    relative = f"{hashlib.sha256(key.encode()).hexdigest()[:2]}/{key}.{ending}"
    target = uploads() / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    with transaction() as session:
        session.add(Attachment(key=key, conversation_id=conversation_id, media_type=media_type, size=len(content),
                               path=relative))
    return key
