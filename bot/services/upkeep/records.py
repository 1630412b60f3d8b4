"""Adding, changing, removing and restoring one row of anything admins keep, each with its row in the history.

What comes in may be raw text, from a form or from a table of a file; what is refused is refused by field and in words.
A value that stays as it is stored is not judged again: an old slip in one field does not stand in the way of another.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.entry import Reader
from bot.errors import BadFields, BadInput, Conflict, HotlineError, NotFound
from bot.services.history import note
from bot.storage import Base

Values = dict[str, Any]
Problems = dict[str, HotlineError]


@dataclass(frozen=True)
class Column:
    """A field of a noun. `fixed` ones are given once, when the row is made."""

    name: str
    read: Reader
    required: bool = False
    fixed: bool = False


@dataclass(frozen=True)
class Use:
    """What still needs a row: `offers`, how many, and the first few by name."""

    what: str
    count: int
    names: tuple[str, ...] = ()


class StillUsed(Conflict):
    """The row may not go; `uses` says what for."""

    def __init__(self, uses: list[Use]) -> None:
        super().__init__("entry.still_used", uses="; ".join(f"{u.what} {u.count}: {', '.join(u.names)}" for u in uses))
        self.uses = uses


class Noun:
    """One kind of thing, stored as a table of its own. `subject` is its name in the history (at most 12 signs)."""

    right = Right.MANAGE_DIRECTORY

    def __init__(self, subject: str, model: type[Base], columns: tuple[Column, ...], removable: bool = True) -> None:
        self.subject, self.model, self.columns, self.removable = subject, model, columns, removable
        self.soft = hasattr(model, "removed")

    def find(self, session: Session, key: Any) -> Any:
        """The row, or None."""
        return session.get(self.model, key)

    def key(self, row: Any) -> str:
        """What the history calls the row."""
        return str(getattr(row, self.columns[0].name))

    def values(self, row: Any) -> Values:
        """The row's columns."""
        return {c.name: getattr(row, c.name) for c in self.columns}

    def make(self, session: Session, values: Values) -> Any:
        """A new row."""
        row = self.model(**values)
        session.add(row)
        session.flush()
        return row

    def write(self, session: Session, row: Any, values: Values) -> None:
        """New values for some columns."""
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        """What is wrong with the whole of it. `row` is None for a new one."""
        return {}

    def uses(self, session: Session, row: Any) -> list[Use]:
        """What still needs the row."""
        return []

    def forget(self) -> None:
        """Called once a change is committed: drop what this process has cached."""


def create(session: Session, noun: Noun, given: Mapping[str, Any], actor: Actor) -> Any:
    """A new row. Raises BadFields."""
    actor.must(noun.right)
    values, problems = read(noun.columns, given)
    problems = {**noun.check(session, complete(noun, values), set(values), None), **problems}
    if problems:
        raise BadFields(problems)
    row = noun.make(session, dict(values))
    _note(session, noun, row, actor, "created", {k: [None, v] for k, v in values.items() if v not in ("", None, [])})
    return row


def change(session: Session, noun: Noun, key: Any, given: Mapping[str, Any], actor: Actor) -> Any:
    """New values for what differs; a field that is not given stays. Raises BadFields, NotFound."""
    actor.must(noun.right)
    row = _held(session, noun, key)
    before = noun.values(row)
    sent = [c for c in noun.columns if c.name in given and not c.fixed]
    values, problems = read([c for c in sent if not _same(given[c.name], before[c.name])], given)
    values = {k: v for k, v in values.items() if v != before[k]}
    problems = {**noun.check(session, {**before, **values}, set(values), row), **problems}
    if problems:
        raise BadFields(problems)
    if values:
        noun.write(session, row, dict(values))
        _note(session, noun, row, actor, "changed", {k: [before[k], v] for k, v in values.items()})
    return row


def remove(session: Session, noun: Noun, key: Any, actor: Actor) -> Any:
    """Out of sight for citizens; a noun without soft deletion is deleted. Raises StillUsed, NotFound."""
    actor.must(noun.right)
    row = _held(session, noun, key)
    if not noun.removable:
        raise Conflict("entry.not_removable")
    if getattr(row, "removed", False):
        return row
    uses = [use for use in noun.uses(session, row) if use.count]
    if uses:
        raise StillUsed(uses)
    lost = {} if noun.soft else {k: [v, None] for k, v in noun.values(row).items()}
    _note(session, noun, row, actor, "removed", lost)
    if noun.soft:
        row.removed = True
    else:
        session.delete(row)
    session.flush()
    return row


def restore(session: Session, noun: Noun, key: Any, actor: Actor) -> Any:
    """Back again, if what it refers to is still there. Raises BadFields, NotFound."""
    actor.must(noun.right)
    row = _held(session, noun, key)
    if not row.removed:
        return row
    problems = noun.check(session, noun.values(row), {c.name for c in noun.columns if not c.fixed}, row)
    if problems:
        raise BadFields(problems)
    row.removed = False
    _note(session, noun, row, actor, "restored", {})
    return row


def in_words(values: Any) -> str:
    """Values for the history: JSON a person can read."""
    return json.dumps(values, ensure_ascii=False, default=lambda v: v.isoformat() if isinstance(v, date) else str(v))


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Do it as soon as the change is there for everybody."""
    event.listen(session, "after_commit", lambda _session: act(), once=True)


def _held(session: Session, noun: Noun, key: Any) -> Any:
    row = noun.find(session, key)
    if row is None:
        raise NotFound("entry.gone")
    return row


def read(columns: Iterable[Column], given: Mapping[str, Any]) -> tuple[Values, Problems]:
    """(what could be read, what is wrong with the rest) by field."""
    values: Values = {}
    problems: Problems = {}
    for column in columns:
        try:
            value = column.read(given.get(column.name))
            if column.required and value in ("", None, []):
                raise BadInput("entry.required")
            values[column.name] = value
        except HotlineError as error:
            problems[column.name] = error
    return values, problems


def complete(noun: Noun, values: Values) -> Values:
    """Every column there, so that `check` need not ask which could be read."""
    return {**{c.name: None for c in noun.columns}, **values}


def _same(typed: Any, stored: Any) -> bool:
    """Whether a form brings back what it was given."""
    if isinstance(stored, bool) or isinstance(typed, bool | list):
        return bool(typed == stored)
    plain = str(typed if typed is not None else "").replace("\r\n", "\n").strip()
    return plain == str(stored if stored is not None else "")


def _note(session: Session, noun: Noun, row: Any, actor: Actor, what: str, fields: Values) -> None:
    why = in_words({"key": noun.key(row), **fields}) if len(noun.key(row)) > 32 else in_words(fields) if fields else ""
    note(session, noun.subject, noun.key(row)[:32], actor.id, what, why=why)
    after_commit(session, noun.forget)
