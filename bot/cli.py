"""`hotline`: everything an admin does from a shell."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot import cli_exchange, cli_report, launch, processes
from bot.config import ROOT, settings
from bot.errors import HotlineError
from bot.i18n import text

app = typer.Typer(
    no_args_is_help=True, help="Yiboling 一拨灵: the citizen help hotline.", pretty_exceptions_enable=False
)
account_app = typer.Typer(no_args_is_help=True, help="People who work in the console.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens for programs.")
bench_app = typer.Typer(no_args_is_help=True, help="Benchmarks: ratios against stock Rasa in the same run.")
nlu_app = typer.Typer(no_args_is_help=True, help="The understanding model.")
for name, sub in (("account", account_app), ("token", token_app), ("bench", bench_app), ("nlu", nlu_app)):
    app.add_typer(sub, name=name)
app.add_typer(cli_exchange.app)
app.add_typer(cli_report.app)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
DEVELOPMENT_SET = ROOT.parent / "shared" / "nlu-dev"
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def main() -> None:
    """Entry point: errors of ours become one line and exit code 1."""
    try:
        app()
    except HotlineError as error:
        err.print(f"[red]hotline:[/red] {text(f'errors.{error.key}', 'en', **error.facts)}")
        raise SystemExit(1) from error


@app.command()
def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port of the public entrance.")] = 0,
) -> None:
    """Migrate, seed, train if needed, then run rasa, actions, web and worker until Ctrl-C."""
    launch.up(host, port, out)


@app.command()
def migrate() -> None:
    """Create the database or bring it to the newest form."""
    from bot.storage.migrate import migrate as run

    run()
    out.print("database is at its newest form")


@app.command()
def seed(as_json: Json = False) -> None:
    """Fill empty tables from data/: catalogue, territories, sample directory."""
    from bot.services.seeding import seed as fill
    from bot.storage import transaction

    with transaction() as session:
        added = fill(session, settings().data)
    _show(as_json, added, "added: " + (", ".join(f"{k} {v}" for k, v in added.items()) or "nothing, all filled"))


@app.command()
def train(force: Annotated[bool, typer.Option(help="Train even if a model fits the data.")] = False) -> None:
    """Train the understanding model if none fits the data."""
    out.print(f"model: {launch.ensure_model(out, force)}")


@app.command()
def understand(
    words: Annotated[list[str] | None, typer.Argument(help="One message.")] = None,
    jsonl: Annotated[str, typer.Option(help="A file of JSON lines with `text`, or - for standard input.")] = "",
) -> None:
    """What the model makes of a message: act, kind, item, department, emergency, ranking, entities (JSON)."""
    if not words and not jsonl:
        raise typer.BadParameter("give a message, or --jsonl FILE|-")
    if jsonl:
        lines = sys.stdin.read() if jsonl == "-" else Path(jsonl).read_text(encoding="utf-8")
    else:
        lines = json.dumps({"text": " ".join(words or [])})
    command = [str(launch.RASA_PYTHON), "-m", "nlu.understand", "--model", str(launch.ensure_model(err))]
    done = subprocess.run(command, input=lines, text=True, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        err.print(done.stderr[-2000:])
        raise typer.Exit(1)
    sys.stdout.write(done.stdout)


@account_app.command("create")
def account_create(
    username: str,
    role: Annotated[str, typer.Option(help="operator | handler | grid | supervisor | admin")],
    name: Annotated[str, typer.Option(help="Name citizens see.")] = "",
    department: Annotated[str, typer.Option(help="Department code, for handlers.")] = "",
    unit: Annotated[str, typer.Option(help="Its unit's code, for handlers who see that unit's tickets only.")] = "",
    territory: Annotated[str, typer.Option(help="Code of a street, community or grid, for community workers.")] = "",
    password: Annotated[str, typer.Option(help="Made up where none is given.")] = "",
    as_json: Json = False,
) -> None:
    """Make an account; the password is shown once."""
    from bot.services import accounts
    from bot.storage import transaction

    with transaction() as session:
        secret = accounts.create(session, username, role, name, department, password, unit=unit,
                                 territory=territory)
    _show(as_json, {"username": username, "password": secret}, f"{username}: password {secret}")


@account_app.command("reset")
def account_reset(username: str, as_json: Json = False) -> None:
    """A new password; signs the account out everywhere."""
    from bot.services import accounts
    from bot.storage import transaction

    with transaction() as session:
        secret = accounts.reset(session, username)
    _show(as_json, {"username": username, "password": secret}, f"{username}: password {secret}")


@account_app.command("reset-totp")
def account_reset_totp(username: str) -> None:
    """For who lost telephone and recovery codes: the second factor is off until its owner sets up a new one."""
    from bot.services import accounts
    from bot.storage import transaction

    with transaction() as session:
        accounts.reset_totp(session, username)
    out.print(f"{username}: two-step sign-in is off")


@account_app.command("disable")
def account_disable(username: str) -> None:
    """The account can no longer sign in."""
    from bot.services import accounts
    from bot.storage import transaction

    with transaction() as session:
        accounts.disable(session, username)
    out.print(f"{username} disabled")


@token_app.command("create")
def token_create(
    role: Annotated[str, typer.Option(help="operator | handler | supervisor | admin")],
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    department: Annotated[str, typer.Option(help="Department code, for handlers.")] = "",
    as_json: Json = False,
) -> None:
    """Make an API token; it is shown once."""
    from bot.services import accounts
    from bot.storage import transaction

    with transaction() as session:
        token = accounts.create_token(session, role, label, department)
    _show(as_json, {"token": token}, token)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check database, Redis, Rasa, model, Telegram, disk; exit code 1 if anything needed is missing."""
    from bot.doctor import check

    found = check()
    if as_json:
        print(json.dumps([c.__dict__ for c in found], ensure_ascii=False))
    else:
        table = Table(box=None)
        for column in ("", "what", "how it stands", "what to do"):
            table.add_column(column)
        for c in found:
            table.add_row("[green]ok[/green]" if c.ok else "[red]no[/red]" if c.needed else "[yellow]--[/yellow]",
                          c.what, c.found, "" if c.ok else c.advice)
        out.print(table)
    raise typer.Exit(0 if all(c.ok or not c.needed for c in found) else 1)


