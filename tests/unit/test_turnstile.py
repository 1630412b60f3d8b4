"""The queue of SQLite's writers: one at a time over threads and processes, and never for ever."""

import fcntl
import threading
import time
from pathlib import Path

import pytest

from bot.storage import transaction
from bot.storage.turnstile import Turnstile


def test_only_one_of_many_writers_is_through_at_a_time(tmp_path: Path) -> None:
    two_processes = [Turnstile(tmp_path / "writer"), Turnstile(tmp_path / "writer")]
    inside, most = 0, 0

    def write(turnstile: Turnstile) -> None:
        nonlocal inside, most
        for _ in range(50):
            with turnstile.turn():
                inside += 1
                most = max(most, inside)
                time.sleep(0)
                inside -= 1

    threads = [threading.Thread(target=write, args=(two_processes[n % 2],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_writer_who_waited_long_enough_goes_on(tmp_path: Path) -> None:
    with (tmp_path / "writer").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with Turnstile(tmp_path / "writer", patience=0.01).turn():
            pass  # SQLite's own lock decides now


def test_a_writer_that_failed_lets_the_next_one_through(tmp_path: Path) -> None:
    turnstile = Turnstile(tmp_path / "writer", patience=60)
    with pytest.raises(ValueError), turnstile.turn():
        raise ValueError
    with turnstile.turn(), (tmp_path / "writer").open("ab") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_transaction_inside_a_transaction_is_refused(deployment: str) -> None:
    with transaction(), pytest.raises(RuntimeError, match="inside"), transaction():
        pass
    with transaction():
        pass
