"""GET /console/api/conversations/{id}/canned: what an operator can insert with "/"."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Depends

from bot.console.deps import Operator, guard
from bot.console.route import ConsoleRoute
from bot.console.views import conversation
from bot.services import canned
from bot.storage import reading

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


@router.get("/api/conversations/{conversation_id}/canned")
def replies(conversation_id: str, who: Operator) -> dict[str, Any]:
    """{replies: [{shortcut, title, text, team, gaps}]}, filled in for that citizen, her team's first."""
    with reading() as session:
        found = canned.replies(session, conversation.find(session, conversation_id), who.actor)
    return {"replies": [asdict(reply) for reply in found]}