@bench_app.command("chat")
def bench_chat(
    compare_stock: Annotated[
        bool, typer.Option("--compare-stock", help="Also build and measure a stock Rasa project.")
    ] = False,
    as_json: Json = False,
    quick: Annotated[bool, typer.Option(help="Fewer turns, for a first look.")] = False,
) -> None:
    """Parse time, turns a second, turn cost by age of the conversation, memory."""
    command = [sys.executable, "-m", "benchmarks.chat"]
    command += ["--compare-stock"] * compare_stock + ["--json"] * as_json + ["--quick"] * quick
    raise typer.Exit(subprocess.call(command, cwd=ROOT))


@bench_app.command("parses")
def bench_parses(
    rounds: Annotated[int, typer.Option(help="How often each product is asked.")] = 4, as_json: Json = False
) -> None:
    """Messages understood a second beside stock Rasa, which is trained on a few sentences first (.venv-stock)."""
    command = [sys.executable, "-m", "benchmarks.parses", "--rounds", str(rounds), *["--json"] * as_json]
    raise typer.Exit(subprocess.call(command, cwd=ROOT))


@bench_app.command("console")
def bench_console(
    quick: Annotated[bool, typer.Option(help="Ten seconds, for a first look.")] = False, as_json: Json = False
) -> None:
    """From a citizen's message to an operator's screen: 100 conversations, 20 consoles."""
    command = [sys.executable, "-m", "benchmarks.console", *["--quick"] * quick, *["--json"] * as_json]
    raise typer.Exit(subprocess.call(command, cwd=ROOT))


@bench_app.command("clocks")
def bench_clocks(
    count: Annotated[int, typer.Option("--clocks", help="How many are open.")] = 100_000,
    sqlite: Annotated[bool, typer.Option("--sqlite", help="SQLite instead of PostgreSQL.")] = False,
    as_json: Json = False,
) -> None:
    """A sweep of all open clocks: none due, some, all, and after three days off."""
    command = [sys.executable, "-m", "benchmarks.clocks", "--clocks", str(count)]
    raise typer.Exit(subprocess.call([*command, *["--sqlite"] * sqlite, *["--json"] * as_json], cwd=ROOT))


@bench_app.command("tickets")
def bench_tickets(
    count: Annotated[int, typer.Option("--tickets", help="How many are stored.")] = 1_000_000, as_json: Json = False,
) -> None:
    """Lifecycles a second, lists and searches, a spike of requests; on PostgreSQL with a million tickets."""
    command = [sys.executable, "-m", "benchmarks.tickets", "--tickets", str(count)]
    raise typer.Exit(subprocess.call([*command, *["--json"] * as_json], cwd=ROOT))


@nlu_app.command("bench")
def nlu_bench(
    train_file: Annotated[Path, typer.Option("--train", help="JSON lines {text, label}.")],
    test_file: Annotated[Path, typer.Option("--test", help="JSON lines {text, label}; `oos` is out of scope.")],
    stock: Annotated[bool, typer.Option("--stock", help="Train stock Rasa's DIET beside it (.venv-stock).")] = False,
    epochs: Annotated[int, typer.Option(help="Epochs of stock DIET.")] = 30,
    transformer: Annotated[Path | None, typer.Option(help="Also with the sentence encoder in this folder.")] = None,
    as_json: Json = False,
) -> None:
    """Train the same components on your own labelled texts and report how well they do."""
    command = [str(launch.RASA_PYTHON), "-m", "nlu.bench", "--train", str(train_file.resolve()), "--test",
               str(test_file.resolve()), "--epochs", str(epochs), *(["--stock"] * stock), *(["--json"] * as_json)]
    command += ["--transformer", str(transformer.resolve())] if transformer else []
    raise typer.Exit(subprocess.call(command, cwd=ROOT, env={**os.environ, **processes.TRAINING}))


@nlu_app.command("test")
def nlu_test(
    folder: Annotated[Path, typer.Option("--set", help="Folder of the development set.")] = DEVELOPMENT_SET,
    page: Annotated[Path | None, typer.Option("--html", help="Also write an HTML report with plots.")] = None,
    as_json: Json = False,
) -> None:
    """Every figure of the model on a development set: per style and department, confusions, calibration, speed."""
    if not folder.is_dir():
        raise typer.BadParameter(f"no development set at {folder}: name one with --set")
    command = [str(launch.RASA_PYTHON), "-m", "nlu.evaluate", "--set", str(folder.resolve()), "--model",
               str(launch.ensure_model(err)), *(["--html", str(page.resolve())] if page else []),
               *(["--json"] * as_json)]
    raise typer.Exit(subprocess.call(command, cwd=ROOT))


def _show(as_json: bool, facts: dict[str, Any], words: str) -> None:
    print(json.dumps(facts, ensure_ascii=False) if as_json else words)


if __name__ == "__main__":
    main()
