"""An operator sends a photo: checked and cleaned like a citizen's, once, to whichever channel the citizen uses."""

import io
import itertools
from collections.abc import Callable, Iterator

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select

from bot.channels.contract import File
from bot.channels.telegram.delivery import outgoing
from bot.domain.handoff import Reason
from bot.services import conversations, files, handoffs
from bot.services.replies import append
from bot.storage import Attachment, Conversation, Message, reading, transaction
from tests.console.conftest import Seat, say, words_of

Seats = Callable[[str], Seat]
Citizens = Callable[..., tuple[str, int]]
_numbers = itertools.count(1)


@pytest.fixture
def held(seat: Seats, citizen: Citizens) -> Iterator[tuple[Seat, str, int]]:
    """王芳 holds 陈阿姨's conversation."""
    conversation, handoff = citizen("陈阿姨", "转人工")
    wang = seat("wangfang")
    assert wang.post(f"/console/api/handoffs/{handoff}/claim").status_code == 200
    yield wang, conversation, handoff


def picture(kind: str = "JPEG") -> bytes:
    """As a phone takes it: turned by EXIF, with the place it was taken at."""
    image = Image.new("RGB", (64, 48), (120, 90, 60))
    exif = image.getexif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[2] = (29.0, 52.0, 12.0)
    content = io.BytesIO()
    image.save(content, kind, exif=exif.tobytes())
    assert b"taken at home" in content.getvalue()
    return content.getvalue()


def send(wang: Seat, handoff: int, content: bytes, caption: str = "", client_id: str = "photo-0001") -> httpx.Response:
    return wang.client.post(
        f"/console/api/handoffs/{handoff}/photo", headers={"X-CSRF-Token": wang.csrf},
        files={"photo": ("a.jpg", content, "image/jpeg")}, data={"caption": caption, "client_id": client_id})


def photos(conversation: str) -> list[Message]:
    with reading() as session:
        query = select(Message).where(Message.conversation_id == conversation, Message.kind == "photo")
        return list(session.scalars(query.order_by(Message.seq)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_photo_is_stored_upright_and_without_the_place_it_was_taken_at(
    held: tuple[Seat, str, int], kind: str
) -> None:
    wang, conversation, handoff = held
    answer = send(wang, handoff, picture(kind), "水表在这里")
    assert answer.status_code == 200, answer.text
    message = photos(conversation)[0]
    assert (message.sender, message.text, message.seq) == ("operator", "水表在这里", answer.json()["seq"])
    shown = wang.get(f"/console/files/{message.payload['attachment']}")
    with Image.open(io.BytesIO(shown.content)) as kept:
        assert kept.size == (48, 64) and not dict(kept.getexif()) and not kept.getexif().get_ifd(0x8825)
    assert b"taken at home" not in shown.content
    assert "水表在这里" in words_of(wang.page(f"/console/conversations/{conversation}"))


def test_the_same_photo_sent_again_is_one_message_and_one_file(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    assert send(wang, handoff, picture()).json()["repeated"] is False
    assert send(wang, handoff, picture()).json() == {"seq": None, "repeated": True}
    assert len(photos(conversation)) == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"%PDF-1.7", picture()[:200]])
def test_what_is_no_photo_is_refused_in_words(held: tuple[Seat, str, int], content: bytes) -> None:
    wang, conversation, handoff = held
    answer = send(wang, handoff, content)
    assert answer.status_code == 422 and answer.json()["error"]["message"]
    assert photos(conversation) == []


def test_what_is_too_big_is_refused(held: tuple[Seat, str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.config import settings

    wang, conversation, handoff = held
    monkeypatch.setattr(settings(), "upload_limit_bytes", 1_048_576)
    answer = send(wang, handoff, picture() + b"0" * 1_100_000)
    assert answer.status_code == 422 and "最多 1 MB" in answer.json()["error"]["message"]
    assert photos(conversation) == []


def test_only_the_holder_sends_and_only_with_her_own_token(held: tuple[Seat, str, int], seat: Seats) -> None:
    wang, conversation, handoff = held
    assert send(seat("limei"), handoff, picture()).status_code == 409
    wang.csrf = "guessed"
    assert send(wang, handoff, picture()).status_code == 403
    assert photos(conversation) == []


def test_the_citizen_gets_it_in_the_web_chat(seat: Seats, deployment: str) -> None:
    from bot.channels.api import views

    conversation, _ = conversations.start()
    say(conversation, "转人工")
    with transaction() as session:
        handoff = handoffs.request(session, conversation, Reason.ASKED).id
    wang = seat("wangfang")
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    send(wang, handoff, picture(), "水表在这里")
    with reading() as session:
        shown = views.messages(session, conversations.messages_after(session, conversation, 0))[-1]
    key = photos(conversation)[0].payload["attachment"]
    assert (shown["kind"], shown["sender"], shown["text"]) == ("photo", "operator", "水表在这里")
    assert shown["photo_url"].endswith(f"/files/{key}") and photos(conversation)[0].delivery == "ready"


def test_for_telegram_it_waits_to_be_delivered_with_its_file(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    send(wang, handoff, picture())
    message = photos(conversation)[0]
    assert message.delivery == "pending"
    with reading() as session:
        of = session.get_one(Conversation, conversation)
        file = files.path_of(conversations.attachments_of(session, message)[0])
    ready = outgoing(message, of, "王芳", File(file, "a.jpg", True))
    assert ready.file and ready.file.path == file and file.is_file() and ready.text == "话务员王芳发来一张照片"


def test_a_departments_document_in_the_story_is_named_and_downloaded(held: tuple[Seat, str, int]) -> None:
    wang, conversation, _ = held
    with transaction() as session:
        kept = files.Kept(b"%PDF-1.4", "application/pdf", "pdf")
        key = files.store(session, conversation, kept, "办理指南.pdf")
        append(session, conversation, sender="bot", kind="document", text="承办单位发来的文件",
               payload={"attachment": key, "name": "办理指南.pdf", "size": 8})
    assert "办理指南.pdf" in words_of(wang.page(f"/console/conversations/{conversation}"))
    answer = wang.get(f"/console/files/{key}")
    assert answer.content == b"%PDF-1.4" and answer.headers["content-disposition"].startswith("attachment")
