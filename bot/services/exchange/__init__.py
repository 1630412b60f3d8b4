"""CSV import with a dry run, and export: catalogue, directory, territories, units, canned replies."""

from sqlalchemy.orm import Session

from bot.services import sheets
from bot.services.exchange.applying import apply
from bot.services.exchange.planning import Plan, plan, tables_of
from bot.services.exchange.state import Edit, State
from bot.services.exchange.tables import WHATS, Key, Table, file_name
from bot.services.history import note
from bot.services.sheets import Problem, Row

__all__ = ["WHATS", "Edit", "Plan", "Problem", "apply", "export", "file_names", "plan"]


def export(session: Session, what: str, actor: str = "") -> dict[str, bytes]:
    """The files of catalogue | directory | territories | units | canned-replies, by name. Written down where an actor
    is named. Raises BadInput for anything else."""
    state = State(session)
    files = {file_name(table): sheets.write(table.columns, _ordered(state, table)) for table in tables_of(what)}
    if actor:
        note(session, "exchange", what, actor, "exported")
    return files


def file_names(what: str) -> list[str]:
    """What `export` gives. Raises BadInput for an unknown `what`."""
    return [file_name(table) for table in tables_of(what)]


def _ordered(state: State, table: Table) -> list[Row]:
    """Rows as they are stored, territories as a tree: parents before their children."""
    rows = state.visible(table.name)
    if table.name != "territories":
        return list(rows.values())
    return sorted(rows.values(), key=lambda row: _path(rows, row))


def _path(rows: dict[Key, Row], row: Row) -> tuple[str, ...]:
    parent = rows.get((row["parent"],))
    return (*(_path(rows, parent) if parent and parent is not row else ()), row["code"])
