"""What is stored of what people do in Telegram, with the real client against the stand-in."""

import asyncio
import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from telegram import Update

from bot.channels.telegram import buttons
from bot.channels.telegram.receive import Receiver
from bot.channels.telegram.tolerant import readable
from bot.config import settings
from bot.domain.message import Button, Card
from bot.services import files
from bot.services.replies import tell
from bot.storage import Attachment, Handoff, reading, transaction
from tests.channels.conftest import Brain, conversation_of, stored
from tests.support.bot_api import BotApi, Sent, rules
from tests.support.bot_api_people import Person


def picture(size: tuple[int, int] = (40, 30)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "blue").save(written, "JPEG")
    return written.getvalue()


async def take(receiver: Receiver, update: dict[str, Any]) -> str | None:
    """As polling and the webhook do, then wait for the answer."""
    conversation = await receiver.handle(Update.de_json(readable(update), receiver.bot))
    if conversation:
        receiver.work_off(conversation)
    await receiver.drain()
    return conversation


def offer(person: Person, *offered: Button, cards: list[Card] | None = None, key: str = "k") -> Sent:
    """A message of the bot with buttons, as it stands in Telegram."""
    with transaction() as session:
        message = tell(session, conversation_of(person).id, "请选", key, list(offered), cards)
        assert message is not None
    flat = buttons.all_buttons(message.buttons, message.cards)
    rows = [[{"text": b["title"], "callback_data": buttons.encode(message.id, i, b["id"])}] for i, b in enumerate(flat)]
    sent = Sent(person.chat_id, next(person.api.numbers), "请选", rows)
    person.api.sent.append(sent)
    return sent


async def test_text_is_stored_and_answered(receiver: Receiver, wang: Person, brain: Brain) -> None:
    assert await take(receiver, wang.writes("厨房水池满了😀")) == conversation_of(wang).id
    assert [m.text for m in stored(wang, "citizen", "bot")] == ["厨房水池满了😀", "听到：厨房水池满了😀"]
    assert (conversation_of(wang).display_name, conversation_of(wang).language) == ("王芳", "zh")


async def test_the_first_word_on_language_is_telegrams(receiver: Receiver, telegram: BotApi) -> None:
    john = telegram.person("John", "en-GB")
    await take(receiver, john.writes("/start"))
    assert conversation_of(john).language == "en"
    await take(receiver, john.writes("我会说中文"))
    assert conversation_of(john).language == "zh", "what somebody writes counts for more"


async def test_a_redelivery_is_no_second_message(receiver: Receiver, wang: Person, brain: Brain) -> None:
    for update in (wang.writes("路灯不亮"), wang.sends_photo(picture()), wang.sends_sticker()):
        await take(receiver, update)
        before = [m.id for m in stored(wang, "citizen", "bot")]
        await take(receiver, update)
        assert [m.id for m in stored(wang, "citizen", "bot")] == before
    assert len(brain.asked) == 2
    with reading() as session:
        assert len(session.scalars(select(Attachment)).all()) == 1, "the photo is not fetched twice"


@pytest.mark.parametrize("typed", ["/restart", '/request{"item":"x"}', "/", "//", "/human 着火了"])
async def test_a_slash_is_text(receiver: Receiver, wang: Person, brain: Brain, typed: str) -> None:
    await take(receiver, wang.writes(typed))
    assert (brain.asked[0]["text"], brain.asked[0]["act"]) == (typed, None)


@pytest.mark.parametrize("name, act", [("help", "help_menu"), ("human", "human"), ("status", "status"),
                                       ("language", "language")])
async def test_commands_work_though_no_button_was_offered(
    receiver: Receiver, wang: Person, brain: Brain, name: str, act: str
) -> None:
    await take(receiver, wang.writes(f"/{name}"))
    assert (brain.asked[0]["choice"], brain.asked[0]["act"], brain.asked[0]["text"]) == (name, act, f"/{name}")


async def test_nul_and_a_hundred_kilobytes(receiver: Receiver, wang: Person, brain: Brain) -> None:
    await take(receiver, wang.writes("水\x00管" + "漏" * 34_000))
    message = stored(wang)[0]
    assert message.text.startswith("水管漏漏") and len(message.text) == settings().message_limit_chars
    assert message.payload == {"cut": True}


async def test_a_text_of_nothing_is_let_go(receiver: Receiver, wang: Person) -> None:
    assert await take(receiver, wang.writes("\x00\x01")) is None
    assert stored(wang) == []


