"""Reports: the dashboard, what is hot, the ranking, bulletins, and all of it as spreadsheets."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page, part
from bot.console.route import ConsoleRoute
from bot.console.views import bulletin as bulletin_view
from bot.console.views import reports as view
from bot.console.views import tickets as ticket_view
from bot.domain.access import Right
from bot.domain.calendar import LOCAL
from bot.domain.span import NAMES, Span, span
from bot.errors import NotAllowed, NotFound
from bot.services.reports import behind, bulletin, clusters, dashboard, hot, ranking, workbook
from bot.services.reports.counts import reach_of
from bot.services.settings import value
from bot.storage import now, reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])
TYPES = {"csv": "text/csv; charset=utf-8",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
Kind = Literal["csv", "xlsx"]


class Asked(BaseModel):
    """What the address of a report says."""

    span: str = "week"
    first: str = Field(default="", max_length=10)
    last: str = Field(default="", max_length=10)
    department: str = Field(default="", max_length=32)

    def when(self) -> Span:
        """Raises BadInput."""
        name = self.span if self.span in NAMES else "week"
        return span(name, now(), self.first[:7] if name == "month" else self.first, self.last)


class Introduction(BaseModel):
    """The supervisor's own words at the head of a bulletin."""

    text: str = Field(default="", max_length=3000)


Wanted = Annotated[Asked, Query()]


def reporter(who: SignedIn) -> Visitor:
    """Somebody who supervises, or a department's own. Raises NotAllowed."""
    if not (who.actor.may(Right.SUPERVISE) or who.actor.may(Right.HANDLE_TICKETS)):
        raise NotAllowed("access.not_allowed")
    return who


def supervisor(who: SignedIn) -> Visitor:
    """Somebody who supervises. Raises NotAllowed."""
    who.actor.must(Right.SUPERVISE)
    return who


Reporter = Annotated[Visitor, Depends(reporter)]
Supervisor = Annotated[Visitor, Depends(supervisor)]


@router.get("/reports")
def show(request: Request, who: Reporter, asked: Wanted) -> Response:
    """The dashboard."""
    facts = _board(who, asked)
    today = now().astimezone(LOCAL).date()
    departments = ticket_view.departments(who.language) if who.actor.may(Right.SUPERVISE) else []
    return page(request, who, "reports.html", **facts, asked=asked, spans=NAMES, departments=departments, today=today)


@router.get("/api/reports")
def refresh(who: Reporter, asked: Wanted) -> dict[str, Any]:
    """{html}: the figures as they are now."""
    return {"html": part("parts/report_board.html", who.language, **_board(who, asked))}


@router.get("/reports/tickets")
def tickets(
    request: Request, who: Reporter, asked: Wanted, figure: str, group: str = "", key: str = "", street: str = "",
    after: int = 0,
) -> Response:
    """The tickets behind a figure."""
    when = asked.when()
    with reading() as session:
        found, older = behind.tickets(session, who.actor, figure, when, asked.department, group, key, street, after)
        rows = view.rows(found, who.actor, who.language)
    links = view.Links(when, asked.department)
    more = links.of(figure, group, key, street) + (f"&after={older}" if older else "")
    return page(request, who, "report_tickets.html", rows=rows, more=more if older else "", when=when, figure=figure,
                of=view.named(group, key, street, who.language), back=f"/console/reports?{links.query()}",
                all_tickets=who.actor.may(Right.SEE_ALL_TICKETS))


@router.get("/reports/figures.{kind}")
def download(kind: Kind, who: Reporter, asked: Wanted, table: str = "") -> Response:
    """The dashboard's tables."""
    made = _board(who, asked)["board"]
    when = asked.when()
    return _file(f"reports-{when.first}-{when.last}", [made.times, made.trend, *made.grids], kind, table)


@router.get("/reports/hot")
def show_hot(request: Request, who: Reporter) -> Response:
    """What is hot, and groups of similar tickets."""
    return page(request, who, "report_hot.html", grids=_hot(who), at=now())


@router.get("/reports/hot.{kind}")
def download_hot(kind: Kind, who: Reporter, table: str = "") -> Response:
    """The same as tables."""
    return _file("hot", _hot(who), kind, table)


