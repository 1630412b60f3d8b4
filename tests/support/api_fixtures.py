"""Programs with a token against the API on loopback."""

import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn

from bot.app import create_app
from bot.services import accounts
from bot.storage import transaction
from tests.support.world import free_port, wait_until

Program = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(), port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, what="the API listens")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def program(deployment: str, address: str) -> Iterator[Program]:
    made: list[httpx.Client] = []

    def of(role: str, department: str = "") -> httpx.Client:
        with transaction() as session:
            token = accounts.create_token(session, role, "呼叫中心", department)
        made.append(httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30,
                                 trust_env=False))
        return made[-1]

    yield of
    for client in made:
        client.close()
