"""docker-compose.yml and the Dockerfiles as a test reads them, and their services as plain processes."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.config import ROOT

COMPOSE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|\{(?P<name>[A-Z][A-Z0-9_]*)(?:(?P<how>:-|:\?)(?P<rest>[^${}]*))?\}|(?P<bad>))"
)


def raw() -> dict[str, Any]:
    """The file with its anchors merged and its variables as they stand."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return found


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text in it changed, keys left alone."""
    if isinstance(value, dict):
        return {k: mapped(v, change) for k, v in value.items()}
    if isinstance(value, list):
        return [mapped(v, change) for v in value]
    return change(value) if isinstance(value, str) else value


def strings(value: Any) -> list[str]:
    """Every text in a value, keys left out: variables are only read in values."""
    if isinstance(value, str):
        return [value]
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in below for text in strings(part)]


def interpolated(value: Any, given: dict[str, str]) -> Any:
    """The value with the specification's `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$` resolved."""
    return mapped(value, lambda text: VARIABLE.sub(lambda match: _resolved(match, given), text))


def _resolved(match: "re.Match[str]", given: dict[str, str]) -> str:
    assert match["bad"] is None, f"not a variable Compose can read: {match.string}"
    if match["escaped"]:
        return "$"
    found = given.get(match["name"], "")
    assert found or match["how"], f"{match['name']} has neither a value nor a default: write ${{{match['name']}:-}}"
    assert found or match["how"] != ":?", f"{match['name']}: {match['rest']}"
    return found or match["rest"]


def example_settings() -> dict[str, str]:
    """The variables of deploy/.env.example."""
    lines = (ROOT / "deploy" / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True)
class Copy:
    """One COPY of a Dockerfile: from the repository, or `stage` names the stage it comes from."""

    sources: tuple[str, ...]
    target: str
    stage: str


class Dockerfile:
    """What a Dockerfile says, by stage; the last stage is the image."""

    def __init__(self, path: str) -> None:
        text = (ROOT / path).read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        self.instructions = [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]
        self.bases = [rest.split()[0] for word, rest in self.instructions if word == "FROM"]
        last = max(i for i, (word, _) in enumerate(self.instructions) if word == "FROM")
        self.final = self.instructions[last:]

    def copies(self, final: bool = False) -> list[Copy]:
        """All COPYs, or those of the image alone."""
        return [_copy(rest) for word, rest in (self.final if final else self.instructions) if word == "COPY"]

    def runs(self) -> list[str]:
        """All RUNs, spaces made one."""
        return [" ".join(rest.split()) for word, rest in self.instructions if word == "RUN"]

    def environment(self) -> dict[str, str]:
        """The image's ENV."""
        pairs = [pair for word, rest in self.final if word == "ENV" for pair in shlex.split(rest)]
        return dict(pair.split("=", 1) for pair in pairs)

    def lay_out(self, folder: Path, model: Path) -> None:
        """Put into the folder what the image has in its working directory; `model` for what another stage trained."""
        for copy in self.copies(final=True):
            target = folder / copy.target
            if copy.target.startswith("/"):
                continue
            for source in copy.sources:
                found = model if copy.stage else ROOT / source
                inside = target / Path(source).name if copy.target.endswith("/") else target
                inside.parent.mkdir(parents=True, exist_ok=True)
                if found.is_dir():
                    shutil.copytree(found, inside, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
                else:
                    shutil.copy(found, inside)


def _copy(rest: str) -> Copy:
    words = rest.split()
    stage = next((w.removeprefix("--from=") for w in words if w.startswith("--from=")), "")
    *sources, target = [w for w in words if not w.startswith("--")]
    return Copy(tuple(sources), target, stage)


def let_in(path: str) -> bool:
    """Whether .dockerignore lets a path of the repository into a build: the last line that fits decides."""
    allowed = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and (pattern == "*" or f"{path}/".startswith(f"{pattern}/")):
            allowed = line.startswith("!")
    return allowed


@dataclass
class Service:
    """A service of docker-compose.yml as a process of this machine. `declared` is interpolated and made local."""

    name: str
    declared: dict[str, Any]
    folder: Path
    environment: dict[str, str]
    log: Path
    child: "subprocess.Popen[bytes] | None" = None

    def run(self) -> int:
        """To its end; for one-shot services."""
        with self.log.open("ab") as log:
            return subprocess.call(self.declared["command"], cwd=self.folder, env=self.environment, stdout=log,
                                   stderr=log, timeout=180)

    def start(self) -> None:
        """In the background, in a session of its own."""
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(self.declared["command"], cwd=self.folder, env=self.environment, stdout=log,
                                          stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

    def healthy(self, instead: dict[str, str] | None = None) -> bool:
        """Run the declared health check once; `instead` puts other words in the place of its own."""
        kind, *command = [(instead or {}).get(word, word) for word in self.declared["healthcheck"]["test"]]
        command = ["/bin/sh", "-c", command[0]] if kind == "CMD-SHELL" else command
        seconds = duration(self.declared["healthcheck"]["timeout"])
        try:
            return not subprocess.call(command, cwd=self.folder, env=self.environment, timeout=seconds,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return False

    def wait_healthy(self) -> None:
        """As long as Compose would wait; fails with the end of the log."""
        check = self.declared["healthcheck"]
        until = time.monotonic() + duration(check["start_period"]) + check["retries"] * duration(check["interval"])
        while not self.healthy():
            ended = self.child is None or self.child.poll() is not None
            assert not ended and time.monotonic() < until, f"{self.name} is not healthy:\n{self.last_lines()}"
            time.sleep(0.5)

    def stop(self) -> bool:
        """As Docker stops it: SIGTERM, then SIGKILL when the grace period is over. Whether the first was enough."""
        if self.child is None or self.child.poll() is not None:
            return False
        self.child.terminate()
        try:
            self.child.wait(duration(self.declared.get("stop_grace_period", "10s")))
            return True
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
            return False

    def last_lines(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])


def duration(words: str) -> float:
    """Seconds of a Compose duration such as `1m30s`."""
    units = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
    return sum(float(n) * units[unit] for n, unit in re.findall(r"(\d+)(ms|s|m|h)", words))
