"""Words between colleagues, and what a message really meant."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bot.console.deps import Listener, Operator, guard
from bot.console.route import ConsoleRoute
from bot.console.views import conversation, items
from bot.services import desk
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Note(BaseModel):
    """Only colleagues see it."""

    text: str


class Verdict(BaseModel):
    """An item's code, or `out_of_scope`."""

    item: str = Field(max_length=48)


@router.post("/api/conversations/{conversation_id}/notes")
def add(conversation_id: str, sent: Note, who: Listener) -> dict[str, int]:
    """A note in the conversation; {id}."""
    with transaction() as session:
        conversation.find(session, conversation_id)
        return {"id": desk.add_note(session, conversation_id, who.actor, sent.text).id}


@router.get("/api/items")
def search(who: Listener, q: str = "", conversation: str = "") -> dict[str, Any]:
    """{items: [{code, name, owner, life}]}: at most twenty by name, alias or code. Without words, what the bot thought
    of in that conversation."""
    with reading() as session:
        return {"items": items.found(session, q, conversation, who.language)}


@router.post("/api/messages/{message_id}/correct")
def correct(message_id: int, verdict: Verdict, who: Operator) -> dict[str, str]:
    """The right item of a citizen's message; {item}."""
    with transaction() as session:
        return {"item": desk.correct(session, message_id, who.actor, verdict.item).right}
