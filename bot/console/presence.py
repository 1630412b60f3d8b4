"""On duty, on a break or off: what the top bar shows and changes."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from bot.console.deps import Operator, guard
from bot.console.route import ConsoleRoute
from bot.services import presence
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Chosen(BaseModel):
    """on | break | off."""

    presence: str


@router.get("/api/presence")
def show(who: Operator) -> dict[str, Any]:
    """{presence, vanished, released, held}: as `services.presence.Standing`."""
    with reading() as session:
        return vars(presence.standing(session, who.actor))


@router.post("/api/presence")
def choose(chosen: Chosen, who: Operator) -> dict[str, Any]:
    """What she chose from now on; off puts whom she holds back into the queue."""
    with transaction() as session:
        presence.choose(session, who.actor, chosen.presence)
        return vars(presence.standing(session, who.actor))
