"""GET /console/events: what changed, as it changes. Hints only; the page then fetches what it shows."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from bot.console.deps import SignedIn, Visitor, present
from bot.console.hub import hub
from bot.console.route import ConsoleRoute
from bot.domain.access import Actor, Right
from bot.errors import NotSignedIn
from bot.services import presence
from bot.services.typing import BY_OPERATOR

router = APIRouter(route_class=ConsoleRoute)
BEAT_SECONDS = 15.0
PING_SECONDS = 10
NOT_FOR_BROWSERS = frozenset({"inbox"})


@router.get("/events")
async def events(who: SignedIn) -> EventSourceResponse:
    """`hello` once, `change {topics}` on changes, `ping` every ten seconds, `signed_out` when the session has ended."""
    return EventSourceResponse(stream(who), ping=PING_SECONDS, ping_message_factory=_ping,
                               headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def stream(who: Visitor) -> AsyncIterator[ServerSentEvent]:
    """The events of one browser; while it runs the person counts as present."""
    member = hub.join()
    loop = asyncio.get_running_loop()
    next_beat = loop.time()
    try:
        yield ServerSentEvent("{}", event="hello")
        while True:
            if loop.time() >= next_beat:
                await run_in_threadpool(beat, who)
                next_beat = loop.time() + BEAT_SECONDS
            topics = await member.topics(max(0.0, next_beat - loop.time()))
            if shown := visible(topics, who.actor):
                yield ServerSentEvent(json.dumps({"topics": sorted(shown)}), event="change")
    except NotSignedIn:
        yield ServerSentEvent("{}", event="signed_out")
    finally:
        hub.leave(member)


def beat(who: Visitor) -> None:
    """Still signed in, still here. Raises NotSignedIn."""
    presence.beat(present(who.token).actor)


def visible(topics: set[str], actor: Actor) -> set[str]:
    """The topics a person may hear of: a department of tickets only, nobody of an operator's writing."""
    topics = {topic for topic in topics if not topic.startswith(BY_OPERATOR)}
    return topics - NOT_FOR_BROWSERS if actor.may(Right.SEE_CONVERSATIONS) else topics & {"tickets"}


def _ping() -> ServerSentEvent:
    return ServerSentEvent("{}", event="ping")
