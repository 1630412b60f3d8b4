"""Child processes of a product under test: started with their logs in a folder, weighed, stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
TICKS = os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 10.0


class Running:
    """A group of processes; leaving the `with` block stops them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, command: list[str], environment: dict[str, str], cwd: Path) -> None:
        """Start one process; what it prints goes to `<name>.log`."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self._children[name] = subprocess.Popen(
                command, cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float = 240.0) -> float:
        """Seconds until `ready()`; its OSErrors count as no. Raises RuntimeError when a process dies or time is up."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            for name, child in self._children.items():
                if child.poll() is not None:
                    raise RuntimeError(f"{name} ended with {child.returncode}:\n{self.tail(name)}")
            try:
                if ready():
                    return time.monotonic() - started
            except OSError:
                pass
            time.sleep(0.25)
        raise RuntimeError(f"not ready after {seconds:.0f} s:\n" + "\n".join(map(self.tail, self._children)))

    def resident_mb(self) -> dict[str, float]:
        """Resident memory (RSS) by process, each with its descendants, in MB of 2**20 bytes."""
        parents = _parents()
        return {
            name: sum(_rss_kb(pid) for pid in _family(child.pid, parents)) / 1024
            for name, child in self._children.items()
        }

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time so far by process, each with its living descendants."""
        parents = _parents()
        return {
            name: sum(_cpu_ticks(pid) for pid in _family(child.pid, parents)) / TICKS
            for name, child in self._children.items()
        }

    def tail(self, name: str, lines: int = 15) -> str:
        """The last lines of a process's log."""
        written = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"--- {name}", *written[-lines:]])

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL to who has not gone in time."""
        for child in self._children.values():
            _signal(child, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.wait()
        self._children.clear()


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _signal(child: "subprocess.Popen[bytes]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _parents() -> dict[int, int]:
    """Process → parent, for all processes of the machine."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid: int(stat[1]) for pid in pids if (stat := _stat(pid))}


def _family(pid: int, parents: dict[int, int]) -> list[int]:
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the command's name; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _rss_kb(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[21]) * PAGE_KB if stat else 0


def _cpu_ticks(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[11]) + int(stat[12]) if stat else 0
