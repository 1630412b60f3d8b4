"""What an import would do, before it does it."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Any

from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.services import sheets
from bot.services.exchange import checks
from bot.services.exchange.state import Edit, State
from bot.services.exchange.tables import WHATS, Key, Table, file_name
from bot.services.exchange.uses import still_used
from bot.services.sheets import Problem, Row


@dataclass
class _Found:
    """What the files say of one table. Not `whole`: some of it could not be read."""

    file: str
    lines: list[tuple[str, int, Row]] = field(default_factory=list)
    whole: bool = True


@dataclass
class Plan:
    """Rows to add, change, remove; rows that are `missing` from the files; problems. With a problem nothing is done.
    Missing rows are removed only where `remove_missing` was asked for."""

    what: str
    files: Mapping[str, bytes]
    remove_missing: bool = False
    added: list[Edit] = field(default_factory=list)
    changed: list[Edit] = field(default_factory=list)
    missing: list[Edit] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def removed(self) -> list[Edit]:
        return self.missing if self.remove_missing else []

    @property
    def edits(self) -> list[Edit]:
        """All there is to do."""
        return [*self.added, *self.changed, *self.removed]

    @property
    def empty(self) -> bool:
        """Nothing to do and nothing wrong."""
        return not self.edits and not self.problems

    @cached_property
    def digest(self) -> str:
        """Two plans with the same one do the same."""
        told = [self.what, self.remove_missing, [[e.table, e.key, e.before, e.after] for e in self.edits]]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {"added": len(self.added), "changed": len(self.changed), "removed": len(self.removed),
                "missing": len(self.missing), "unchanged": self.unchanged, "problems": len(self.problems)}

    def as_dict(self, language: str) -> dict[str, Any]:
        """For programs, problems in words."""
        return {
            "what": self.what, "files": sorted(self.files), "counts": self.counts(),
            **{kind: [{"file": e.file, "line": e.line, "table": e.table, "key": list(e.key),
                       "fields": {column: [before, after] for column, before, after in e.fields}} for e in edits]
               for kind, edits in (("added", self.added), ("changed", self.changed), ("removed", self.removed))},
            "missing": [{"table": e.table, "key": list(e.key)} for e in self.missing],
            "problems": [{"file": p.file, "line": p.line, "key": p.key, "reason": p.reason(language)}
                         for p in self.problems],
        }


def plan(
    session: Session, what: str, files: Mapping[str, bytes], remove_missing: bool = False, locked: bool = False
) -> Plan:
    """What importing these files would do. Some of a thing's files are enough: the others stay as they are. `locked`
    keeps everybody else from changing the rows until the transaction ends. Raises BadInput for an unknown `what`."""
    made, state = Plan(what, files, remove_missing), State(session, locked)
    found = _sorted_out(made, tables_of(what))
    for table in tables_of(what):
        if table.name in found:
            _compare(made, state, table, found[table.name])
    state.expect(made.edits)
    made.problems += checks.together(state, [*made.added, *made.changed])
    made.problems += still_used(state, made.removed)
    return made


def tables_of(what: str) -> tuple[Table, ...]:
    """The tables of catalogue | directory | territories | units | canned-replies. Raises BadInput."""
    if what not in WHATS:
        raise BadInput("exchange.no_such_thing", what=what, choices=", ".join(WHATS))
    return WHATS[what]


def _sorted_out(made: Plan, tables: tuple[Table, ...]) -> dict[str, _Found]:
    """What was found, by table."""
    found: dict[str, _Found] = {}
    expected = {"files": ", ".join(map(file_name, tables))}
    if not made.files:
        made.problems.append(Problem("", 0, "exchange.no_files", expected))
    for file, content in made.files.items():
        table = _table_of(file, tables)
        if table is None:
            made.problems.append(Problem(file, 0, "exchange.unknown_file", expected))
            continue
        sheet = sheets.read(file, content, table.columns)
        made.problems += sheet.problems
        of_table = found.setdefault(table.name, _Found(file))
        of_table.lines += [(file, number, row) for number, row in sheet.rows]
        of_table.whole &= sheet.whole
    return found


def _table_of(file: str, tables: tuple[Table, ...]) -> Table | None:
    """By its name; a browser's `offers (1).csv` is offers. Where there is one table only, any name does."""
    if len(tables) == 1:
        return tables[0]
    stem = re.sub(r"\s*\(\d+\)$", "", PurePath(file).stem).casefold()
    return next((table for table in tables if table.name == stem), None)


def _compare(made: Plan, state: State, table: Table, found: _Found) -> None:
    """Sort a table's rows into added, changed and unchanged, and find those that are missing."""
    now, seen = state.visible(table.name), dict[Key, tuple[str, int]]()
    for file, number, row in found.lines:
        key = table.key_of(row)
        if key in seen and all(key):
            facts = {"code": " / ".join(key), "file": seen[key][0], "line": seen[key][1]}
            made.problems.append(Problem(file, number, "exchange.twice", facts))
            continue
        seen[key] = (file, number)
        faults = checks.cells(table, row)
        made.problems += [Problem(file, number, *fault) for fault in faults]
        if not faults:
            as_stored = table.row(table.values(row))  # so that `80` and `80.0` are the same
            _sort_in(made, Edit(table.name, key, file, number, now.get(key), as_stored))
    if found.whole:
        made.missing += [Edit(table.name, key, found.file, 0, row, None) for key, row in now.items()
                         if key not in seen]


def _sort_in(made: Plan, edit: Edit) -> None:
    if edit.before is None:
        made.added.append(edit)
    elif edit.before != edit.after:
        made.changed.append(edit)
    else:
        made.unchanged += 1
