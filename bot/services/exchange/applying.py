"""Carrying a plan out, all or nothing."""

import json
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import and_, bindparam, delete, event, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.errors import BadInput, Conflict
from bot.services import catalogue, territories
from bot.services.exchange.planning import Plan, plan, tables_of
from bot.services.exchange.state import Edit, State, Stored
from bot.services.exchange.tables import Key, Table
from bot.services.history import note, note_many


def apply(session: Session, wanted: Plan, actor: str) -> None:
    """Do what the plan says, in the caller's transaction, and write it into the history. Raises BadInput where it has
    problems, Conflict where the data are no longer those it was made of; then nothing is done."""
    if wanted.problems:
        raise BadInput("exchange.has_problems", count=len(wanted.problems))
    fresh = plan(session, wanted.what, wanted.files, wanted.remove_missing, locked=True)
    if fresh.problems or fresh.digest != wanted.digest:
        raise Conflict("exchange.changed_meanwhile")
    if not fresh.edits:
        return
    state = State(session)
    try:
        for table in tables_of(wanted.what):
            _write(state, table, [edit for edit in fresh.edits if edit.table == table.name])
    except IntegrityError as error:  # somebody added the same row between our look and our write
        raise Conflict("exchange.changed_meanwhile") from error
    _tell(state, fresh, actor)
    event.listen(session, "after_commit", _refresh, once=True)


def _write(state: State, table: Table, edits: list[Edit]) -> None:
    stored = state.stored(table.name)
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    position = _next_position(state, table)
    for edit in edits:
        there = stored.get(edit.key)
        if edit.after is None:
            gone.append(stored[edit.key].identity)
        elif there:
            changed.append(_bound(there.identity) | table.values(edit.after) | _back(table))
        else:
            added.append(_new(table, edit, position + len(added)) | table.values(edit.after) | _back(table))
    _run(state.session, table, added, changed, gone)


def _run(session: Session, table: Table, added: list[Any], changed: list[Any], gone: list[Any]) -> None:
    stored = table.model.__table__
    assert isinstance(stored, SqlTable)
    this = and_(*(column == bindparam(f"is_{column.name}") for column in stored.primary_key))
    connection = session.connection()
    if added:
        connection.execute(insert(stored), added)
    if changed:
        columns = [name for name in changed[0] if not name.startswith("is_")]
        connection.execute(update(stored).where(this).values({c: bindparam(c) for c in columns}), changed)
    if gone and "removed" in stored.columns:
        connection.execute(update(stored).where(this).values(removed=True), [_bound(one) for one in gone])
    elif gone:
        connection.execute(delete(stored).where(this), [_bound(one) for one in gone])


def _bound(identity: dict[str, Any]) -> dict[str, Any]:
    return {f"is_{name}": value for name, value in identity.items()}


def _back(table: Table) -> dict[str, bool]:
    """A row that was removed and is in the file again is there again."""
    return {"removed": False} if "removed" in table.model.__table__.columns else {}


def _next_position(state: State, table: Table) -> int:
    if not table.catalogue:
        return 0
    numbers = [int(one.identity["code"]) for one in state.stored(table.name).values()
               if one.identity["code"].isdecimal()]
    return max([len(state.stored(table.name)) - 1, *numbers]) + 1


def _new(table: Table, edit: Edit, position: int) -> dict[str, Any]:
    """What a new row of the catalogue has besides its values: its place at the end; questions are numbered."""
    if not table.catalogue:
        return {}
    code = edit.key[0] if table.key[0] in ("code", "item") else str(position)
    return {"table": table.name, "code": code, "position": position}


def _tell(state: State, done: Plan, actor: str) -> None:
    """One row for the import, one for each row it touched: as if an admin had made each change by hand."""
    facts = done.counts() | {"files": sorted(done.files)}
    note(state.session, "exchange", done.what, actor, "imported", why=json.dumps(facts, ensure_ascii=False))
    for table in tables_of(done.what):
        stored = state.stored(table.name)
        note_many(state.session, actor, [_change(table, edit, stored) for edit in done.edits
                                         if edit.table == table.name])


def _change(table: Table, edit: Edit, stored: dict[Key, Stored]) -> dict[str, str]:
    what = {"added": "restored" if edit.key in stored else "created"}.get(edit.kind, edit.kind)
    fields = {column: [before, after] for column, before, after in edit.fields if column not in table.private}
    told = {"key": edit.code, **fields} if len(edit.code) > 32 else fields
    return {"subject": table.subject, "subject_id": edit.code[:32], "what": what,
            "why": json.dumps(told, ensure_ascii=False)}


def _refresh(session: Session) -> None:
    """What this process remembers of catalogue and territories; the others look again within a minute."""
    catalogue.forget()
    territories.forget()
