"""`hotline up`: all processes of one machine under one roof, with one log.

A process that dies is started again, more slowly each time it dies young; Ctrl-C or SIGTERM stops them all.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import ROOT

COLOURS = {"rasa": "35", "actions": "36", "web": "32", "worker": "33"}
YOUNG_SECONDS = 20.0
STOP_SECONDS = 8.0


@dataclass
class Process:
    """One child: its command, how often it died young, when it may start again."""

    name: str
    command: list[str]
    environment: dict[str, str]
    child: subprocess.Popen[str] | None = None
    started: float = 0.0
    young_deaths: int = 0
    not_before: float = 0.0
    pids: list[int] = field(default_factory=list)


class Supervisor:
    """Starts, watches and stops processes; `log` gets each line as (process, line)."""

    def __init__(self, processes: list[Process], log: Callable[[str, str], None], state: Path | None = None) -> None:
        self._processes = processes
        self._log = log
        self._state = state
        self._stopping = threading.Event()

    def run(self) -> None:
        """Until `stop` is called or a signal comes."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())
        try:
            while not self._stopping.is_set():
                for process in self._processes:
                    self._tend(process)
                self._stopping.wait(0.3)
        finally:
            self._stop_all()

    def stop(self) -> None:
        """Ask `run` to end; returns at once."""
        self._stopping.set()

    def _tend(self, process: Process) -> None:
        child = process.child
        if child is not None and child.poll() is None:
            return
        if child is not None:
            self._log(process.name, f"ended with {child.returncode}, starting again")
            young = time.monotonic() - process.started < YOUNG_SECONDS
            process.young_deaths = process.young_deaths + 1 if young else 0
            process.not_before = time.monotonic() + min(30.0, 0.5 * 2**process.young_deaths - 0.5)
            process.child = None
        if time.monotonic() >= process.not_before:
            self._start(process)

    def _start(self, process: Process) -> None:
        process.child = subprocess.Popen(
            process.command, cwd=ROOT, env={**os.environ, **process.environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
        )
        process.started = time.monotonic()
        threading.Thread(target=self._read, args=(process.name, process.child), daemon=True).start()
        if self._state is not None:
            lines = [f"{p.name} {p.child.pid}" for p in self._processes if p.child is not None]
            self._state.write_text("\n".join(lines) + "\n")

    def _read(self, name: str, child: "subprocess.Popen[str]") -> None:
        assert child.stdout is not None
        for line in child.stdout:
            self._log(name, line.rstrip())

    def _stop_all(self) -> None:
        children = [p.child for p in self._processes if p.child is not None and p.child.poll() is None]
        for child in children:
            _kill(child, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for child in children:
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill(child, signal.SIGKILL)
                child.wait()
        if self._state is not None:
            self._state.unlink(missing_ok=True)


def console_log(path: Path) -> Callable[[str, str], None]:
    """Lines to the terminal, the process's name coloured, and to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > 20_000_000:
        path.replace(path.with_suffix(".old.log"))
    handle = path.open("a", encoding="utf-8", buffering=1)
    colour = sys.stdout.isatty()
    guard = threading.Lock()

    def log(name: str, line: str) -> None:
        stamp = time.strftime("%H:%M:%S")
        with guard:
            handle.write(f"{stamp} {name:8} {line}\n")
            shown = f"\x1b[{COLOURS.get(name, '37')}m{name:8}\x1b[0m" if colour else f"{name:8}"
            print(f"{stamp} {shown} {line}", flush=True)

    return log


def _kill(child: "subprocess.Popen[str]", number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)