@router.get("/reports/ranking")
def show_ranking(request: Request, who: Reporter, month: str = "") -> Response:
    """Departments of a month compared; a department sees its own line."""
    return page(request, who, "ranking.html", **_ranking(who, month))


@router.get("/reports/ranking.{kind}")
def download_ranking(kind: Kind, who: Reporter, month: str = "") -> Response:
    """The same as a table."""
    made = _ranking(who, month)
    return _file(f"ranking-{made['month']}", [made["grid"]], kind)


@router.get("/reports/bulletin")
def today(who: Supervisor) -> Response:
    """Yesterday's bulletin: today's is not over."""
    return RedirectResponse(f"/console/reports/bulletin/{bulletin_view.yesterday(now())}", 303)


@router.get("/reports/bulletin/{name}.{kind}")
def download_day(name: str, kind: Kind, who: Supervisor, table: str = "") -> Response:
    """A day's bulletin as tables."""
    return _file(f"bulletin-{name}", _bulletin(who, name, bulletin.of_day).grids, kind, table)


@router.get("/reports/week/{name}.{kind}")
def download_week(name: str, kind: Kind, who: Supervisor, table: str = "") -> Response:
    """A week's bulletin as tables."""
    return _file(f"bulletin-{name}", _bulletin(who, name, bulletin.of_week).grids, kind, table)


@router.get("/reports/bulletin/{name}")
def show_day(request: Request, name: str, who: Supervisor) -> Response:
    """The bulletin of a day."""
    return page(request, who, "bulletin.html", sheet=_bulletin(who, name, bulletin.of_day))


@router.get("/reports/week/{name}")
def show_week(request: Request, name: str, who: Supervisor) -> Response:
    """The bulletin of a week."""
    return page(request, who, "bulletin.html", sheet=_bulletin(who, name, bulletin.of_week))


@router.post("/api/reports/bulletin/{name}")
def introduce(name: str, sent: Introduction, who: Supervisor) -> dict[str, str]:
    """{text}: the introduction as it was kept."""
    with transaction() as session:
        return {"text": bulletin.introduce(session, name, sent.text, who.actor)}


def _board(who: Visitor, asked: Asked) -> dict[str, Any]:
    when = asked.when()
    with reading() as session:
        found = dashboard.read(session, when, who.actor, asked.department)
        department = "" if who.actor.may(Right.HANDLE_TICKETS) else asked.department
        return {"board": view.board(found, when, department, who.language), "when": when, "at": found.at}


def _hot(who: Visitor) -> list[view.Grid]:
    with reading() as session:
        reach = reach_of(who.actor)
        items, streets = hot.issues(session, now(), reach)
        groups = clusters.clusters(session, now(), reach)
    return view.hot_grids(items, streets, groups, span("week", now()), who.language)


def _ranking(who: Visitor, month: str) -> dict[str, Any]:
    name = month or f"{now().astimezone(LOCAL):%Y-%m}"
    first = span("month", now(), name).first
    with reading() as session:
        found, weights = ranking.of_month(session, first), value(session, "ranking")
    ranked = sum(one.place is not None for one in found)
    if who.actor.may(Right.HANDLE_TICKETS):
        found = [one for one in found if one.work.department == who.actor.department]
    return {"grid": view.ranking(found, who.language), "found": found, "weights": weights, "month": f"{first:%Y-%m}",
            "ranked": ranked, "names": {one.work.department: view.name_of("department", one.work.department,
                                                                          who.language) for one in found}}


def _bulletin(who: Visitor, name: str, of: Any) -> bulletin_view.Sheet:
    with reading() as session:
        return bulletin_view.sheet(of(session, name, who.actor), who.language)


def _file(name: str, grids: list[view.Grid], kind: Kind, table: str = "") -> Response:
    chosen = [grid for grid in grids if not table or grid.code == table]
    if not chosen:
        raise NotFound("report.no_table", table=table[:20])
    content = workbook.xlsx([g.table for g in chosen]) if kind == "xlsx" else workbook.csv(chosen[0].table)
    return Response(content, media_type=TYPES[kind],
                    headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'})
