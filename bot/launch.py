"""Bringing the hotline up on one machine: database, model, accounts, processes."""

import re
import secrets
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import httpx
from pydantic import SecretStr
from rich.console import Console

from bot import processes
from bot.config import ROOT, Settings, settings
from bot.errors import BadInput
from bot.processes import MODELS, RASA_PYTHON
from bot.supervisor import Process, Supervisor, console_log

RASA_PORT, ACTIONS_PORT = 5005, 5055
_STEP = re.compile(r"Starting to train component '(\w+)'")


def up(host: str, port: int, out: Console) -> None:
    """Everything, until Ctrl-C."""
    chosen = _chosen(host, port)
    _check_port(chosen.host, chosen.port)
    chosen.var.mkdir(parents=True, exist_ok=True)
    first_password = _prepare(out)
    model = ensure_model(out)
    rasa_port, actions_port = _free_port(RASA_PORT), _free_port(ACTIONS_PORT)
    environment = processes.environment(chosen, rasa_port, actions_port)
    children = [Process(name, command, environment)
                for name, command in processes.commands(chosen, model, rasa_port, actions_port).items()]
    supervisor = Supervisor(children, console_log(chosen.var / "hotline.log"), chosen.var / "hotline.pids")
    threading.Thread(target=_announce, args=(chosen, first_password, out), daemon=True).start()
    supervisor.run()
    out.print("stopped")


def ensure_model(out: Console, force: bool = False) -> Path:
    """The model that fits the data, trained now if there is none; it appears only when it is whole. Raises BadInput
    when training fails."""
    name = processes.model_name()
    path = MODELS / f"{name}.tar.gz"
    if path.exists() and not force:
        return path
    if not RASA_PYTHON.exists():
        raise BadInput("launch.no_rasa", python=str(RASA_PYTHON))
    MODELS.mkdir(exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=MODELS, prefix=".training-") as folder:
        said = _train(Path(folder), name, started, out)
        made = Path(folder) / path.name
        if not made.exists():
            raise BadInput("launch.training_failed", why="".join(said[-15:]))
        made.replace(path)
    out.print(f"model trained in {time.monotonic() - started:.0f} s")
    return path


def _train(folder: Path, name: str, started: float, out: Console) -> list[str]:
    """Rasa's training into the folder, its steps on the display; returns what it said."""
    said: list[str] = []
    with out.status("training the model (two to four minutes)") as status:
        child = subprocess.Popen(processes.train_command(folder, name), cwd=ROOT, text=True, errors="replace",
                                 env={**_inherited(), **processes.TRAINING}, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT)
        assert child.stdout is not None
        for line in child.stdout:
            said.append(line)
            if step := _STEP.search(line):
                status.update(f"training {step.group(1)} ({time.monotonic() - started:.0f} s)")
    if child.wait():
        raise BadInput("launch.training_failed", why="".join(said[-15:]))
    return said


def _prepare(out: Console) -> str:
    """Database and first account; the admin's password where it has just been made."""
    from bot.services import accounts
    from bot.services.seeding import seed
    from bot.storage import transaction
    from bot.storage.migrate import migrate

    with out.status("preparing the database"):
        migrate()
        with transaction() as session:
            added = seed(session, settings().data)
        with transaction() as session:
            password = "" if accounts.any_account(session) else accounts.create(session, "admin", "admin", "管理员")
    if added:
        out.print("database filled: " + ", ".join(f"{k} {v}" for k, v in added.items()))
    return password


def _announce(chosen: Settings, password: str, out: Console) -> None:
    base = f"http://{'127.0.0.1' if chosen.host == '0.0.0.0' else chosen.host}:{chosen.port}"
    started = time.monotonic()
    while time.monotonic() - started < 120:
        try:
            if httpx.get(f"{base}/health/ready", timeout=2, trust_env=False).json().get("rasa"):
                break
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.25)
    lines = [f"the hotline is up   chat {base}/   console {base}/console   API {base}/api/docs"]
    if password:
        lines.append(f"first sign-in       admin / {password}   (shown once; `hotline account create` makes more)")
    out.print("\n" + "\n".join(lines) + "\n", soft_wrap=True)


def _chosen(host: str, port: int) -> Settings:
    """The settings with what the command line says, and a token between our own processes."""
    chosen = settings()
    update: dict[str, object] = {}
    if host:
        update["host"] = host
    if port:
        update["port"] = port
    if not chosen.rasa_token.get_secret_value():
        update["rasa_token"] = SecretStr(secrets.token_hex(16))
    return chosen.model_copy(update=update)


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInput("launch.port_taken", port=port) from error


def _free_port(wanted: int) -> int:
    """That port, or any free one where it is taken: these are ours alone."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _inherited() -> dict[str, str]:
    import os

    return dict(os.environ)
