"""Passing a citizen on: to a colleague or a team, or into another conversation of the same citizen."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from bot.console.deps import Operator, Visitor, guard
from bot.console.pages import part
from bot.console.route import ConsoleRoute
from bot.console.views import transfers as view
from bot.errors import BadInput
from bot.services import handoffs, transfers
from bot.storage import Handoff, reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Transfer(BaseModel):
    """`to` is `account:7` or `team:water`."""

    to: str
    why: str = Field(default="", max_length=200)


class Merge(BaseModel):
    """The other conversation, where the operator goes on."""

    into: str


@router.get("/api/handoffs/{handoff_id}/transfer")
def choices(handoff_id: int, who: Operator) -> dict[str, str]:
    """{html}: colleagues with presence and load, the free ones first, and teams."""
    with reading() as session:
        choice = view.choices(session, handoffs.find(session, handoff_id), who.language)
    return {"html": part("parts/transfer.html", who.language, choice=choice)}


@router.post("/api/handoffs/{handoff_id}/transfer")
def transfer(handoff_id: int, sent: Transfer, who: Operator) -> Response:
    """To a colleague on duty, who holds the citizen from now on, or back into the queue for a team; {state}."""
    with transaction() as session:
        return JSONResponse({"state": _passed_on(session, handoff_id, sent, who).state})


@router.get("/api/handoffs/{handoff_id}/merge")
def mergeable(handoff_id: int, who: Operator, q: str = "") -> dict[str, Any]:
    """{html}: open conversations of the same citizen, and those whose name, number or id has the words."""
    with reading() as session:
        rows = view.kin(session, handoffs.find(session, handoff_id), q, who.language)
    return {"html": part("parts/merge.html", who.language, rows=rows, searched=bool(q.strip()))}


@router.post("/api/handoffs/{handoff_id}/merge")
def merge(handoff_id: int, sent: Merge, who: Operator) -> Response:
    """End this conversation as a duplicate of the other; {state, into}."""
    with transaction() as session:
        return JSONResponse({"state": transfers.merge(session, handoff_id, who.actor, sent.into).state,
                             "into": sent.into})


def _passed_on(session: Session, handoff_id: int, sent: Transfer, who: Visitor) -> Handoff:
    kind, _, code = sent.to.partition(":")
    if kind == "account" and code.isdigit():
        return transfers.to_operator(session, handoff_id, who.actor, int(code), sent.why.strip())
    if kind == "team":
        return transfers.to_team(session, handoff_id, who.actor, code, sent.why.strip())
    raise BadInput("request.invalid", why="to")