async def test_location_and_venue(receiver: Receiver, wang: Person, brain: Brain) -> None:
    await take(receiver, wang.is_at(29.87, 121.54))
    await take(receiver, wang.is_at_venue(29.86, 121.55, "天一广场", "中山东路188号"))
    assert [m.kind for m in stored(wang)] == ["location", "location"]
    assert brain.asked[0]["metadata"]["location"] == {"lat": 29.87, "lon": 121.54}
    assert brain.texts[1] == "天一广场 中山东路188号"


async def test_a_photo_is_kept(receiver: Receiver, wang: Person, telegram: BotApi) -> None:
    await take(receiver, wang.sends_photo(picture(), "就是这里"))
    message = stored(wang)[0]
    with reading() as session:
        kept = session.scalars(select(Attachment)).one()
    assert (message.kind, message.text, message.payload["attachment"]) == ("photo", "就是这里", kept.key)
    assert files.path_of(kept).read_bytes()[:2] == b"\xff\xd8"


async def test_a_voice_note_is_kept_for_the_operator(receiver: Receiver, wang: Person, brain: Brain) -> None:
    await take(receiver, wang.sends_voice(b"OggS-and-so-on"))
    assert stored(wang)[0].kind == "voice" and not brain.asked
    with reading() as session:
        assert session.scalars(select(Attachment)).one().media_type == "audio/ogg"
        assert session.scalars(select(Handoff)).one().reason == "voice"


@pytest.mark.parametrize("method", ["getFile", "download"])
async def test_a_download_is_tried_again(receiver: Receiver, wang: Person, telegram: BotApi, method: str) -> None:
    telegram.fail(method)
    telegram.fail(method, rules.BROKEN)
    await take(receiver, wang.sends_photo(picture()))
    assert stored(wang)[0].payload["attachment"]


async def test_a_photo_that_cannot_be_had_leaves_a_note_and_its_words(
    receiver: Receiver, wang: Person, telegram: BotApi, brain: Brain
) -> None:
    telegram.fail("download", times=3)
    await take(receiver, wang.sends_photo(picture(), "路灯不亮"))
    assert [(m.kind, m.text) for m in stored(wang)] == [("text", "［照片没有取到］"), ("text", "路灯不亮")]
    assert brain.texts == ["路灯不亮"], "the note is for the operator, nobody understands it as a request"
    assert stored(wang, "bot")[0].text.startswith("抱歉，照片没有收到")
    assert [b["id"] for b in stored(wang, "bot")[0].buttons] == ["human"]


async def test_a_picture_that_is_none_is_refused_kindly(receiver: Receiver, wang: Person) -> None:
    await take(receiver, wang.sends_photo(b"not a picture"))
    assert stored(wang)[0].text == "［照片没有取到］"
    assert stored(wang, "bot")[0].text.startswith("这不是能识别的照片")


async def test_a_file_too_big_is_not_even_fetched(
    receiver: Receiver, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "upload_limit_bytes", 100)
    await take(receiver, wang.sends_photo(picture()))
    assert not telegram.called("download")
    assert stored(wang, "bot")[0].text.startswith("文件太大")


@pytest.mark.parametrize("act, what", [("sends_sticker", "表情"), ("sends_contact", "名片"), ("sends_video", "视频")])
async def test_what_cannot_be_kept_is_answered_politely(
    receiver: Receiver, wang: Person, brain: Brain, act: str, what: str
) -> None:
    await take(receiver, getattr(wang, act)())
    assert stored(wang)[0].text == f"［发来了{what}，这里收不到］"
    assert stored(wang, "bot")[0].text == f"这里收不到{what}。请打字说，也可以发照片、语音或定位。"
    assert not brain.asked


async def test_while_a_human_holds_the_conversation_the_note_is_enough(receiver: Receiver, wang: Person) -> None:
    await take(receiver, wang.writes("转人工"))
    with transaction() as session:
        session.add(Handoff(conversation_id=conversation_of(wang).id, reason="asked", state="active"))
    said = len(stored(wang, "bot"))
    await take(receiver, wang.sends_sticker())
    assert stored(wang)[-1].text == "［发来了表情，这里收不到］" and len(stored(wang, "bot")) == said


async def test_an_edit_is_heard_as_a_new_message(receiver: Receiver, wang: Person, brain: Brain) -> None:
    first = wang.writes("西门街道三号")
    await take(receiver, first)
    await take(receiver, wang.edits(first, "西门街道八号"))
    await take(receiver, wang.edits(first, "西门街道九号"))
    assert brain.texts == ["西门街道三号", "西门街道八号", "西门街道九号"]
    assert [m.payload.get("edited", False) for m in stored(wang)] == [False, True, True]


