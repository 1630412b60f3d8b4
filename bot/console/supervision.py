"""督办: what has to be decided or answered now, what is late, and the cards; a department sees its own."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from bot.console.deps import SignedIn, guard
from bot.console.pages import page, part
from bot.console.route import ConsoleRoute
from bot.console.views import supervision as view
from bot.services import provider_standing, supervision_papers
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])
Days = Annotated[int, Query(ge=1, le=366)]


class Reply(BaseModel):
    """What is done and by when."""

    text: str = ""


class Order(BaseModel):
    """A supervisor's own words, and within how many working days they are to be answered."""

    text: str = ""
    days: int = 0


@router.get("/supervision")
def show(request: Request, who: SignedIn, days: Days = 30) -> Response:
    """The page; cards of so many days."""
    with reading() as session:
        found = view.read(session, who.actor, days, who.language)
    return page(request, who, "supervision.html", found=found, days=days)


@router.get("/api/supervision")
def refresh(who: SignedIn, days: Days = 30) -> dict[str, Any]:
    """{html, owed}: all of it as it is now, and how much waits for who looks."""
    with reading() as session:
        found = view.read(session, who.actor, days, who.language)
    return {"html": part("parts/supervision.html", who.language, found=found, who=who, days=days), "owed": found.owed}


@router.get("/api/supervision/owed")
def owed(who: SignedIn) -> dict[str, int]:
    """{owed}: how much waits for who looks, for the top bar of every page."""
    with reading() as session:
        return {"owed": supervision_papers.owed(session, who.actor)}


@router.get("/supervision/{paper_id}")
def show_paper(request: Request, paper_id: int, who: SignedIn) -> Response:
    """督办单 as a sheet of paper."""
    with reading() as session:
        paper = view.paper(session, supervision_papers.find(session, paper_id, who.actor), who.language)
    return page(request, who, "supervision_paper.html", paper=paper)


@router.post("/api/supervision/{paper_id}/acknowledge")
def acknowledge(paper_id: int, sent: Reply, who: SignedIn) -> dict[str, bool]:
    """签收 with a reply; false where a colleague was first."""
    with transaction() as session:
        return {"first": supervision_papers.acknowledge(session, paper_id, who.actor, sent.text)}


@router.post("/api/providers/{provider_id}/reinstate")
def reinstate(provider_id: str, sent: Reply, who: SignedIn) -> dict[str, str]:
    """恢复推荐 of a provider that bad verdicts had suspended."""
    with transaction() as session:
        return {"standing": provider_standing.reinstate(session, provider_id, who.actor, sent.text).standing}


@router.post("/api/tickets/{number}/supervise")
def write(number: str, sent: Order, who: SignedIn) -> dict[str, int]:
    """督办 by hand."""
    with transaction() as session:
        return {"id": supervision_papers.write(session, number, who.actor, sent.text, sent.days).id}
