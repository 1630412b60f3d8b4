"""Releasing an answered question for everybody, and taking it back: the supervisor's side of the public page."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bot.console.deps import SignedIn, guard
from bot.console.route import ConsoleRoute
from bot.console.views import public as view
from bot.services import publications
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Words(BaseModel):
    """Words to be looked through."""

    question: str = Field(default="", max_length=4000)
    answer: str = Field(default="", max_length=4000)


class Release(Words):
    """The public words; `cleared` says of what looks like personal data why it is none."""

    cleared: dict[str, str] = Field(default_factory=dict, max_length=100)


class TakeBack(BaseModel):
    """Why, if there is something to say."""

    why: str = Field(default="", max_length=500)


@router.post("/api/tickets/{number}/publish/check")
def check(number: str, sent: Words, who: SignedIn) -> dict[str, Any]:
    """{finds: [{field, kind, words, start, end}]}: what may be personal data."""
    with reading() as session:
        return {"finds": [view.find(one, field, who.language) for field in ("question", "answer")
                          for one in publications.finds(session, number, who.actor, getattr(sent, field))]}


@router.post("/api/tickets/{number}/publish")
def release(number: str, sent: Release, who: SignedIn) -> dict[str, int]:
    """Shown to everybody from now on."""
    with transaction() as session:
        return {"id": publications.release(session, number, who.actor, sent.question, sent.answer, sent.cleared).id}


@router.post("/api/tickets/{number}/unpublish")
def take_back(number: str, sent: TakeBack, who: SignedIn) -> dict[str, bool]:
    """Shown no longer."""
    with transaction() as session:
        publications.take_back(session, number, who.actor, sent.why)
    return {"shown": False}
