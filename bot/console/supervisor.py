"""The supervisor's page: presence, waits and breaches, with reassigning and taking over."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page, part
from bot.console.route import ConsoleRoute
from bot.console.views import supervisor as view
from bot.domain.access import Right
from bot.services import transfers
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


def supervisor(who: SignedIn) -> Visitor:
    """Somebody who supervises. Raises NotAllowed."""
    who.actor.must(Right.SUPERVISE)
    return who


Supervisor = Annotated[Visitor, Depends(supervisor)]


class Assign(BaseModel):
    """The operator who shall have the citizen, and why."""

    account: int
    why: str = Field(default="", max_length=200)


@router.get("/supervisor")
def show(request: Request, who: Supervisor) -> Response:
    """The page."""
    with reading() as session:
        overview = view.read(session, who.actor, who.language)
    return page(request, who, "supervisor.html", overview=overview)


@router.get("/api/supervisor")
def refresh(who: Supervisor) -> dict[str, Any]:
    """{html}: all of it as it is now."""
    with reading() as session:
        overview = view.read(session, who.actor, who.language)
    return {"html": part("parts/supervisor.html", who.language, overview=overview, who=who)}


@router.get("/api/supervisor/overdue")
def overdue(who: Supervisor) -> dict[str, Any]:
    """{overdue: [{handoff, conversation, name, span}]}: whom nobody has taken in five minutes."""
    with reading() as session:
        return {"overdue": view.overdue(session, who.language)}


@router.post("/api/handoffs/{handoff_id}/assign")
def assign(handoff_id: int, sent: Assign, who: Supervisor) -> dict[str, str]:
    """To an operator on duty, waiting or held by somebody else."""
    with transaction() as session:
        return {"state": transfers.to_operator(session, handoff_id, who.actor, sent.account, sent.why).state}


@router.post("/api/handoffs/{handoff_id}/take-over")
def take_over(handoff_id: int, who: Supervisor) -> dict[str, str]:
    """To the supervisor herself."""
    with transaction() as session:
        handoff = transfers.take_over(session, handoff_id, who.actor)
        return {"state": handoff.state, "conversation": handoff.conversation_id}
