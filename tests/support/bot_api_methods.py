"""The methods of the Bot API that the stand-in knows: each takes the state and the parameters and gives the result."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import httpx

from tests.support import bot_api_rules as rules
from tests.support.bot_api_rules import bad

if TYPE_CHECKING:
    from tests.support.bot_api import BotApi, Sent

Params = dict[str, Any]
BOT = {"id": 100000001, "is_bot": True, "first_name": "一拨灵", "username": "yiboling_bot",
       "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
LOOK_SECONDS = 0.01


async def get_me(api: "BotApi", params: Params) -> Any:
    return BOT


async def get_updates(api: "BotApi", params: Params) -> Any:
    """Long polling: an offset confirms everything below it, a newer call ends an older one."""
    if api.webhook:
        raise rules.WEBHOOK_ACTIVE
    api.poll += 1
    mine = api.poll
    offset, limit = int(params.get("offset") or 0), int(params.get("limit") or 100)
    if offset > 0:
        api.confirm(offset)
    elif offset < 0 and api.updates:
        api.confirm(api.updates[max(len(api.updates) + offset, 0)]["update_id"])
    wanted = rules.as_json(params.get("allowed_updates"))
    deadline = time.monotonic() + float(params.get("timeout") or 0)
    api.polling = True
    while not (waiting := _wanted(api, wanted)) and time.monotonic() < deadline:
        if api.poll != mine:
            raise rules.OTHER_POLLER
        await asyncio.sleep(LOOK_SECONDS)
    page = sorted(waiting, key=lambda u: u["update_id"])[: min(max(limit, 1), 100)]
    return page[::-1] if api.shuffled else page


async def send_message(api: "BotApi", params: Params) -> Any:
    from tests.support.bot_api import Sent

    chat_id = _chat(api, params)
    words, rows = rules.check_text(params), rules.check_keyboard(params)
    sent = Sent(chat_id, next(api.numbers), words, rows, params)
    api.sent.append(sent)
    return as_message(api, sent)


async def send_photo(api: "BotApi", params: Params) -> Any:
    from tests.support.bot_api import Sent

    chat_id = _chat(api, params)
    caption, rows = rules.check_caption(params), rules.check_keyboard(params)
    content = await rules.check_photo(params.get("photo"))
    sent = Sent(chat_id, next(api.numbers), caption, rows, params, content)
    api.sent.append(sent)
    described = {k: v for k, v in as_message(api, sent).items() if k != "text"}
    size = {"file_id": "id-of-photo", "file_unique_id": "photo", "width": 1, "height": 1}
    return described | {"caption": caption, "photo": [size]}


async def send_document(api: "BotApi", params: Params) -> Any:
    from tests.support.bot_api import Sent

    chat_id = _chat(api, params)
    content = await params["document"].read()
    sent = Sent(chat_id, next(api.numbers), rules.check_caption(params), rules.check_keyboard(params), params, content)
    api.sent.append(sent)
    described = {k: v for k, v in as_message(api, sent).items() if k != "text"}
    return described | {"caption": sent.text, "document": {"file_id": "id-of-file", "file_unique_id": "file"}}


async def edit_message_reply_markup(api: "BotApi", params: Params) -> Any:
    chat_id, rows = _chat(api, params), rules.check_keyboard(params)
    found = next((s for s in api.sent if (s.chat_id, s.message_id) == (chat_id, int(params["message_id"]))), None)
    if found is None:
        raise bad("message to edit not found")
    if found.rows == rows:
        raise bad("message is not modified: specified new message content and reply markup are exactly the same as a "
                  "current content and reply markup of the message")
    found.rows = rows
    return as_message(api, found)


async def answer_callback_query(api: "BotApi", params: Params) -> Any:
    query = str(params.get("callback_query_id"))
    if query not in api.queries:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(str(params.get("text", ""))) > 200:
        raise bad("MESSAGE_TOO_LONG")
    api.answered.setdefault(query, params)
    return True


async def send_chat_action(api: "BotApi", params: Params) -> Any:
    _chat(api, params)
    return True


async def leave_chat(api: "BotApi", params: Params) -> Any:
    api.left.append(_chat(api, params))
    return True


async def get_file(api: "BotApi", params: Params) -> Any:
    path = str(params.get("file_id", "")).removeprefix("id-of-")
    if path not in api.files:
        raise bad("wrong file_id or the file is temporarily unavailable")
    return {"file_id": params["file_id"], "file_unique_id": path[-12:], "file_size": len(api.files[path]),
            "file_path": path}


async def set_webhook(api: "BotApi", params: Params) -> Any:
    api.webhook, api.secret = rules.check_webhook(params)
    if api.webhook and api.pushing is None:
        api.pushing = asyncio.create_task(_push(api))
    return True


async def delete_webhook(api: "BotApi", params: Params) -> Any:
    api.webhook = api.secret = ""
    if str(params.get("drop_pending_updates", "")).lower() == "true" and api.updates:
        api.confirm(api.updates[-1]["update_id"] + 1)
    return True


async def get_webhook_info(api: "BotApi", params: Params) -> Any:
    return {"url": api.webhook, "has_custom_certificate": False, "pending_update_count": len(api.pending())}


async def set_my_commands(api: "BotApi", params: Params) -> Any:
    api.commands[str(params.get("language_code", ""))] = rules.check_commands(params)
    return True


def as_message(api: "BotApi", sent: "Sent") -> dict[str, Any]:
    """A message of the bot as Telegram describes it."""
    return {"message_id": sent.message_id, "from": BOT, "chat": api.chats[sent.chat_id], "date": int(time.time()),
            "text": sent.text, "reply_markup": {"inline_keyboard": sent.rows}}


def _chat(api: "BotApi", params: Params) -> int:
    if not params.get("chat_id"):
        raise bad("chat_id is empty")
    chat_id = int(params["chat_id"])
    if chat_id not in api.chats:
        raise bad("chat not found")
    return chat_id


def _wanted(api: "BotApi", kinds: list[str] | None) -> list[dict[str, Any]]:
    return [u for u in api.pending() if not kinds or any(kind in u for kind in kinds)]


async def _push(api: "BotApi") -> None:
    """Post waiting updates to the webhook, one after another, each until it is taken."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        while True:
            for update in api.pending() if api.webhook else []:
                try:
                    headers = {"X-Telegram-Bot-Api-Secret-Token": api.secret} if api.secret else {}
                    answer = await client.post(api.webhook, json=update, headers=headers)
                    taken = answer.is_success
                except httpx.HTTPError:
                    taken = False
                if not taken:
                    break
                api.confirm(update["update_id"] + 1)
            await asyncio.sleep(LOOK_SECONDS)


METHODS: dict[str, Callable[["BotApi", Params], Awaitable[Any]]] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "answerCallbackQuery": answer_callback_query,
    "sendChatAction": send_chat_action,
    "leaveChat": leave_chat,
    "getFile": get_file,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setMyCommands": set_my_commands,
}
