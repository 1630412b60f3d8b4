"""A stock Rasa project made from our own data: generated, trained once, served.

`stock_project/` holds what a developer would write by hand. The catalogue adds the rest: one response per item and
emergency, and the action server's SQLite look-up of providers and departments. `data/nlu` is copied as it is.
"""

import csv
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.running import Running, free_port
from benchmarks.wire import Wire
from bot.config import ROOT
from bot.processes import MODELS

PYTHON = ROOT / ".venv-stock" / "bin" / "python"
HAND_WRITTEN = Path(__file__).parent / "stock_project"
RASA = [str(PYTHON), "-m", "nlu.no_tensorflow"]
"""Rasa's own command line. The module stands in only for what is not installed (clients of chat services): .venv-stock
has TensorFlow, and an installed package is never replaced."""
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3",
               "PYTHONUNBUFFERED": "1"}
TRAINING_LIMIT = 3600.0


class Stock:
    """The stock project while it runs: Rasa with `--enable-api` and REST channel, and a rasa-sdk action server."""

    name = "stock"

    def __init__(self, folder: Path, say: Callable[[str], None], examples_each: int = 0) -> None:
        """`examples_each`: no more of a label, and one epoch. What that changes is how well it understands, not how
        fast."""
        write_project(folder)
        if examples_each:
            _thin(folder, examples_each)
        self._folder, self._citizens = folder, 0
        self._model, facts = trained(folder, say)
        self.training_seconds: float | None = facts["seconds"]
        self.note = f"DIET and ResponseSelector {facts['epochs']} epochs each, {facts['examples']} examples"
        self.running = Running(folder)
        self._url = self._actions_url = ""

    def start(self) -> None:
        """Both processes; returns before they answer."""
        rasa_port, actions_port = free_port(), free_port()
        self._url, self._actions_url = f"http://127.0.0.1:{rasa_port}", f"http://127.0.0.1:{actions_port}"
        environment = {**ENVIRONMENT, "ACTIONS_URL": f"{self._actions_url}/webhook",
                       "TRACKER_DB": str(self._folder / "tracker.db")}
        actions = [str(PYTHON), "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions_port)]
        rasa = [*RASA, "run", "--enable-api", "--model", str(self._model), "--endpoints", "endpoints.yml",
                "--credentials", "credentials.yml", "--interface", "127.0.0.1", "--port", str(rasa_port)]
        self.running.start("actions", actions, environment, self._folder)
        self.running.start("rasa", rasa, environment, self._folder)

    def ready(self) -> bool:
        """Whether the model is loaded and the action server listens."""
        Wire(self._actions_url).get("/health")
        return bool(Wire(self._url).get("/status")["model_file"])

    def parser(self) -> Callable[[str], Any]:
        """Understanding only, over a connection of its own."""
        wire = Wire(self._url)
        return lambda text: wire.post("/model/parse", {"text": text})

    def citizen(self) -> Callable[[str], list[str]]:
        """A new conversation: each call is one turn and returns the replies."""
        self._citizens += 1
        wire, sender = Wire(self._url), f"citizen-{self._citizens}-{time.monotonic_ns()}"

        def turn(text: str) -> list[str]:
            replies = wire.post("/webhooks/rest/webhook", {"sender": sender, "message": text})
            return [reply.get("text", "") for reply in replies]

        return turn

    def failed(self, replies: list[str]) -> bool:
        """Whether the citizen was left without an answer."""
        return not replies


def write_project(folder: Path) -> None:
    """All files of the project, the same for the same data."""
    shutil.copytree(HAND_WRITTEN, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data" / "nlu", folder / "data" / "nlu")
    titles = _titles()
    labels = sorted(_labels(folder / "data" / "nlu"))
    responses = {f"utter_{label}": [{"text": titles.get(label, label)}] for label in labels}
    words = json.dumps({"version": "3.1", "responses": responses}, ensure_ascii=False, indent=1)
    (folder / "domain" / "catalogue.yml").write_text(words, encoding="utf-8")
    _write_lookup(folder / "lookup.db", titles)


def _thin(folder: Path, each: int) -> None:
    for file in (folder / "data" / "nlu").rglob("*.yml"):
        seen, kept = 0, []
        for line in file.read_text(encoding="utf-8").splitlines():
            seen = 0 if line.startswith("- intent") else seen + line.startswith("    - ")
            if not line.startswith("    - ") or seen <= each:
                kept.append(line)
        file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    config = folder / "config.yml"
    config.write_text(re.sub(r"epochs: \d+", "epochs: 1", config.read_text(encoding="utf-8")), encoding="utf-8")


def trained(folder: Path, say: Callable[[str], None]) -> tuple[Path, dict[str, Any]]:
    """The model of that project and {seconds, epochs, examples}.

    Kept in models/ until the project or the catalogue's codes change: what a few more sentences would change is how
    well it understands, not how fast it is.
    """
    name = f"stock-{_fingerprint(folder)}"
    model, facts_file = MODELS / f"{name}.tar.gz", MODELS / f"{name}.json"
    if model.exists() and facts_file.exists():
        return model, json.loads(facts_file.read_text(encoding="utf-8"))
    say("training the stock project (10 to 25 minutes; the model is kept in models/)")
    started = time.monotonic()
    command = ["nice", "-n", "19", *RASA, "train", "--domain", "domain", "--data", "data", "--out", str(folder / "out"),
               "--fixed-model-name", name]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **ENVIRONMENT}, text=True, capture_output=True,
                          check=False, timeout=TRAINING_LIMIT)
    made = folder / "out" / model.name
    if done.returncode or not made.exists():
        raise RuntimeError(f"training of the stock project failed:\n{(done.stdout + done.stderr)[-3000:]}")
    facts = {"seconds": round(time.monotonic() - started, 1), "epochs": _epochs(folder), "examples": _examples(folder)}
    MODELS.mkdir(exist_ok=True)
    for old in MODELS.glob("stock-*"):
        old.unlink()
    shutil.move(made, model)
    facts_file.write_text(json.dumps(facts), encoding="utf-8")
    return model, facts


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256("\n".join(sorted(_titles())).encode())
    for name in ("config.yml", "domain/dialogue.yml", "data/rules.yml"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]


