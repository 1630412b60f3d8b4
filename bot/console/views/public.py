"""The public page in words."""

from dataclasses import dataclass
from typing import Any

from bot.console import words
from bot.console.views.reports import name_of, percent, seconds
from bot.domain.personal import Found
from bot.domain.report import HIDDEN_BELOW
from bot.i18n import text
from bot.services.publications import Page
from bot.services.reports.dashboard import category_of
from bot.services.reports.public import Totals
from bot.storage import Publication


@dataclass(frozen=True)
class Told:
    """One answered question."""

    id: int
    item: str
    category: str
    department: str
    day: str
    question: str
    answer: str


@dataclass(frozen=True)
class Sheet:
    """`figures` are (name, value, how it is counted); `categories` (name, count in words, share of the most)."""

    since: str
    at: str
    figures: list[tuple[str, str, str]]
    times: list[tuple[str, str]]
    categories: list[tuple[str, str, int]]
    told: list[Told]
    older: int
    choices: list[tuple[str, str]]


def sheet(totals: Totals, page: Page, used: list[str], language: str) -> Sheet:
    """All of it."""
    most = max((count or 0 for count in totals.categories.values()), default=0) or 1
    return Sheet(
        since=words.day(totals.since, language), at=words.clock(totals.at), figures=_figures(totals, language),
        times=[(text(f"public.{name}", language), seconds(value, language) or "")
               for name, value in (("half", totals.days.median), ("most", totals.days.p90)) if value is not None],
        categories=[(name_of("category", code, language), count_shown(count), round(100 * (count or 0) / most))
                    for code, count in totals.categories.items()],
        told=[_told(one, language) for one in page.found], older=page.older,
        choices=[(code, name_of("category", code, language)) for code in used],
    )


def count_shown(count: int | None) -> str:
    """`<5` for what is hidden."""
    return f"<{HIDDEN_BELOW}" if count is None else f"{count:,}"


def find(one: Found, field: str, language: str) -> dict[str, Any]:
    """What may be personal data, for the page to mark."""
    return {"field": field, "kind": text(f"public.kind_{one.kind}", language), "words": one.words, "start": one.start,
            "end": one.end}


def _figures(totals: Totals, language: str) -> list[tuple[str, str, str]]:
    shown = [("received", count_shown(totals.received)), ("answered", count_shown(totals.answered)),
             ("on_time_rate", percent(totals.on_time)), ("solved_rate", percent(totals.solved)),
             ("satisfied_rate", percent(totals.satisfied)), ("silent_rate", percent(totals.silent))]
    return [(text(f"report.{name}", language), value,
             text(f"report.formula_{name.removesuffix('_rate')}", language)) for name, value in shown]


def _told(one: Publication, language: str) -> Told:
    return Told(one.id, name_of("item", one.item, language), name_of("category", category_of(one.item), language),
                name_of("department", one.department, language), words.day(one.released_at, language), one.question,
                one.answer)
