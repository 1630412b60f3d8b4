"""Updates posted by Telegram. The route stores and answers; the talking is done afterwards."""

import hmac

from fastapi import APIRouter, FastAPI, Request, Response
from telegram import Update

from bot.channels.telegram import client
from bot.channels.telegram.receive import Receiver
from bot.channels.telegram.setup import WEBHOOK_PATH, has_webhook, webhook_secret
from bot.channels.telegram.tolerant import readable

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105

router = APIRouter(include_in_schema=False)


@router.post(WEBHOOK_PATH)
async def webhook(request: Request) -> Response:
    """200 once the update is stored. 404 without a webhook configured, 403 for a wrong secret, 400 for what is no
    update; any failure to store is a 500, and Telegram posts it again."""
    if not has_webhook():
        return Response(status_code=404)
    if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), webhook_secret().encode()):
        return Response(status_code=403)
    receiver = receiver_of(request.app)
    try:
        update = Update.de_json(readable(await request.json()), receiver.bot)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Response(status_code=400)
    if conversation_id := await receiver.handle(update):
        receiver.work_off(conversation_id)
    return Response(status_code=200)


def receiver_of(app: FastAPI) -> Receiver:
    """The application's receiver, made when the first update comes."""
    if not hasattr(app.state, "telegram_receiver"):
        app.state.telegram_receiver = Receiver(client.make_bot())
    receiver: Receiver = app.state.telegram_receiver
    return receiver


async def close(app: FastAPI) -> None:
    """To be called when the application ends."""
    receiver: Receiver | None = getattr(app.state, "telegram_receiver", None)
    if receiver is not None:
        del app.state.telegram_receiver
        await receiver.close()
        await client.close_bot(receiver.bot)
