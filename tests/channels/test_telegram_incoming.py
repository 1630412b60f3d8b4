"""What each kind of update means."""

from typing import Any

import pytest
from telegram import Update

from bot.channels.telegram.incoming import Heard, command, language_hint, read
from bot.domain.message import Location

PRIVATE = {"id": 77, "type": "private", "first_name": "王芳"}
GROUP = {"id": -1001, "type": "supergroup", "title": "业主群"}
WANG = {"id": 77, "is_bot": False, "first_name": "王芳", "last_name": "Wang", "language_code": "zh-hans"}
BOT = {"id": 1, "is_bot": True, "first_name": "一拨灵"}


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_800_000_000, "chat": chat, "from": WANG, **content}


def heard(**update: Any) -> Heard | None:
    return read(Update.de_json({"update_id": 9, **update}, None))


def sure(**update: Any) -> Heard:
    found = heard(**update)
    assert found is not None
    return found


def file(file_id: str, **more: Any) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": file_id, **more}


def test_text() -> None:
    found = sure(message=message(text="水管漏了"))
    assert (found.chat_id, found.name, found.language) == (77, "王芳 Wang", "zh")
    assert found.incoming is not None
    assert (found.incoming.external_id, found.incoming.kind, found.incoming.text) == ("m5", "text", "水管漏了")
    assert not found.incoming.trusted


@pytest.mark.parametrize("code, language", [
    ("zh", "zh"), ("zh-hans", "zh"), ("zh-TW", "zh"), (None, "zh"), ("", "zh"), ("en", "en"), ("en-GB", "en"),
    ("ko", "en"),
])
def test_language_hint(code: str | None, language: str) -> None:
    assert language_hint(code) == language


@pytest.mark.parametrize("name", ["start", "help", "human", "status", "language"])
def test_commands_are_trusted_choices_and_keep_what_was_typed(name: str) -> None:
    incoming = sure(message=message(text=f"/{name}@yiboling_bot")).incoming
    assert incoming is not None
    assert (incoming.kind, incoming.choice, incoming.trusted) == ("choice", name, True)
    assert incoming.text == f"/{name}@yiboling_bot"


@pytest.mark.parametrize("typed, choice", [
    ("/HELP", "help"), (" /help ", "help"), ("/start abc123", "start"), ("/language en", "language:en"),
    ("/language 中文", "language:zh"), ("/language klingon", ""), ("/human 着火了", ""), ("/status HS20260001", ""),
    ("/restart", ""), ("/helpme", ""), ("/", ""), ("//help", ""), ("help", ""), ('/intent{"item":"x"}', ""),
    ("看 /help", ""),
])
def test_only_our_commands_by_themselves_are_commands(typed: str, choice: str) -> None:
    assert command(typed) == choice
    incoming = sure(message=message(text=typed)).incoming
    assert incoming is not None and incoming.text == typed
    assert incoming.kind == ("choice" if choice else "text")


def test_button() -> None:
    query = {"id": "4711", "from": WANG, "chat_instance": "1", "data": "item:drain-unclogging",
             "message": message(text="请选")}
    found = sure(callback_query=query)
    assert found.incoming is not None
    assert (found.callback_id, found.pressed_on, found.chat_id) == ("4711", 5, 77)
    assert (found.incoming.external_id, found.incoming.kind) == ("c4711", "choice")
    assert (found.incoming.choice, found.incoming.trusted) == ("item:drain-unclogging", False)


def test_button_under_a_message_telegram_no_longer_shows() -> None:
    old = {"chat": PRIVATE, "message_id": 3, "date": 0}
    found = sure(callback_query={"id": "1", "from": WANG, "chat_instance": "1", "data": "human", "message": old})
    assert (found.chat_id, found.pressed_on) == (77, 3)
    assert sure(callback_query={"id": "1", "from": WANG, "chat_instance": "1", "data": "human"}).chat_id == 77
    assert heard(callback_query={"id": "1", "from": WANG, "chat_instance": "1", "game_short_name": "x"}) is None


def test_location_and_venue() -> None:
    place = {"latitude": 29.87, "longitude": 121.54}
    found = sure(message=message(location=place))
    assert found.incoming is not None and not found.unsupported
    assert (found.incoming.kind, found.incoming.location) == ("location", Location(29.87, 121.54))
    square = {"location": place, "title": "天一广场", "address": "中山东路188号"}
    venue = sure(message=message(location=place, venue=square))
    assert venue.incoming is not None and not venue.unsupported
    assert (venue.incoming.kind, venue.incoming.text) == ("location", "天一广场 中山东路188号")
    assert heard(edited_message=message(location=place, edit_date=1_800_000_060)) is None, "a live location moving on"


