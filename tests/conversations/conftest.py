"""Real Rasa, real action server, real web process, started once; each scenario has its own conversation."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import seeded, use
from tests.support.world import World


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The hotline on SQLite."""
    database, redis_url, var = seeded("sqlite", os.environ.get("PYTEST_XDIST_WORKER", "main"))
    use(database, redis_url, var)
    running = World(Path(tempfile.mkdtemp(prefix="hotline-world-"))).start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def on_its_database(world: World) -> None:
    """This process looks into the same database as the world's."""
    use(*seeded("sqlite", os.environ.get("PYTEST_XDIST_WORKER", "main")))
