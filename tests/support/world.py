"""The whole hotline as real processes on loopback, for tests that must not pretend."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from bot import launch, processes
from bot.config import ROOT, settings

READY_SECONDS = 90.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], seconds: float = 20.0, what: str = "") -> Any:
    """The first true value of the condition; fails the test when it does not come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {seconds:.0f} s: {what or condition}")


class World:
    """rasa, actions, web and worker, started as `hotline up` starts them, on the deployment in force."""

    def __init__(self, var: Path, only: tuple[str, ...] = ("actions", "rasa", "web", "worker"), **extra: str) -> None:
        self.port, self.rasa_port, self.actions_port = free_port(), free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.logs = var
        self._only = only
        chosen = settings().model_copy(update={"port": self.port, "host": "127.0.0.1"})
        model = launch.ensure_model(Console(quiet=True))
        self._commands = processes.commands(chosen, model, self.rasa_port, self.actions_port)
        self._environment = {
            **os.environ, **processes.environment(chosen, self.rasa_port, self.actions_port),
            "HOTLINE_MESSAGES_PER_MINUTE": "100000", "HOTLINE_CONVERSATIONS_PER_MINUTE": "100000", **extra,
        }
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> "World":
        """Start everything and wait until it answers."""
        for name in self._only:
            self.start_one(name)
        if "web" in self._only:
            wait_until(self._ready, READY_SECONDS, f"web and rasa ready, see {self.logs}")
        elif "rasa" in self._only:
            wait_until(self.rasa_ready, READY_SECONDS, f"rasa ready, see {self.logs}")
        if "actions" in self._only:
            wait_until(self._actions_ready, READY_SECONDS, "action server ready")
        return self

    def start_one(self, name: str) -> None:
        """Start one process (again)."""
        log = (self.logs / f"{name}.log").open("ab")
        self.children[name] = subprocess.Popen(
            self._commands[name], cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def kill(self, name: str) -> None:
        """kill -9."""
        os.killpg(self.children[name].pid, signal.SIGKILL)
        self.children[name].wait()

    def stop(self) -> None:
        """End all that still runs."""
        for child in self.children.values():
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        for child in self.children.values():
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def rasa_ready(self) -> bool:
        """Rasa answers and has its model."""
        try:
            url = f"http://127.0.0.1:{self.rasa_port}/webhooks/hotline/ready"
            token = settings().rasa_token.get_secret_value()
            return bool(httpx.post(url, json={}, headers={"Authorization": f"Bearer {token}"}, timeout=2).json()["ready"])
        except (httpx.HTTPError, ValueError, KeyError):
            return False

    def _actions_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.actions_port}/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def _ready(self) -> bool:
        try:
            return bool(httpx.get(f"{self.base}/health/ready", timeout=5).json().get("rasa"))
        except (httpx.HTTPError, ValueError):
            return False
