"""Who is at the console, and the guard in front of everything that changes something."""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from bot.console.pages import language_of
from bot.domain.access import Actor, Right
from bot.errors import NotAllowed
from bot.services import signing_in
from bot.storage import reading

COOKIE = "hotline_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Visitor:
    """A signed-in person. `token` is the cookie's, `csrf` goes back with every change."""

    actor: Actor
    csrf: str
    language: str
    token: str


def visitor(request: Request) -> Visitor:
    """The person the cookie stands for. Raises NotSignedIn."""
    token = request.cookies.get(COOKIE, "")
    found = present(token)
    return Visitor(found.actor, found.csrf, language_of(request), token)


def present(token: str) -> signing_in.Present:
    """The person a session's token stands for, who is there now. Raises NotSignedIn."""
    with reading() as session:
        found = signing_in.signed_in(session, token)
    if found.stale:
        signing_in.seen(token)
    return found


SignedIn = Annotated[Visitor, Depends(visitor)]


async def sent_csrf(request: Request) -> str:
    """The token that came with a change: header `X-CSRF-Token`, or field `csrf` of a form."""
    header = request.headers.get("x-csrf-token")
    if header is not None or request.method in SAFE:
        return header or ""
    if not request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/")):
        return ""
    value = (await request.form()).get("csrf")
    return value if isinstance(value, str) else ""


def guard(request: Request, who: SignedIn, sent: Annotated[str, Depends(sent_csrf)]) -> None:
    """Nothing is changed without the visitor's own token. Raises NotAllowed."""
    if request.method not in SAFE and not same(sent, who.csrf):
        raise NotAllowed("form.csrf")


def operator(who: SignedIn) -> Visitor:
    """Somebody who may take citizens from the queue. Raises NotAllowed."""
    who.actor.must(Right.TAKE_HANDOFFS)
    return who


def listener(who: SignedIn) -> Visitor:
    """Somebody who may read conversations. Raises NotAllowed."""
    who.actor.must(Right.SEE_CONVERSATIONS)
    return who


Operator = Annotated[Visitor, Depends(operator)]
Listener = Annotated[Visitor, Depends(listener)]


def same(given: str, expected: str) -> bool:
    """Compare two secrets without telling by time how much was right; empty never matches."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