def _epochs(folder: Path) -> int:
    return int(re.findall(r"epochs: (\d+)", (folder / "config.yml").read_text(encoding="utf-8"))[0])


def _labels(folder: Path) -> set[str]:
    """Every retrieval intent key of the training data, e.g. `request/ac-repair`."""
    pattern = re.compile(r"^- intent: (\S+/\S+)", re.MULTILINE)
    return {label for file in folder.rglob("*.yml") for label in pattern.findall(file.read_text(encoding="utf-8"))}


def _examples(folder: Path) -> int:
    files = (folder / "data" / "nlu").rglob("*.yml")
    return sum(len(re.findall(r"^    - ", file.read_text(encoding="utf-8"), re.MULTILINE)) for file in files)


def _titles() -> dict[str, str]:
    """What to say of each label, from the catalogue."""
    titles = {f"request/{row['code']}": f"{row['name_zh']}：{row['price_note_zh']}" for row in _rows("life_services")}
    departments = {row["code"]: row["name_zh"] for row in _rows("departments")}
    for row in _rows("government_services"):
        titles[f"request/{row['code']}"] = f"{row['name_zh']}由{departments[row['department']]}负责。"
    for row in _rows("emergencies"):
        titles[f"emergency/{row['code']}"] = f"{row['instruction_zh']} {row['number_to_call']}"
    return titles


def _write_lookup(path: Path, titles: dict[str, str]) -> None:
    """The action server's database: what each label is, who offers it, tickets opened."""
    government = {f"request/{row['code']}" for row in _rows("government_services")}
    providers = {row["id"]: row for row in _rows("providers", "directory")}
    offers = [
        (f"request/{row['item']}", providers[row["provider"]]["name_zh"], providers[row["provider"]]["phone"],
         row["price_note_zh"], float(providers[row["provider"]]["rating"] or 0))
        for row in _rows("offers", "directory")
    ]
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE label (key TEXT PRIMARY KEY, title TEXT, track TEXT);"
            "CREATE TABLE offer (key TEXT, name TEXT, phone TEXT, note TEXT, rating REAL);"
            "CREATE INDEX offer_by_key ON offer (key, rating);"
            "CREATE TABLE ticket (number INTEGER PRIMARY KEY, item TEXT, description TEXT, place TEXT, contact TEXT);"
        )
        database.executemany("INSERT INTO label VALUES (?, ?, ?)",
                             [(k, t, "government" if k in government else "life") for k, t in titles.items()])
        database.executemany("INSERT INTO offer VALUES (?, ?, ?, ?, ?)", offers)


def _rows(name: str, folder: str = "catalogue") -> list[dict[str, str]]:
    with (ROOT / "data" / folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))

