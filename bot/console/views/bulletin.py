"""A bulletin in words: one page that can be read aloud, with its tables."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.console.views import reports as view
from bot.console.views.reports import Grid
from bot.domain.calendar import LOCAL
from bot.domain.report import Tally
from bot.domain.span import Span, week
from bot.i18n import text
from bot.services.catalogue import catalogue
from bot.services.reports.bulletin import Bulletin
from bot.services.reports.workbook import Cell

TOP, NAMED, UNSOLVED = 5, 3, 6
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Sheet:
    """`paragraphs` are (heading, sentences); `number` what the intro is kept under; `earlier`, `later` and `other` (the
    week of a day, the first day of a week) are addresses."""

    name: str
    title: str
    begun: bool
    intro: str
    tiles: list[tuple[str, str]]
    paragraphs: list[tuple[str, list[str]]]
    drawn: dict[str, Any]
    grids: list[Grid]
    path: str
    earlier: str
    later: str
    other: str
    weekly: bool


def yesterday(moment: datetime) -> date:
    """The last day that is over."""
    return moment.astimezone(LOCAL).date() - timedelta(days=1)


def sheet(found: Bulletin, language: str) -> Sheet:
    """The bulletin's page."""
    weekly = "W" in found.name
    where = "/console/reports/week" if weekly else "/console/reports/bulletin"
    return Sheet(
        name=found.name, title=_title(found, language), begun=found.begun, intro=found.intro,
        tiles=_tiles(found.tally, language), paragraphs=_paragraphs(found, language), drawn=_drawn(found, language),
        grids=_grids(found, language), path=f"{where}/{found.name}", earlier=f"{where}/{_name(found, -1)}",
        later="" if found.span.until >= found.span.now else f"{where}/{_name(found, 1)}",
        other=_other(found), weekly=weekly,
    )


def _week(found: Bulletin) -> Span:
    """The seven days that what is hot is about."""
    return Span("custom", found.span.last - timedelta(days=6), found.span.last, found.span.now)


def _name(found: Bulletin, step: int) -> str:
    if "W" in found.name:
        return f"{week(found.name)[0] + timedelta(days=7 * step):%G-W%V}"
    return f"{found.span.first + timedelta(days=step)}"


def _other(found: Bulletin) -> str:
    if "W" in found.name:
        return f"/console/reports/bulletin/{min(found.span.last, found.span.until.astimezone(LOCAL).date())}"
    return f"/console/reports/week/{found.span.first:%G-W%V}"


def _title(found: Bulletin, language: str) -> str:
    if "W" in found.name:
        return text("report.week_title", language, week=found.name[-2:].lstrip("0"), year=found.name[:4],
                    first=_day(found.span.first, language), last=_day(found.span.last, language))
    weekday = text(f"report.{WEEKDAYS[found.span.first.weekday()]}", language)
    return text("report.day_title", language, day=_day(found.span.first, language), year=found.span.first.year,
                weekday=weekday)


def _day(day: date, language: str) -> str:
    return f"{day.day} {day:%b}" if language == "en" else f"{day.month}月{day.day}日"


def _tiles(tally: Tally, language: str) -> list[tuple[str, str]]:
    return [(text("report.received", language), f"{tally.received:,}"),
            (text("report.answered", language), f"{tally.answered:,}"),
            (text("report.on_time_rate", language), view.percent(tally.on_time_rate)),
            (text("report.solved_rate", language), view.percent(tally.solved_rate)),
            (text("report.satisfied_rate", language), view.percent(tally.satisfied_rate))]


def _paragraphs(found: Bulletin, language: str) -> list[tuple[str, list[str]]]:
    parts = (("came", _came(found, language)), ("hot", _hot(found, language)), ("late", _late(found, language)),
             ("best", _best(found, language)), ("people", _people(found, language)),
             ("unsolved", _unsolved(found, language)))
    return [(text(f"report.head_{code}", language), said) for code, said in parts]


def _came(found: Bulletin, language: str) -> list[str]:
    tally = found.tally
    said = [text("report.say_came", language, received=tally.received, before=found.before.received,
                 answered=tally.answered, closed=tally.closed)]
    if found.items:
        said.append(text("report.say_items", language, items=_list(found.items, "item", language)))
    if found.streets:
        said.append(text("report.say_streets", language, streets=_list(found.streets, "street", language)))
    return said


def _hot(found: Bulletin, language: str) -> list[str]:
    said = [text("report.say_hot", language, item=view.name_of("item", one.item, language),
                 change=view.change(one, language)) for one in found.hot[:TOP]]
    said += [text("report.say_hot_street", language, item=view.name_of("item", one.item, language),
                  street=view.name_of("street", one.street, language), change=view.change(one, language))
             for one in found.hot_streets[:NAMED]]
    return said or [text("report.say_not_hot", language)]


