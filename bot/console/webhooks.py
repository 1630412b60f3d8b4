"""Webhooks, for admins: which other systems are told of tickets' steps, and how that went."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.console.deps import Visitor, guard
from bot.console.exchange import Admin, admin
from bot.console.pages import page
from bot.console.route import ConsoleRoute
from bot.domain.webhook import EVENTS
from bot.errors import BadInput, HotlineError
from bot.i18n import text
from bot.services import webhooks
from bot.storage import WebhookDelivery, reading, transaction

PATH = "/console/admin/webhooks"
router = APIRouter(prefix="/admin/webhooks", route_class=ConsoleRoute, dependencies=[Depends(admin), Depends(guard)])


@router.get("")
def show(request: Request, who: Admin) -> Response:
    """All of them with their last deliveries, and the form for a new one."""
    return _page(request, who)


@router.post("")
def add(
    request: Request, who: Admin, url: Annotated[str, Form()] = "",
    events: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """A new one; its secret is shown on the page that follows, and on request later."""
    try:
        with transaction() as session:
            made = webhooks.add(session, who.actor, url, events or []).id
    except BadInput as error:
        return _page(request, who, error, url, events or [])
    return RedirectResponse(f"{PATH}#w{made}", 303)


@router.post("/{hook_id}/{move}")
def change(request: Request, who: Admin, hook_id: int, move: str) -> Response:
    """on | off | secret | ping | remove."""
    moves = {
        "on": lambda session: webhooks.switch(session, who.actor, hook_id, True),
        "off": lambda session: webhooks.switch(session, who.actor, hook_id, False),
        "secret": lambda session: webhooks.renew_secret(session, who.actor, hook_id),
        "ping": lambda session: webhooks.ping(session, who.actor, hook_id),
        "remove": lambda session: webhooks.remove(session, who.actor, hook_id),
    }
    if move not in moves:
        raise BadInput("request.invalid", why="move")
    with transaction() as session:
        moves[move](session)
    return RedirectResponse(PATH if move == "remove" else f"{PATH}#w{hook_id}", 303)


@router.post("/deliveries/{delivery_id}/again")
def again(who: Admin, delivery_id: int) -> Response:
    """Once more."""
    with transaction() as session:
        hook = webhooks.again(session, who.actor, delivery_id).webhook_id
    return RedirectResponse(f"{PATH}#w{hook}", 303)


def _page(
    request: Request, who: Visitor, error: HotlineError | None = None, url: str = "", chosen: list[str] | None = None
) -> Response:
    with reading() as session:
        hooks = [(hook, [_line(d) for d in webhooks.recent(session, hook.id)]) for hook in webhooks.every(session)]
    return page(request, who, "webhooks.html", error.status if error else 200, hooks=hooks, events=EVENTS, url=url,
                chosen=chosen or [], problem=text(f"errors.{error.key}", who.language, **error.facts) if error else "")


def _line(delivery: WebhookDelivery) -> tuple[WebhookDelivery, str]:
    """A delivery and how it stands: delivered | failed | waiting | trying_again."""
    if delivery.delivered_at:
        return delivery, "delivered"
    if delivery.failed_at:
        return delivery, "failed"
    return delivery, "trying_again" if delivery.response else "waiting"
