"""`hotline report`: bulletins and the ranking from a shell."""

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from bot.console.views import bulletin as bulletin_view
from bot.console.views import reports as view
from bot.domain.access import Actor, Role
from bot.domain.calendar import LOCAL
from bot.domain.span import span
from bot.services.reports import bulletin, ranking
from bot.storage import now, reading

app = typer.Typer()
out = Console(highlight=False, soft_wrap=True)
SHELL = Actor("cli", "cli", Role.SUPERVISOR)


class What(StrEnum):
    """What can be reported."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@app.command("report")
def report(
    what: What,
    name: Annotated[str, typer.Argument(help="2026-11-25, 2026-W47 or 2026-11; without it the last day that is over, "
                                             "the running week or month.")] = "",
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """A bulletin in words, or the departments' ranking of a month."""
    with reading() as session:
        if what == What.MONTH:
            first = span("month", now(), name).first
            grid = view.ranking(ranking.of_month(session, first), language)
            facts = {"month": f"{first:%Y-%m}", "columns": grid.columns, "rows": grid.rows}
            words = "\n".join(f"{row[1] or '-'}\t{row[2] or '-'}\t{row[0]}" for row in grid.rows)
        else:
            of = bulletin.of_day if what == What.DAY else bulletin.of_week
            days = {What.DAY: f"{bulletin_view.yesterday(now())}", What.WEEK: f"{now().astimezone(LOCAL):%G-W%V}"}
            sheet = bulletin_view.sheet(of(session, name or days[what], SHELL), language)
            facts = {"name": sheet.name, "title": sheet.title, "figures": dict(sheet.tiles),
                     "said": [{"head": head, "sentences": said} for head, said in sheet.paragraphs],
                     "tables": {g.code: {"columns": g.columns, "rows": g.rows} for g in sheet.grids}}
            words = "\n".join([sheet.title, *(f"{n} {v}" for n, v in sheet.tiles),
                               *(line for head, said in sheet.paragraphs for line in ("", head, *said))])
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        out.print(words, markup=False)
