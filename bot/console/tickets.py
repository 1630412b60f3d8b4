"""The departments' page: their tickets, one ticket, and their side of its life."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page, part
from bot.console.route import ConsoleRoute
from bot.console.views import tickets as view
from bot.console.views.context import Reach
from bot.domain.access import Right
from bot.domain.ticket import GROUPS
from bot.services import assignments
from bot.services.catalogue import catalogue
from bot.services.history import note
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Answer(BaseModel):
    """The answer to the citizen; `outcome` says honestly which: solved | explained | out_of_remit."""

    text: str = ""
    outcome: str = ""


class Return(BaseModel):
    """Why the department gives the ticket back."""

    why: str = ""


class Dispatch(BaseModel):
    """Which department shall lead a returned ticket, and why that one."""

    department: str = ""
    why: str = ""


@router.get("/tickets")
def show(request: Request, who: SignedIn, state: str = "open") -> Response:
    """The inbox: a department's own tickets; operators, supervisors and admins see all."""
    chosen = state if state in GROUPS else "open"
    with reading() as session:
        rows = view.inbox(session, who.actor, chosen, who.language)
    return page(request, who, "tickets.html", rows=rows, chosen=chosen, all_tickets=_sees_all(who),
                department=_department(who))


@router.get("/api/tickets")
def refresh(who: SignedIn, state: str = "open") -> dict[str, Any]:
    """{html}: the list as it is now."""
    chosen = state if state in GROUPS else "open"
    with reading() as session:
        rows = view.inbox(session, who.actor, chosen, who.language)
    return {"html": part("parts/tickets.html", who.language, rows=rows, chosen=chosen, all_tickets=_sees_all(who))}


@router.get("/tickets/{number}")
def show_one(request: Request, number: str, who: SignedIn) -> Response:
    """One ticket with its history; 404 for another department's."""
    with reading() as session:
        sheet = view.sheet(session, number, who.actor, who.language)
    return page(request, who, "ticket.html", sheet=sheet, outcomes=view.OUTCOMES,
                departments=view.departments(who.language), listens=who.actor.may(Right.SEE_CONVERSATIONS))


@router.get("/api/tickets/{number}")
def steps(number: str, who: SignedIn) -> dict[str, int]:
    """{steps}: how long the history is, for an opened page to notice that something happened."""
    with reading() as session:
        return {"steps": view.steps(session, number, who.actor)}


@router.post("/api/tickets/{number}/accept")
def accept(number: str, who: SignedIn) -> dict[str, str]:
    """受理."""
    with transaction() as session:
        return {"state": assignments.accept(session, number, who.actor).state}


@router.post("/api/tickets/{number}/answer")
def answer(number: str, sent: Answer, who: SignedIn) -> dict[str, str]:
    """答复, with an outcome."""
    with transaction() as session:
        return {"state": assignments.answer(session, number, who.actor, sent.text, sent.outcome).state}


@router.post("/api/tickets/{number}/return")
def send_away(number: str, sent: Return, who: SignedIn) -> dict[str, str]:
    """退单, with a reason."""
    with transaction() as session:
        return {"state": assignments.send_away(session, number, who.actor, sent.why).state}


@router.post("/api/tickets/{number}/dispatch")
def dispatch(number: str, sent: Dispatch, who: SignedIn) -> dict[str, str]:
    """改派 of a returned ticket."""
    with transaction() as session:
        return {"state": assignments.dispatch(session, number, who.actor, sent.department, sent.why).state}


@router.post("/api/tickets/{number}/contact")
def show_contact(number: str, who: SignedIn) -> dict[str, str]:
    """The citizen's name and number in full; the look is written down."""
    with transaction() as session:
        ticket = assignments.find(session, number, who.actor)
        note(session, "ticket", ticket.id, who.actor.id, "looked_at_contact")
        reach = [Reach(ticket.contact_name, ticket.contact_phone, "")] if ticket.contact_phone else []
    return {"html": part("parts/reach.html", who.language, reach=reach, in_full=True)}


def _sees_all(who: Visitor) -> bool:
    return who.actor.may(Right.SEE_ALL_TICKETS)


def _department(who: Visitor) -> str:
    department = catalogue().departments.get(who.actor.department)
    return department.name(who.language) if department else ""
