"""The departments' page: their tickets, one ticket, and their side of its life."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page, part
from bot.console.route import ConsoleRoute
from bot.console.views import disposals as writing_view
from bot.console.views import grid as grid_view
from bot.console.views import supervision as supervision_view
from bot.console.views import ticket_head as head_view
from bot.console.views import ticket_moves as move_view
from bot.console.views import tickets as view
from bot.console.views.context import Reach
from bot.console.words import problem
from bot.domain.access import Right
from bot.errors import HotlineError
from bot.services import assignments, publications, ticket_boxes
from bot.services.catalogue import catalogue
from bot.services.ticket_search import Filter
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Numbers(BaseModel):
    """Tickets that are ticked."""

    numbers: list[str] = Field(max_length=200)


class Return(BaseModel):
    """Why the department gives the ticket back, and whose it thinks it is."""

    why: str = ""
    proposed: str = ""


class Dispatch(BaseModel):
    """Which department shall lead a returned ticket, and why that one."""

    department: str = ""
    why: str = ""


class Asked(BaseModel):
    """What the address of a list says: the box, the filter, the page."""

    state: str = "open"
    q: str = Field(default="", max_length=100)
    department: str = ""
    street: str = ""
    category: str = ""
    item: str = ""
    kind: str = ""
    channel: str = ""
    since: str = ""
    until: str = ""
    overdue: str = ""
    after: str = ""

    def wanted(self) -> Filter:
        """As a filter; a day that is none is left out."""
        return Filter(words=self.q, department=self.department, street=self.street, category=self.category,
                      item=self.item, kind=self.kind, channel=self.channel, since=_day(self.since),
                      until=_day(self.until), overdue=bool(self.overdue))

    @property
    def narrowed(self) -> bool:
        """Whether something is asked besides the box and the words."""
        return any(v for k, v in self.model_dump().items() if k not in ("state", "q", "after"))

    def link(self, **more: str) -> str:
        """The address with something else asked; of another box, its first page."""
        said = {**self.model_dump(), "after": "", **more}
        return "/console/tickets?" + urlencode({k: v for k, v in said.items() if v})


@router.get("/tickets")
def show(request: Request, who: SignedIn, asked: Annotated[Asked, Query()]) -> Response:
    """The inbox: a department's own tickets; operators, supervisors and admins see all."""
    return page(request, who, "tickets.html", **_list(who, asked), department=_department(who),
                choices=view.choices(who.language) if _sees_all(who) else None)


@router.get("/api/tickets")
def refresh(who: SignedIn, asked: Annotated[Asked, Query()]) -> dict[str, Any]:
    """{html, counts}: the list as it is now."""
    facts = _list(who, asked)
    return {"html": part("parts/tickets.html", who.language, **facts),
            "counts": {box: view.many(n) for box, n in facts["listing"].counts.items()}}


@router.post("/api/tickets/accept")
def accept_many(sent: Numbers, who: SignedIn) -> dict[str, Any]:
    """{accepted, refused: [{number, why}]}: each by itself, so that one which a colleague has taken stops no other."""
    refused = []
    for number in dict.fromkeys(sent.numbers):
        try:
            with transaction() as session:
                assignments.accept(session, number, who.actor)
        except HotlineError as error:
            refused.append({"number": number, "why": problem(error, who.language)})
    return {"accepted": len(dict.fromkeys(sent.numbers)) - len(refused), "refused": refused}


@router.get("/tickets/{number}")
def show_one(request: Request, number: str, who: SignedIn) -> Response:
    """One ticket with its history; 404 for another department's."""
    with reading() as session:
        sheet = view.sheet(session, number, who.actor, who.language)
        head = head_view.head(session, sheet.ticket, who.actor, who.language)
        moves = move_view.moves(session, sheet.ticket, who.actor, who.language)
        writing = writing_view.writing(session, sheet.ticket, who.actor, who.language)
        orders = supervision_view.of_ticket(session, sheet.ticket, who.actor, who.language)
        publish = publications.desk(session, number, who.actor)
        grid = grid_view.on_ticket(session, sheet.ticket, who.actor, who.language)
    return page(request, who, "ticket.html", sheet=sheet, head=head, moves=moves, writing=writing, orders=orders,
                publish=publish, grid=grid, departments=view.departments(who.language),
                listens=who.actor.may(Right.SEE_CONVERSATIONS))


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


@router.post("/api/tickets/{number}/return")
def send_away(number: str, sent: Return, who: SignedIn) -> dict[str, str]:
    """退单, with a reason."""
    with transaction() as session:
        return {"state": assignments.send_away(session, number, who.actor, sent.why, sent.proposed).state}


@router.post("/api/tickets/{number}/dispatch")
def dispatch(number: str, sent: Dispatch, who: SignedIn) -> dict[str, str]:
    """改派 of a returned ticket."""
    with transaction() as session:
        return {"state": assignments.dispatch(session, number, who.actor, sent.department, sent.why).state}


@router.post("/api/tickets/{number}/contact")
def show_contact(number: str, who: SignedIn) -> dict[str, str]:
    """The citizen's name and number in full; the look is written down."""
    with transaction() as session:
        ticket = assignments.look_at_contact(session, number, who.actor)
        reach = [Reach(ticket.contact_name, ticket.contact_phone, "")] if ticket.contact_phone else []
    return {"html": part("parts/reach.html", who.language, reach=reach, in_full=True)}


def _list(who: Visitor, asked: Asked) -> dict[str, Any]:
    if not _sees_all(who):
        who.actor.must(Right.HANDLE_TICKETS)
    boxes = ticket_boxes.boxes(who.actor)
    box = asked.state if asked.state in boxes else "open"
    with reading() as session:
        found = view.listing(session, who.actor, asked.wanted(), box, asked.after, who.language)
    return {"listing": found, "boxes": boxes, "chosen": box, "asked": asked, "link": asked.link, "many": view.many,
            "all_tickets": _sees_all(who), "item": view.item_name(asked.item, who.language)}


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError:
        return None


def _sees_all(who: Visitor) -> bool:
    return who.actor.may(Right.SEE_ALL_TICKETS)


def _department(who: Visitor) -> str:
    department = catalogue().departments.get(who.actor.department)
    return department.name(who.language) if department else ""
