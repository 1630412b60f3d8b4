"""What is wrong with rows: cell by cell, and with one another once all is done."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.domain import hours
from bot.errors import BadInput
from bot.services.exchange.state import Edit, State
from bot.services.exchange.tables import ITEMS, LEVEL_ABOVE, TABLES, Ref, Span, Table, file_name
from bot.services.sheets import Problem, Row, unprintable
from bot.services.upkeep.canned import CANNED

Fault = tuple[str, dict[str, Any]]
"""Key and facts of what is wrong."""
Check = Callable[[Row], list[Fault]]
_CODE, _SHORTCUT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"), re.compile(r"[^\s/]+")
_WHOLE, _DECIMAL = re.compile(r"[0-9]+"), re.compile(r"-?[0-9]+(\.[0-9]+)?")
_ROUNDED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)


def cells(table: Table, row: Row) -> list[Fault]:
    """Everything a row says that cannot be."""
    found = [fault for column in table.columns for fault in _cell(table, column, row[column])]
    if "hours" in table.columns:
        try:
            hours.parse(row["hours"])
        except BadInput as error:
            found.append((error.key, error.facts))
    return found


def together(state: State, edits: list[Edit]) -> Iterator[Problem]:
    """Problems of added and changed rows with the rows they name, once all is done."""
    for name in dict.fromkeys(edit.table for edit in edits):
        known = {ref: set().union(*(state.codes(t) for t in ref.targets)) for ref in TABLES[name].refs}
        check = _kin(state, name)
        for edit in edits:
            if edit.table == name and edit.after is not None:
                for fault in (*_unknown(known, edit.after), *check(edit.after)):
                    yield Problem(edit.file, edit.line, *fault)


def _cell(table: Table, column: str, cell: str) -> Iterator[Fault]:
    if not cell:
        if column in table.needed:
            yield "exchange.needed", {"column": column}
        return
    if unprintable(cell):
        yield "exchange.unprintable", {"column": column}
    longest = table.longest(column)
    if longest and len(cell) > longest:
        yield "exchange.too_long", {"column": column, "length": len(cell), "most": longest}
    if column == "shortcut" and not _SHORTCUT.fullmatch(cell):
        yield "exchange.bad_shortcut", {}
    if column in table.codes and not _CODE.fullmatch(cell):
        yield "exchange.bad_code", {"column": column, "value": cell[:60]}
    if _ROUNDED.fullmatch(cell):
        yield "exchange.rounded", {"column": column, "value": cell}
    if column in table.numbers:
        yield from _number(column, cell, table.numbers[column])
    allowed = table.choices.get(column, ())
    wrong = [part for part in cell.split("|") if part.strip() not in allowed] if allowed else []
    if wrong:
        yield "exchange.bad_choice", {"column": column, "value": "|".join(wrong)[:60],
                                      "choices": " | ".join(sorted(allowed))}


def _number(column: str, cell: str, span: Span) -> Iterator[Fault]:
    if not (_WHOLE if span.whole else _DECIMAL).fullmatch(cell):
        yield "exchange.not_a_number", {"column": column, "value": cell[:60]}
    elif not span.low <= float(cell) <= span.high:
        yield "exchange.out_of_range", {"column": column, "value": cell[:60], "low": span.low, "high": span.high}


def _unknown(known: dict[Ref, set[str]], row: Row) -> Iterator[Fault]:
    for ref, codes in known.items():
        for code in ref.codes(row):
            if code not in codes:
                yield "exchange.unknown", {"column": ref.column, "code": code[:60], "where": files_of(ref.targets)}


def files_of(tables: Iterable[str]) -> str:
    """The file names of tables, for a person who looks for them."""
    return ", ".join(file_name(TABLES[t]) if t in TABLES else t for t in tables)


def _kin(state: State, name: str) -> Check:
    """What a table wants beyond codes that exist."""
    checks = {"territories": _levels, "providers": _community_in_street, "volunteers": _team_is_one,
              "life_services": _code_once, "government_services": _code_once, "ambiguities": _word_once,
              "canned_replies": _variables}
    return checks[name](state) if name in checks else lambda row: []


def _levels(state: State) -> Check:
    places = state.final("territories")

    def check(row: Row) -> list[Fault]:
        wanted, parent = LEVEL_ABOVE[row["level"]], places.get((row["parent"],))
        if parent["level"] == wanted if parent else bool(row["parent"]) or not wanted:
            return []  # an unknown parent is told already
        return [("exchange.bad_parent", {"level": row["level"], "wanted": wanted or "-", "parent": row["parent"]})]

    return check


def _community_in_street(state: State) -> Check:
    places = state.final("territories")

    def check(row: Row) -> list[Fault]:
        street, community = places.get((row["street"],)), places.get((row["community"],))
        fits = (not street or street["level"] == "street") and (not community or community["parent"] == row["street"])
        return [] if fits else [("exchange.not_in_street", {"street": row["street"], "community": row["community"]})]

    return check


def _team_is_one(state: State) -> Check:
    providers = state.final("providers")

    def check(row: Row) -> list[Fault]:
        team = providers.get((row["team"],))
        return [("exchange.no_team", {"team": row["team"]})] if team and team["kind"] != "volunteer_team" else []

    return check


def _code_once(state: State) -> Check:
    life, government = (state.final(name) for name in ITEMS)

    def check(row: Row) -> list[Fault]:
        key = (row["code"],)
        return [("exchange.twice_items", {"code": row["code"]})] if key in life and key in government else []

    return check


def _word_once(state: State) -> Check:
    words = Counter(word.strip() for row in state.final("ambiguities").values() for word in row["words"].split("|"))

    def check(row: Row) -> list[Fault]:
        again = [word.strip() for word in row["words"].split("|") if words[word.strip()] > 1]
        return [("exchange.word_twice", {"words": "|".join(again)})] if again else []

    return check


def _variables(state: State) -> Check:
    texts = {"text_zh", "text_en"}
    return lambda row: [(error.key, error.facts) for error in CANNED.check(state.session, row, texts, None).values()]