async def test_a_button_is_pressed(receiver: Receiver, wang: Person, brain: Brain, telegram: BotApi) -> None:
    await take(receiver, wang.writes("你好"))
    sent = offer(wang, Button("human", "转人工"), Button("item:drain-unclogging", "疏通"))
    await take(receiver, wang.presses(sent, "疏通"))
    assert (brain.asked[-1]["choice"], brain.asked[-1]["text"]) == ("item:drain-unclogging", "疏通")
    assert [call.get("text") for call in telegram.answered.values()] == [None], "answered, so that it stops turning"


async def test_a_button_with_a_long_id(receiver: Receiver, wang: Person, brain: Brain) -> None:
    await take(receiver, wang.writes("你好"))
    long_id = "place:" + "浙江省宁波市海曙区西门街道" * 3
    sent = offer(wang, Button("human", "转人工"),
                 cards=[Card("provider", "x", buttons=[Button("more", "换"), Button(long_id, "这里")])])
    assert dict(sent.buttons)["这里"].endswith(":2")
    await take(receiver, wang.presses(sent, "这里"))
    assert brain.asked[-1]["choice"] == long_id


async def test_an_old_button_works_while_it_is_live_and_is_taken_away_when_not(
    receiver: Receiver, wang: Person, brain: Brain, telegram: BotApi
) -> None:
    await take(receiver, wang.writes("你好"))
    sent = offer(wang, Button("more", "换一批"))
    for number in range(18):
        offer(wang, Button("human", "转人工"), key=str(number))
    await take(receiver, wang.presses(sent, "换一批"))
    assert brain.asked[-1]["choice"] == "more"
    for number in range(18, 22):
        offer(wang, Button("human", "转人工"), key=str(number))
    asked = len(brain.asked)
    await take(receiver, wang.presses(sent, "换一批"))
    assert len(brain.asked) == asked
    refused = list(telegram.answered.values())[-1]
    assert (refused["text"], refused["show_alert"]) == ("这个按钮已经失效，请看最新的消息。", "true")
    assert sent.buttons == []


async def test_forged_callback_data_reaches_nothing(
    receiver: Receiver, wang: Person, telegram: BotApi, brain: Brain
) -> None:
    zhang = telegram.person("张三")
    await take(receiver, zhang.writes("你好"))
    await take(receiver, wang.writes("你好"))
    offer(zhang, Button("rate:T1:5", "很满意"))
    theirs = stored(zhang, "bot")[-1].id
    assert buttons.decode(conversation_of(zhang).id, f"{theirs}:0") == "rate:T1:5"
    assert buttons.decode(conversation_of(wang).id, f"{theirs}:0") is None
    for data in ("forget", "rate:T1:5", f"{theirs}:0", "99999999999:0", "0:0", "/restart", "x\x00"):
        await take(receiver, wang.presses_data(data))
    assert brain.texts == ["你好", "你好"]
    assert len(telegram.answered) == 7


async def test_in_a_group_it_says_where_to_go_and_leaves(
    receiver: Receiver, wang: Person, telegram: BotApi, brain: Brain
) -> None:
    group = wang.in_group()
    for update in (group.adds_bot(), group.writes("/help"), group.writes("在吗")):
        assert await take(receiver, update) is None
    assert [sent.text for sent in group.heard] == ["我只能一对一地为您服务，请点我的头像给我发私信。"]
    assert telegram.left == [group.chat_id]
    assert not brain.asked


async def test_updates_of_one_chat_are_stored_in_the_order_they_came(
    receiver: Receiver, wang: Person, telegram: BotApi
) -> None:
    slow = telegram.fail("getFile", rules.BROKEN, times=2)
    updates = [wang.sends_photo(picture()), wang.writes("第二"), wang.writes("第三")]
    await asyncio.gather(*(receiver.handle(Update.de_json(u, receiver.bot)) for u in updates))
    assert slow.times == 0
    assert [m.kind + m.text for m in stored(wang)] == ["photo", "text第二", "text第三"]


async def test_what_the_library_cannot_read_is_read_as_far_as_we_need_it(
    receiver: Receiver, wang: Person, brain: Brain, database: Any
) -> None:
    await take(receiver, wang.writes("水管漏了", poll={"id": "from another Bot API"}))
    assert brain.texts == ["水管漏了"]
    assert await take(receiver, {"update_id": 4, "message": {"text": "no chat"}}) is None
    assert (database / "telegram-refused" / "4.json").exists()
