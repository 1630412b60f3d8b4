"""The stand-in refuses what the real Bot API refuses, seen through the real client."""

from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests.support.bot_api import BotApi, rules
from tests.support.bot_api_people import Person


def keyboard(data: str, title: str = "x") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(title, callback_data=data)]])


async def test_it_is_a_bot(bot: Bot) -> None:
    me = await bot.get_me()
    assert me.is_bot and me.username == "yiboling_bot"


@pytest.mark.parametrize("words, refused", [
    ("", "message text is empty"), (" \n", "message text is empty"), ("水" * 4097, "message is too long"),
    ("😀" * 2049, "message is too long"), ("水" * 4096, ""), ("😀" * 2048, ""),
])
async def test_length_of_a_text(bot: Bot, wang: Person, words: str, refused: str) -> None:
    await refusal(refused, bot.send_message(wang.chat_id, words))


@pytest.mark.parametrize("data, refused", [("x" * 65, "BUTTON_DATA_INVALID"), ("区" * 22, "BUTTON_DATA_INVALID"),
                                           ("x" * 64, "")])
async def test_callback_data(bot: Bot, wang: Person, data: str, refused: str) -> None:
    await refusal(refused, bot.send_message(wang.chat_id, "x", reply_markup=keyboard(data)))


async def test_other_refusals(bot: Bot, wang: Person, telegram: BotApi) -> None:
    await refusal("chat not found", bot.send_message(1, "x"))
    await refusal("query is too old", bot.answer_callback_query("1"))
    await refusal("wrong file_id", bot.get_file("nothing"))
    await refusal("message to edit not found", bot.edit_message_reply_markup(wang.chat_id, 999_999))
    sent = await bot.send_message(wang.chat_id, "x", reply_markup=keyboard("human"))
    await refusal("message is not modified",
                  bot.edit_message_reply_markup(wang.chat_id, sent.message_id, reply_markup=keyboard("human")))


async def test_faults(bot: Bot, wang: Person, telegram: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    telegram.fail("sendMessage", rules.too_many(3))
    with pytest.raises(RetryAfter):
        await bot.send_message(wang.chat_id, "x")
    telegram.fail("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(wang.chat_id, "x")
    assert not wang.heard
    telegram.fail("sendMessage", after=True)
    with pytest.raises(NetworkError):
        await bot.send_message(wang.chat_id, "x")
    assert len(wang.heard) == 1
    telegram.blocked.add(wang.chat_id)
    with pytest.raises(Forbidden):
        await bot.send_message(wang.chat_id, "x")
    monkeypatch.setattr(telegram, "token", "another")
    with pytest.raises(InvalidToken):
        await bot.get_me()


async def test_offsets(bot: Bot, wang: Person, telegram: BotApi) -> None:
    ids = [wang.writes(str(n))["update_id"] for n in range(3)]
    assert [u.update_id for u in await bot.get_updates(timeout=0, limit=2)] == ids[:2]
    assert [u.update_id for u in await bot.get_updates(timeout=0)] == ids, "not confirmed, so all over again"
    assert [u.update_id for u in await bot.get_updates(offset=ids[1], timeout=0)] == ids[1:]
    assert [u.update_id for u in await bot.get_updates(timeout=0)] == ids[1:]
    assert await bot.get_updates(offset=ids[2] + 1, timeout=0) == ()


async def test_a_webhook_excludes_polling(bot: Bot, telegram: BotApi) -> None:
    await bot.set_webhook("https://hotline.example.org/telegram/webhook", secret_token="a_b-1")
    assert (await bot.get_webhook_info()).url == "https://hotline.example.org/telegram/webhook"
    with pytest.raises(Conflict):
        await bot.get_updates(timeout=0)
    await bot.delete_webhook()
    assert await bot.get_updates(timeout=0) == ()
    await refusal("HTTPS", bot.set_webhook("http://hotline.example.org"))
    await refusal("secret token", bot.set_webhook("https://hotline.example.org", secret_token="中文"))


async def refusal(words: str, call: Any) -> None:
    """The call is refused with these words, or, without words, goes through."""
    if not words:
        await call
        return
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        await call