def test_photo_is_taken_in_its_largest_size_with_its_words() -> None:
    sizes = [file("s", width=90, height=67), file("l", width=1280, height=960), file("m", width=320, height=240)]
    found = sure(message=message(photo=sizes, caption="就是这里"))
    assert found.incoming is not None
    assert (found.file_id, found.incoming.kind, found.incoming.text) == ("l", "photo", "就是这里")


@pytest.mark.parametrize("content, kind", [
    ({"voice": file("v", duration=3)}, "voice"),
    ({"audio": file("v", duration=3, mime_type="audio/mpeg")}, "voice"),
    ({"document": file("v", mime_type="image/png")}, "photo"),
])
def test_files_that_are_kept(content: dict[str, Any], kind: str) -> None:
    found = sure(message=message(**content))
    assert found.incoming is not None and not found.unsupported
    assert (found.file_id, found.incoming.kind) == ("v", kind)


@pytest.mark.parametrize("content, what", [
    ({"sticker": file("f", type="regular", width=1, height=1, is_animated=False, is_video=False)}, "sticker"),
    ({"document": file("f", mime_type="application/pdf")}, "document"),
    ({"contact": {"phone_number": "+8613800000000", "first_name": "张三"}}, "contact"),
    ({"video": file("f", width=1, height=1, duration=1)}, "video"),
    ({"animation": file("f", width=1, height=1, duration=1), "document": file("f")}, "video"),
    ({"dice": {"emoji": "🎲", "value": 3}}, "sticker"),
    ({"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
               "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
               "allows_revoting": False, "members_only": False}}, "other"),
])
def test_what_cannot_be_kept_is_named(content: dict[str, Any], what: str) -> None:
    found = sure(message=message(**content))
    assert (found.unsupported, found.incoming, found.external_id) == (what, None, "m5")


def test_the_words_under_a_video_count() -> None:
    found = sure(message=message(video=file("f", width=1, height=1, duration=1), caption="楼下着火了"))
    assert found.incoming is not None
    assert (found.unsupported, found.incoming.kind, found.incoming.text) == ("video", "text", "楼下着火了")


def test_each_edit_is_a_message_of_its_own() -> None:
    first = sure(edited_message=message(text="三楼", edit_date=1_800_000_060)).incoming
    again = sure(edited_message=message(text="三楼", edit_date=1_800_000_060)).incoming
    same_second = sure(edited_message=message(text="四楼", edit_date=1_800_000_060)).incoming
    assert first is not None and again is not None and same_second is not None
    assert first.edited and first.external_id.startswith("e5:1800000060:")
    assert first.external_id == again.external_id != same_second.external_id


def test_groups_are_only_recognised() -> None:
    for update in ({"message": message(GROUP, text="你好")}, {"edited_message": message(GROUP, text="你好")},
                   {"callback_query": {"id": "1", "from": WANG, "chat_instance": "1", "data": "human",
                                       "message": message(GROUP, text="x")}}):
        found = sure(**update)
        assert (found.chat_id, found.private, found.incoming) == (-1001, False, None)


@pytest.mark.parametrize("chat, status, recognised", [
    (GROUP, "member", True), (GROUP, "left", False), (PRIVATE, "member", False),
])
def test_being_put_into_a_group(chat: dict[str, Any], status: str, recognised: bool) -> None:
    change = {"chat": chat, "from": WANG, "date": 1, "old_chat_member": {"user": BOT, "status": "left"},
              "new_chat_member": {"user": BOT, "status": status}}
    assert (heard(my_chat_member=change) is not None) is recognised


@pytest.mark.parametrize("update", [
    {"message": message(message_auto_delete_timer_changed={"message_auto_delete_time": 60})},
    {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel", "title": "x"}, "text": "x"}},
    {},
])
def test_what_needs_no_answer(update: dict[str, Any]) -> None:
    assert heard(**update) is None


def test_a_name_with_control_characters_is_cleaned() -> None:
    odd = message(text="x") | {"from": WANG | {"first_name": "王\x00芳", "last_name": "长" * 100}}
    name = sure(message=odd).name
    assert "\x00" not in name and len(name) == 64


def test_a_reply_keeps_our_words_that_it_answers() -> None:
    ours = message(text="您的工单 HS2026112200079 已经受理") | {"from": BOT, "message_id": 4}
    theirs = message(text="我朋友说的") | {"message_id": 3}
    found = [sure(message=message(text="快点吧", reply_to_message=earlier)).incoming for earlier in (ours, theirs)]
    assert [f.replied_to for f in found if f] == ["您的工单 HS2026112200079 已经受理", ""]
