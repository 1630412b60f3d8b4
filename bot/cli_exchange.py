"""`hotline export` and `hotline import`: catalogue, directory, territories and canned replies as CSV files."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bot.services import exchange

app = typer.Typer()
out = Console(highlight=False, soft_wrap=True)
SHOWN = 200
SIGNS = {"added": "[green]+[/green]", "changed": "[yellow]~[/yellow]", "removed": "[red]-[/red]"}


class What(StrEnum):
    """What can be exchanged."""

    CATALOGUE = "catalogue"
    DIRECTORY = "directory"
    TERRITORIES = "territories"
    UNITS = "units"
    CANNED = "canned-replies"


@app.command("export")
def export_files(
    what: What, folder: Annotated[Path, typer.Argument(metavar="DIR", file_okay=False, help="Made if it is not there.")]
) -> None:
    """Write the CSV files of one thing into a folder; files of the same name are written over."""
    from bot.storage import transaction

    with transaction() as session:
        files = exchange.export(session, what, "cli")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        out.print(folder / name)


@app.command("import")
def import_files(
    what: What,
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Folder of CSV files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Remove rows that the files do not have.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Read the CSV files of a folder: all or nothing. Exit code 1 where there are problems."""
    from bot.storage import reading, transaction

    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    with reading() as session:  # nobody waits for a dry run
        plan = exchange.plan(session, what, files, remove_missing)
    done = bool(plan.edits) and not (dry_run or plan.problems)
    if done:
        with transaction() as session:
            exchange.apply(session, plan, "cli")
    if as_json:
        print(json.dumps({**plan.as_dict("en"), "applied": done}, ensure_ascii=False))
    else:
        _tell(plan, done)
    raise typer.Exit(1 if plan.problems else 0)


def _tell(plan: exchange.Plan, done: bool) -> None:
    for problem in plan.problems[:SHOWN]:
        where = f"{problem.file}:{problem.line}" if problem.line else problem.file
        out.print(f"[red]![/red] {escape(where)}: {escape(problem.reason('en'))}")
    for edit in plan.edits[:SHOWN]:
        fields = ", ".join(f"{column}: {before!r} → {after!r}" for column, before, after in edit.fields)
        told = fields if edit.kind == "changed" else edit.name
        out.print(f"{SIGNS[edit.kind]} {escape(edit.table)} {escape(edit.code)} {escape(told)}")
    hidden = max(len(plan.problems) - SHOWN, 0) + max(len(plan.edits) - SHOWN, 0)
    if hidden:
        out.print(f"… and {hidden} more; --json has them all")
    out.print(", ".join(f"{name} {count}" for name, count in plan.counts().items()))
    if plan.missing and not plan.remove_missing:
        out.print("rows that are missing from the files stay as they are; --remove-missing removes them")
    out.print("imported" if done else "nothing was imported")
