"""The operator's screen without a conversation, the live queue, and what may be done with a handoff."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from bot.console.deps import Operator, Visitor, guard
from bot.console.pages import page, part
from bot.console.route import ConsoleRoute, told
from bot.console.views import queue as queue_view
from bot.domain.handoff import HandoffState
from bot.errors import Conflict
from bot.services import handoffs
from bot.storage import Handoff, reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Reply(BaseModel):
    """An operator's words. The same `client_id` again sends nothing twice."""

    text: str
    client_id: str = Field(default="", max_length=40)


class Ending(BaseModel):
    """How the help ended; one of `domain.handoff.Outcome`, or empty."""

    outcome: str = Field(default="", max_length=12)


@router.get("/queue")
def show(request: Request, who: Operator) -> Response:
    """The screen with nobody opened yet."""
    with reading() as session:
        queue = queue_view.read(session, who.actor, who.language)
    return page(request, who, "desk.html", queue=queue, head=None)


@router.get("/api/queue")
def refresh(who: Operator, others: bool = False) -> dict[str, Any]:
    """{html, offering, waiting: [{handoff, conversation, name, emergency, yours, offered}], conversations: ids shown}.
    `yours`: it is her turn; `offered`: a colleague's. With `others` come the rows of those colleagues hold."""
    with reading() as session:
        queue = queue_view.read(session, who.actor, who.language, others)
    everybody = [*queue.unclaimed, *queue.mine, *queue.others]
    return {
        "html": part("parts/queue.html", who.language, queue=queue),
        "offering": queue.offering,
        "waiting": [{"handoff": r.handoff, "conversation": r.conversation, "name": r.name, "emergency": r.emergency,
                     "yours": r.yours, "offered": r.offered} for r in queue.unclaimed],
        "conversations": [r.conversation for r in everybody],
    }


@router.post("/api/handoffs/{handoff_id}/claim")
def claim(handoff_id: int, who: Operator) -> Response:
    """接起. 409 says who was first; claiming what one holds already is no error."""
    return _change(handoff_id, who, handoffs.claim, already=_holds)


@router.post("/api/handoffs/{handoff_id}/return")
def give_back(handoff_id: int, who: Operator) -> Response:
    """交还机器人."""
    return _change(handoff_id, who, handoffs.give_back)


@router.post("/api/handoffs/{handoff_id}/end")
def end(handoff_id: int, who: Operator, ending: Ending | None = None) -> Response:
    """结束, with its outcome."""
    outcome = ending.outcome if ending else ""
    return _change(handoff_id, who, lambda session, id_, actor: handoffs.end(session, id_, actor, outcome))


@router.post("/api/handoffs/{handoff_id}/reply")
def reply(handoff_id: int, sent: Reply, who: Operator) -> Response:
    """Words to the citizen; `repeated` where they had been sent before."""
    try:
        with transaction() as session:
            message = handoffs.reply(session, handoff_id, who.actor, sent.text, sent.client_id)
    except Conflict as error:
        return _too_late(error, handoff_id, who)
    return JSONResponse({"seq": message.seq if message else None, "repeated": message is None})


def _change(
    handoff_id: int, who: Visitor, change: Callable[[Session, int, Any], Handoff],
    already: Callable[[Handoff, Visitor], bool] = lambda handoff, who: False,
) -> Response:
    try:
        with transaction() as session:
            return JSONResponse({"state": change(session, handoff_id, who.actor).state})
    except Conflict as error:
        with reading() as session:
            handoff = handoffs.find(session, handoff_id)
        if already(handoff, who):
            return JSONResponse({"state": handoff.state})
        return _too_late(error, handoff_id, who)


def _holds(handoff: Handoff, who: Visitor) -> bool:
    return handoff.state == HandoffState.ACTIVE and handoff.account_id == who.actor.account_id


def _too_late(error: Conflict, handoff_id: int, who: Visitor) -> Response:
    with reading() as session:
        words = queue_view.as_it_is(session, handoffs.find(session, handoff_id), who.actor, who.language)
    return told(error, words)
