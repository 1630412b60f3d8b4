"""What is stored now, and what will be once a plan is carried out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.services.exchange.tables import TABLES, Key, Table
from bot.services.sheets import Row
from bot.storage import CatalogueRow, Team


@dataclass(frozen=True)
class Stored:
    """A row and where it is stored. `hidden`: removed, or its provider is."""

    identity: dict[str, Any]
    row: Row
    hidden: bool


@dataclass(frozen=True)
class Edit:
    """One row added (`before` is None), changed, or removed (`after` is None)."""

    table: str
    key: Key
    file: str
    line: int
    before: Row | None
    after: Row | None

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def code(self) -> str:
        """The key in one word."""
        return " / ".join(self.key)

    @property
    def name(self) -> str:
        """What a person calls the row; empty where its key says it already."""
        row = self.after or self.before or {}
        return row.get("name_zh") or row.get("title") or ""

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """(column, before, after) of everything that is not the same."""
        before, after = self.before or {}, self.after or {}
        return [(c, before.get(c, ""), after.get(c, "")) for c in TABLES[self.table].columns
                if before.get(c, "") != after.get(c, "")]


@dataclass
class State:
    """Rows of all tables by key, read when first asked for. `locked`: nobody else changes them meanwhile."""

    session: Session
    locked: bool = False
    _read: dict[str, dict[Key, Stored]] = field(default_factory=dict)
    _edits: dict[str, dict[Key, Edit]] = field(default_factory=dict)
    _final: dict[str, dict[Key, Row]] = field(default_factory=dict)

    def stored(self, name: str) -> dict[Key, Stored]:
        """All rows, hidden ones too."""
        if name not in self._read:
            table = TABLES[name]
            found = (self._stored(table, values) for values in self.session.execute(self._query(table)).mappings())
            self._read[name] = {table.key_of(one.row): one for one in found}
        return self._read[name]

    def visible(self, name: str) -> dict[Key, Row]:
        """The rows in force."""
        return {key: one.row for key, one in self.stored(name).items() if not one.hidden}

    def expect(self, edits: Iterable[Edit]) -> None:
        """From here on `final` tells what these will make of it."""
        for edit in edits:
            self._edits.setdefault(edit.table, {})[edit.key] = edit
        self._final.clear()

    def final(self, name: str) -> dict[Key, Row]:
        """The rows once all is done."""
        if name not in self._final:
            edits = self._edits.get(name, {})
            made = {key: edit.after for key, edit in edits.items() if edit.after is not None}
            kept = {key: row for key, row in self.visible(name).items() if key not in edits}
            self._final[name] = kept | made
        return self._final[name]

    def codes(self, name: str) -> set[str]:
        """What may be named of a table once all is done."""
        if name == "teams":
            return set(self.session.scalars(select(Team.code).where(Team.removed.is_(False))))
        return {key[0] for key in self.final(name)}

    def _query(self, table: Table) -> Select[Any]:
        query = select(*table.model.__table__.columns)
        if table.catalogue:
            query = query.where(CatalogueRow.table == table.name).order_by(CatalogueRow.position)
        else:
            query = query.order_by(*table.model.__table__.primary_key)
        return query.with_for_update() if self.locked else query

    def _stored(self, table: Table, values: Any) -> Stored:
        identity = {column.name: values[column.name] for column in table.model.__table__.primary_key}
        return Stored(identity, table.row(values), self._hidden(table, values))

    def _hidden(self, table: Table, values: Any) -> bool:
        owner = {"offers": "provider_id", "volunteers": "team"}.get(table.name)
        if owner is None:
            return bool(values["removed"])
        provider = self.stored("providers").get((values[owner],))
        return provider is not None and provider.hidden