def _late(found: Bulletin, language: str) -> list[str]:
    late, still = sum(found.late.values()), sum(found.still.values())
    if not late and not still:
        return [text("report.say_none_late", language)]
    said = []
    if late:
        said.append(text("report.say_late", language, late=late, departments=_list(found.late, "department", language)))
    if found.red:
        said.append(text("report.say_red", language, red=sum(found.red.values())))
    if still:
        said.append(text("report.say_still", language, still=still,
                         departments=_list(found.still, "department", language)))
    return said


def _best(found: Bulletin, language: str) -> list[str]:
    ranked = found.ranked
    best = [one for one in ranked if one[1].on_time_rate == 1.0]
    worst = [one for one in reversed(ranked) if one[1].late][:NAMED]
    said = []
    if best:
        said.append(text("report.say_best", language, count=len(best), departments=_named(best[:NAMED], language)))
    if worst:
        said.append(text("report.say_worst", language, departments=_named(worst, language)))
    return said or [text("report.say_few", language)]


def _named(ones: list[tuple[str, Tally]], language: str) -> str:
    return _joined([text("report.one_on_time", language, name=view.name_of("department", code, language),
                         on_time=tally.on_time, due=tally.on_time + tally.late) for code, tally in ones], language)


def _people(found: Bulletin, language: str) -> list[str]:
    person = found.person
    said = [text("report.say_person", language, asked=person.asked, within=person.within_five, over=person.over_five)
            if person.asked else text("report.say_no_person", language)]
    known = catalogue().emergencies
    names = {known[code].name(language): count for code, count in found.emergencies.items() if code in known}
    said.append(text("report.say_emergencies", language, count=sum(names.values()), names=_joined(
        [text("report.one_count", language, name=name, count=count) for name, count in names.items()], language))
        if names else text("report.say_no_emergency", language))
    return said


def _unsolved(found: Bulletin, language: str) -> list[str]:
    if not found.unsolved:
        return [text("report.say_all_solved", language, silent=found.tally.silent)]
    reasons = _joined([text("report.one_count", language, name=_reason(why, language), count=count)
                       for why, count in found.reasons.items()], language)
    said = [text("report.say_unsolved", language, count=len(found.unsolved), reasons=reasons)]
    return said + [text("report.one_unsolved", language, item=view.name_of("item", one.item, language),
                        street=view.name_of("street", one.street, language), why=_reason(one.why, language),
                        times=one.times, number=one.number) for one in found.unsolved[:UNSOLVED]]


def _reason(why: str, language: str) -> str:
    return text(f"rating.why_{why}", language) if why else text("report.no_reason", language)


def _list(counts: dict[str, int], group: str, language: str) -> str:
    return _joined([text("report.one_count", language, name=view.name_of(group, key, language), count=count)
                    for key, count in list(counts.items())[:TOP]], language)


def _joined(ones: list[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(ones)


def _drawn(found: Bulletin, language: str) -> dict[str, Any]:
    return {"type": "columns", "labels": [f"{at:%m-%d}" for at, _ in found.days], "series": [
        {"name": text("report.received", language), "values": [count for _, count in found.days]}]}


def _grids(found: Bulletin, language: str) -> list[Grid]:
    received = text("report.received", language)
    grids = [Grid("days", text("report.title_days", language), [text("report.day", language), received],
                  [[f"{at:%Y-%m-%d}", count] for at, count in found.days])]
    for code, counts in (("category", found.categories), ("kind", found.kinds), ("street", found.streets),
                         ("item", found.items)):
        grids.append(Grid(code, text(f"report.title_{code}", language), [text(f"report.by_{code}", language), received],
                          [[view.name_of(code, key, language), count] for key, count in counts.items()]))
    return [*grids, _departments(found, language), view.hot(found.hot, _week(found), language)]


def _departments(found: Bulletin, language: str) -> Grid:
    names = ("answered", "on_time", "late", "on_time_rate", "solved", "not_solved", "solved_rate", "satisfied_rate")
    columns = [text("report.by_department", language), *(text(f"report.{name}", language) for name in names),
               text("report.still", language)]
    codes = sorted({*found.departments, *found.still}, key=lambda code: (-found.still.get(code, 0), code))
    rows: list[list[Cell]] = []
    for code in codes:
        tally = found.departments.get(code, Tally())
        rows.append([view.name_of("department", code, language), *(getattr(tally, name) for name in names),
                     found.still.get(code, 0)])
    return Grid("department", text("report.title_department", language), columns, rows)
