"""Reports in words: tiles with their formulas, and tables that pages show and spreadsheets hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from bot.console import words
from bot.console.views.tickets import Row, row
from bot.domain.access import Actor
from bot.domain.report import Ranked, Tally, Times
from bot.domain.span import Span
from bot.i18n import messages, text
from bot.services import territories
from bot.services.catalogue import catalogue
from bot.services.reports.clusters import Cluster
from bot.services.reports.dashboard import Dashboard
from bot.services.reports.hot import Hot
from bot.services.reports.workbook import Cell, Table
from bot.storage import Ticket

MOST = 30
"""Rows of a table on the page; the spreadsheet has all."""
COUNTS = ("received", "answered", "on_time_rate", "late", "solved_rate", "satisfied_rate", "silent_rate", "reopened")


@dataclass(frozen=True)
class Tile:
    """One figure: what it is, its value and that of the span before, `of` what it is a share, how it is counted, and
    where its tickets are."""

    code: str
    label: str
    value: str
    before: str
    of: str
    formula: str
    link: str
    late: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: floats are shares, None is "nothing to go by". `links` are the rows' own, "" for none; `chart` the
    column that is drawn."""

    code: str
    title: str
    columns: list[str]
    rows: list[list[Cell]]
    links: list[str] = field(default_factory=list)
    chart: int = 0
    lead: str = ""

    @property
    def table(self) -> Table:
        """For a spreadsheet."""
        return Table(self.title, self.columns, self.rows)

    @property
    def drawn(self) -> dict[str, Any]:
        """What the page's script draws."""
        rows = self.rows[:12]
        return {"type": "bars", "labels": [row[0] for row in rows], "series": [
            {"name": self.columns[self.chart], "values": [row[self.chart] for row in rows]}]}


@dataclass(frozen=True)
class Board:
    """The dashboard's page. `again` is its address' query."""

    tiles: list[Tile]
    times: Grid
    trend: Grid
    drawn: dict[str, Any]
    grids: list[Grid]
    again: str


def board(found: Dashboard, span: Span, department: str, language: str) -> Board:
    """The dashboard in words."""
    at = Links(span, department)
    return Board(
        tiles=[*_counts(found, at, language), *_shares(found, at, language)], times=times(found, language),
        trend=trend(found, span, language), drawn=_lines(found, span, language),
        grids=[group(code, found.groups[code], at, language) for code in
               ("category", "kind", "item", "department", "street", "channel") if found.groups.get(code)],
        again=at.query(),
    )


class Links:
    """Where the tickets of a figure are."""

    def __init__(self, span: Span, department: str) -> None:
        custom = {"first": f"{span.first}", "last": f"{span.last}"} if span.name == "custom" else {}
        month = {"first": f"{span.first:%Y-%m}"} if span.name == "month" else {}
        self._asked = {"span": span.name, **custom, **month, "department": department}

    def query(self, **more: str) -> str:
        """Of an address."""
        return urlencode({k: v for k, v in {**self._asked, **more}.items() if v})

    def of(self, figure: str, group: str = "", key: str = "", street: str = "") -> str:
        """The list behind a figure."""
        by = "&" + urlencode({"group": group, "key": key, **({"street": street} if street else {})}) if group else ""
        return f"/console/reports/tickets?{self.query(figure=figure)}{by}"


def group(code: str, found: dict[str, Tally], at: Links, language: str) -> Grid:
    """What tickets are of: the most first."""
    ordered = sorted(found.items(), key=lambda one: (-one[1].received, -one[1].answered, one[0]))
    columns = [text(f"report.by_{code}", language), *(text(f"report.{name}", language) for name in COUNTS)]
    return Grid(code, text(f"report.title_{code}", language), columns,
                [[name_of(code, key, language), *(getattr(tally, name) for name in COUNTS)] for key, tally in ordered],
                [at.of("received", code, key) for key, _ in ordered], chart=1)


def times(found: Dashboard, language: str) -> Grid:
    """How long things took."""
    kinds: list[tuple[str, Times]] = [("acceptance", found.acceptance), ("answer", found.answer)]
    if found.person:
        kinds.insert(0, ("person", found.person.times))
    columns = [text(f"report.{name}", language) for name in ("what_time", "measured", "median", "mean", "p90")]
    return Grid("times", text("report.title_times", language), columns, [
        [text(f"report.until_{code}", language), one.count,
         *(seconds(value, language) for value in (one.median, one.mean, one.p90))] for code, one in kinds])


def trend(found: Dashboard, span: Span, language: str) -> Grid:
    """Day by day or hour by hour, the last first."""
    columns = [text(f"report.{'hour' if span.by_hour else 'day'}", language),
               *(text(f"report.{line}", language) for line in ("received", "answered", "closed"))]
    return Grid("trend", text("report.title_trend", language), columns,
                [[f"{p.at:%m-%d %H:%M}" if span.by_hour else f"{p.at:%Y-%m-%d}", p.received, p.answered, p.closed]
                 for p in found.trend])


def hot(found: list[Hot], week: Span, language: str) -> Grid:
    """What came in more often, in words."""
    columns = [text(f"report.{name}", language) for name in
               ("by_item", "by_street", "this_week", "mean_before", "change", "chance")]
    rows: list[list[Cell]] = [
        [name_of("item", one.item, language), name_of("street", one.street, language) if one.street else "", one.now,
         f"{one.mean:.1f}", change(one, language), _chance(one.chance)] for one in found]
    links = [Links(week, "").of("received", "item", one.item, one.street) for one in found]
    return Grid("hot", text("report.title_hot", language), columns, rows, links)


