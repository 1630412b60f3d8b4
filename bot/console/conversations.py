"""One conversation: the page, its pieces for scripts, and the citizen's contact."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.deps import Listener, Visitor, guard
from bot.console.pages import page, part
from bot.console.route import ConsoleRoute
from bot.console.views import context, conversation, queue, timeline
from bot.domain.handoff import HandoffState
from bot.services import desk
from bot.services.history import note
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


@router.get("/conversations/{conversation_id}")
def show(request: Request, conversation_id: str, who: Listener) -> Response:
    """The operator's screen with that conversation opened."""
    with reading() as session:
        facts = {
            "queue": queue.read(session, who.actor, who.language),
            **_opened(session, conversation_id, who),
        }
    _listen(facts["head"], who)
    return page(request, who, "desk.html", **facts)


@router.get("/api/conversations/{conversation_id}")
def refresh(conversation_id: str, who: Listener, after: int = 0, event: int = 0, note: int = 0) -> dict[str, Any]:
    """{head, context, lines: html, first, seq, event, note, delivery}: `lines` holds what came after message `after`,
    change `event` and note `note`, all of the latest where `after` is 0."""
    with reading() as session:
        facts = _opened(session, conversation_id, who, after, event, note)
        delivery = timeline.deliveries(session, conversation_id, who.language)
    _listen(facts["head"], who)
    return {
        "head": part("parts/head.html", who.language, **facts),
        "context": part("parts/context.html", who.language, **facts),
        **_lines(facts["timeline"], who),
        "delivery": delivery,
    }


@router.get("/api/conversations/{conversation_id}/earlier")
def earlier(conversation_id: str, before: int, who: Listener) -> dict[str, Any]:
    """The lines before message number `before`."""
    with reading() as session:
        found = conversation.find(session, conversation_id)
        return _lines(timeline.latest(session, found, who.language, before), who)


@router.post("/api/conversations/{conversation_id}/contact")
def show_contact(conversation_id: str, who: Listener) -> dict[str, Any]:
    """The citizen's names and numbers in full; the look is written down."""
    with transaction() as session:
        found = conversation.find(session, conversation_id)
        reach = context.reach(session, found, context.draft_of(found), who.language)
        note(session, "conversation", conversation_id, who.actor.id, "looked_at_contact")
    return {"html": part("parts/reach.html", who.language, reach=reach, in_full=True)}


def _listen(head: conversation.Head, who: Visitor) -> None:
    """Also where a colleague took over what she had open: then she has begun to listen."""
    if head.state == HandoffState.ACTIVE and not head.mine:
        with transaction() as session:
            desk.listen(session, head.id, who.actor)


def _opened(
    session: Session, conversation_id: str, who: Visitor, after: int = 0, event: int = 0, note: int = 0
) -> dict[str, Any]:
    found = conversation.find(session, conversation_id)
    language = who.language
    return {
        "head": conversation.head(session, found, who.actor, language),
        "known": context.read(session, found, language),
        "timeline": timeline.since(session, found, after, event, language, note) if after
        else timeline.latest(session, found, language),
    }


def _lines(found: timeline.Timeline, who: Visitor) -> dict[str, Any]:
    return {"lines": part("parts/timeline.html", who.language, timeline=found), "first": found.first,
            "earlier": found.has_earlier, "seq": found.seq, "event": found.event, "note": found.note}
