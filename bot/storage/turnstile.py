"""Writers of one SQLite file queue here, threads and processes alike.

SQLite's own way to wait for its write lock is to sleep and look again, longer each time: under load most of a turn is
spent asleep while the lock is free. Here a thread queues for its process and one thread a process for the file, by
flock(2), which the kernel lets go when a process dies. SQLite's lock stays what keeps the data right: a writer that
waited too long here goes on and waits there.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_SECONDS = 0.0005


class Turnstile:
    """One file's queue. `patience` is how long a writer waits, in seconds, before it goes on without its turn."""

    def __init__(self, path: str | Path, patience: float = 10.0) -> None:
        self._path, self._patience = Path(path), patience
        self._mine = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Alone, as far as `patience` goes."""
        until = time.monotonic() + self._patience
        if not self._mine.acquire(timeout=self._patience):
            yield
            return
        try:
            with self._path.open("ab") as file:
                _take(file.fileno(), until)
                yield
        finally:
            self._mine.release()


def _take(file: int, until: float) -> None:
    """The lock, or nothing when it is not to be had by then; closing the file gives it back."""
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return None
            time.sleep(LOOK_SECONDS)