def change(one: Hot, language: str) -> str:
    """`前四周平均每周 3 件，这周 12 件，是 4 倍`."""
    if not one.mean:
        return text("report.change_new", language, now=one.now)
    return text("report.change_times", language, now=one.now, mean=f"{one.mean:.1f}", times=f"{one.now / one.mean:.1f}")


def clusters(found: list[Cluster], language: str) -> Grid:
    """Groups that may be one matter."""
    columns = [text(f"report.{name}", language) for name in
               ("by_item", "by_street", "reporters", "tickets", "why_group", "first_words", "numbers")]
    rows: list[list[Cell]] = [
        [name_of("item", one.item, language), name_of("street", one.street, language), one.reporters, len(one.numbers),
         text(f"report.group_{one.why}", language), one.words[:60], " ".join(one.numbers)] for one in found]
    return Grid("clusters", text("report.title_clusters", language), columns, rows,
                [f"/console/tickets/{one.numbers[0]}" for one in found])


def ranking(found: Iterable[Ranked], language: str) -> Grid:
    """Departments with every input."""
    shares = ("on_time", "solved", "satisfied", "first_response", "returns", "cards")
    columns = [text(f"report.{name}", language) for name in (
        "by_department", "place", "score", *(f"part_{name}" for name in shares), "tickets", "on_time", "late", "solved",
        "not_solved", "satisfied", "rated", "silent", "accepted_late", "acceptance_median", "refused", "yellow", "red")]
    rows: list[list[Cell]] = []
    for one in found:
        work, tally = one.work, one.work.tally
        rows.append([
            name_of("department", work.department, language), one.place,
            None if one.score is None else f"{one.score:.1f}", *(one.shares[name] for name in shares), work.tickets,
            tally.on_time, tally.late, tally.solved, tally.not_solved, tally.satisfied, tally.rated, tally.silent,
            work.accepted_late, seconds(work.acceptance.median, language), work.returns_refused, work.yellow, work.red])
    return Grid("ranking", text("report.ranking", language), columns, rows)


def hot_grids(items: list[Hot], streets: list[Hot], groups: list[Cluster], week: Span, language: str) -> list[Grid]:
    """The page of what is hot."""
    title = text("report.title_hot_streets", language)
    by_street = replace(hot(streets, week, language), code="hot_streets", title=title)
    return [hot(items, week, language), by_street, clusters(groups, language)]


def rows(found: Iterable[Ticket], actor: Actor, language: str) -> list[Row]:
    """Tickets as lists show them, to be looked at only."""
    return [replace(row(ticket, actor, language), acceptable=False) for ticket in found]


def named(group: str, key: str, street: str, language: str) -> str:
    """What a list is of."""
    names = [name_of(group, key, language)] if group else []
    return " · ".join([*names, *([name_of("street", street, language)] if street else [])])


def name_of(group: str, code: str, language: str) -> str:
    """What a code of a group is called; what is not known by its code."""
    known = catalogue()
    if group == "kind":
        return messages(language).get(f"kind.{code}", code)
    if group == "channel":
        return words.channel(code, language)
    if group == "street":
        return territories.name_of(code, language) or (code or text("report.no_place", language))
    if group == "item":
        item = known.items.get(code) or known.gone.get(code)
        return item.name(language) if item else code
    named = known.categories.get(code) or known.departments.get(code)
    return named.name(language) if named else code or text("report.desk", language)


def seconds(value: float | None, language: str) -> str | None:
    """A time in words, None where none was measured."""
    return None if value is None else words.span(value, language)


def percent(value: float | None) -> str:
    """`87.5%`, and a dash where there is nothing to go by."""
    return "–" if value is None else f"{100 * value:.1f}%"


def _counts(found: Dashboard, at: Links, language: str) -> list[Tile]:
    tally, before = found.tally, found.before
    tiles = [_tile(code, f"{getattr(tally, code):,}", f"{getattr(before, code):,}", "", at, language)
             for code in ("received", "answered", "closed")]
    now = [_tile(code, f"{found.standing[code]:,}", "", "", at, language,
                 late=code == "overdue" and found.standing[code] > 0) for code in ("open", "overdue")]
    back = [_tile(code, f"{getattr(tally, code):,}", f"{getattr(before, code):,}", "", at, language)
            for code in ("reopened", "urged")]
    return [*tiles, *now, *back]


def _shares(found: Dashboard, at: Links, language: str) -> list[Tile]:
    tally, before = found.tally, found.before
    wholes = {"on_time": tally.on_time + tally.late, "solved": tally.solved + tally.not_solved,
              "satisfied": tally.rated, "silent": tally.answered}
    tiles = [_tile(code, percent(getattr(tally, f"{code}_rate")), percent(getattr(before, f"{code}_rate")),
                   f"{getattr(tally, code):,} / {whole:,}", at, language) for code, whole in wholes.items()]
    if found.person:
        over = found.person.within_five + found.person.over_five
        tiles.append(Tile("five", text("report.five", language), percent(found.person.rate), "",
                          f"{found.person.within_five:,} / {over:,}", text("report.formula_five", language), ""))
    return tiles


def _tile(code: str, value: str, before: str, of: str, at: Links, language: str, late: bool = False) -> Tile:
    label = f"report.{code}_rate" if of else f"report.{code}"
    return Tile(code, text(label, language), value, before, of, text(f"report.formula_{code}", language), at.of(code),
                late)


def _lines(found: Dashboard, span: Span, language: str) -> dict[str, Any]:
    return {"type": "lines", "labels": [f"{p.at:%H:%M}" if span.by_hour else f"{p.at:%m-%d}" for p in found.trend],
            "series": [{"name": text(f"report.{line}", language), "values": [getattr(p, line) for p in found.trend]}
                       for line in ("received", "answered", "closed")]}


def _chance(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"
