"""Our own product while it is measured: the four real processes on free ports, with a database of their own."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from benchmarks.running import Running, free_port
from benchmarks.wire import Wire
from bot import processes
from bot.config import ROOT, Settings
from bot.i18n import text as words

NO_LIMIT = "1000000"
REPLY_SECONDS = 20


class Ours:
    """rasa, actions, web, worker as `hotline up` starts them."""

    name = "ours"

    def __init__(self, folder: Path, say: Callable[[str], None], train: bool) -> None:
        self._settings = Settings().model_copy(update={
            "var": folder, "database_url": f"sqlite:///{folder / 'hotline.db'}", "redis_url": "",
            "host": "127.0.0.1", "port": free_port(), "rasa_token": SecretStr(secrets.token_hex(16)),
            "telegram_bot_token": SecretStr(""),
        })
        self.note = "no epochs"
        self.running = Running(folder)
        self._model, self.training_seconds = _model(folder, say, train)
        self._rasa_url = ""
        self._web_url = f"http://127.0.0.1:{self._settings.port}"

    def start(self) -> None:
        """Database, sample directory, processes; returns before they answer."""
        rasa_port, actions_port = free_port(), free_port()
        self._rasa_url = f"http://127.0.0.1:{rasa_port}"
        environment = {
            **processes.environment(self._settings, rasa_port, actions_port), "REDIS_URL": "",
            "TELEGRAM_BOT_TOKEN": "", "HOTLINE_MESSAGES_PER_MINUTE": NO_LIMIT,
            "HOTLINE_CONVERSATIONS_PER_MINUTE": NO_LIMIT,
        }
        for step in ("migrate", "seed"):
            subprocess.run([sys.executable, "-m", "bot.cli", step], cwd=ROOT, env={**os.environ, **environment},
                           check=True, stdout=subprocess.DEVNULL)
        for name, command in processes.commands(self._settings, self._model, rasa_port, actions_port).items():
            self.running.start(name, command, environment, ROOT)

    def ready(self) -> bool:
        """Whether the public entrance answers and Rasa has its model."""
        found: dict[str, Any] = Wire(self._web_url).get("/health/ready")
        return all(found.values())

    def parser(self) -> Callable[[str], Any]:
        """Understanding only, as the application asks Rasa for it, over a connection of its own."""
        wire = Wire(self._rasa_url, self._settings.rasa_token.get_secret_value())
        return lambda text: wire.post("/webhooks/hotline/understand", {"text": text})

    def citizen(self) -> Callable[[str], list[str]]:
        """A new conversation: each call posts a message, waits for the reply by long poll and returns what was said."""
        wire = Wire(self._web_url)
        started = wire.post("/api/v1/conversations", {})
        path = f"/api/v1/conversations/{started['id']}/messages"
        wire.headers["Authorization"] = f"Bearer {started['token']}"

        def turn(text: str) -> list[str]:
            sent = wire.post(path, {"text": text, "client_message_id": secrets.token_hex(8)})
            found = wire.get(f"{path}?after={sent['seq']}&wait={REPLY_SECONDS}")["messages"]
            return [message["text"] for message in found if message["sender"] != "citizen"]

        return turn

    def failed(self, replies: list[str]) -> bool:
        """Whether the citizen was left without an answer, or told that the bot is down."""
        return not replies or words("brain.down", "zh") in replies


def _model(folder: Path, say: Callable[[str], None], train: bool) -> tuple[Path, float | None]:
    """A model trained now, with its seconds; or the one in models/ that fits the data, where there is one."""
    name = processes.model_name()
    kept = processes.MODELS / f"{name}.tar.gz"
    if kept.exists() and not train:
        return kept, None
    say("training our model")
    started = time.monotonic()
    command = ["nice", "-n", "19", *processes.train_command(folder, name)]
    environment = {**os.environ, **processes.TRAINING}
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"training failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return folder / f"{name}.tar.gz", round(time.monotonic() - started, 1)
