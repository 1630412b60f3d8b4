"""What everybody may see, without signing in: this month's totals, and answered questions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.console.deps import SignedIn, guard
from bot.console.pages import language_of, part
from bot.console.route import ConsoleRoute
from bot.console.views import public as view
from bot.services import publications
from bot.services.reports import public
from bot.storage import reading, transaction

KEPT = "public, max-age=60"
"""What is taken back is gone from every screen within a minute."""

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)
desk_router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Looked(BaseModel):
    """What the public page's address says."""

    q: str = Field(default="", max_length=60)
    category: str = Field(default="", max_length=40)
    older: int = Field(default=0, ge=0, le=2**31 - 1)
    lang: str = ""


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


@router.get("/public")
def show(request: Request, asked: Annotated[Looked, Query()]) -> Response:
    """Totals and questions."""
    language = asked.lang if asked.lang in ("zh", "en") else language_of(request)
    with reading() as session:
        shown = view.sheet(public.totals(session), publications.listed(session, asked.q, asked.category, asked.older),
                           publications.used_categories(session), language)
    html = part("public.html", language, shown=shown, asked=asked)
    return Response(html, media_type="text/html", headers={"Cache-Control": KEPT, "Vary": "Cookie"})


@desk_router.post("/api/tickets/{number}/publish/check")
def check(number: str, sent: Words, who: SignedIn) -> dict[str, Any]:
    """{finds: [{field, kind, words, start, end}]}: what may be personal data."""
    with reading() as session:
        return {"finds": [view.find(one, field, who.language) for field in ("question", "answer")
                          for one in publications.finds(session, number, who.actor, getattr(sent, field))]}


@desk_router.post("/api/tickets/{number}/publish")
def release(number: str, sent: Release, who: SignedIn) -> dict[str, int]:
    """Shown to everybody from now on."""
    with transaction() as session:
        return {"id": publications.release(session, number, who.actor, sent.question, sent.answer, sent.cleared).id}


@desk_router.post("/api/tickets/{number}/unpublish")
def take_back(number: str, sent: TakeBack, who: SignedIn) -> dict[str, bool]:
    """Shown no longer."""
    with transaction() as session:
        publications.take_back(session, number, who.actor, sent.why)
    return {"shown": False}
