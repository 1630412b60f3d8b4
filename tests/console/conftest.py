"""The console's cast: 王芳 and 李梅 at the desk, 赵强 supervising, 周建国 and 杨雪 in their departments, 王春 in her
grid, 陈静 the admin, citizens."""

import itertools
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from bot import console
from bot.domain.access import Actor
from bot.domain.handoff import Reason
from bot.domain.message import Incoming
from bot.services import accounts, catalogue, conversations, handoffs, history, signing_in
from bot.storage import Account, Assignment, Message, Ticket, now, reading, transaction
from tests.support.world import free_port, wait_until

PASSWORD = "correct-horse-81890"
CAST = {
    "wangfang": ("operator", "王芳", ""), "limei": ("operator", "李梅", ""), "zhaoqiang": ("supervisor", "赵强", ""),
    "zhoujianguo": ("handler", "周建国", "urban-management"), "yangxue": ("handler", "杨雪", "market-regulation"),
    "chenjing": ("admin", "陈静", ""), "wangchun": ("grid", "王春", "haishu-baiyun"),
}
"""Role, name, and the department or, for a community worker, the territory."""
_numbers = itertools.count(1)


@dataclass
class Seat:
    """Somebody of the cast at their browser."""

    actor: Actor
    client: httpx.Client
    csrf: str

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def page(self, path: str) -> str:
        """The page as a browser asks for it; fails on an error."""
        answer = self.client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.client.post(path, json=body, headers={"X-CSRF-Token": self.csrf})


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The console alone, listening on a port of its own for all tests; which database it uses is settings()' matter."""
    app = FastAPI()
    console.mount_static(app)
    app.include_router(console.router)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, what="the console listens")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive(), "an open event stream kept the server from ending"


@pytest.fixture
def browser_client(address: str, deployment: str) -> Iterator[Callable[[], httpx.Client]]:
    """A browser nobody is signed in at."""
    opened: list[httpx.Client] = []

    def one() -> httpx.Client:
        opened.append(httpx.Client(base_url=address, headers={"Accept": "text/html"}, timeout=30, trust_env=False))
        return opened[-1]

    yield one
    for client in opened:
        client.close()


@pytest.fixture
def account(deployment: str) -> Callable[[str], Actor]:
    """An account of the cast, made when first named."""

    def make(username: str) -> Actor:
        role, name, place = CAST[username]
        where = {"territory": place} if role == "grid" else {"department": place}
        with transaction() as session:
            if not session.scalar(select(Account.id).where(Account.username == username)):
                accounts.create(session, username, role, name, password=PASSWORD, **where)
            return accounts.actor_of(session.scalars(select(Account).where(Account.username == username)).one())

    return make


@pytest.fixture
def seat(browser_client: Callable[[], httpx.Client], account: Callable[[str], Actor]) -> Callable[[str], Seat]:
    """Somebody of the cast, signed in."""

    def sit(username: str) -> Seat:
        actor = account(username)
        with transaction() as session:
            signed = signing_in.sign_in(session, username, PASSWORD)
        assert signed
        client = browser_client()
        client.headers["Accept"] = "application/json"
        client.cookies.set("hotline_session", signed[0])
        return Seat(actor, client, signed[1])

    return sit


@pytest.fixture
def citizen(deployment: str) -> Callable[..., tuple[str, int]]:
    """A citizen who wrote something and waits for a human: (conversation, handoff)."""

    def write(name: str, words: str, reason: Reason = Reason.ASKED, emergency: str = "") -> tuple[str, int]:
        conversation = conversations.for_channel("telegram", f"chat-{next(_numbers)}", name)
        say(conversation, words)
        with transaction() as session:
            return conversation, handoffs.request(session, conversation, reason, emergency).id

    return write


@pytest.fixture
def ticket(deployment: str) -> Callable[..., str]:
    """A dispatched ticket; returns its number."""

    def open_one(
        department: str = "urban-management", description: str = "摊子占了盲道，老人只能走到机动车道上",
        phone: str = "+8613900000010", name: str = "陈秀英", **columns: Any,
    ) -> str:
        item = next(i for i in catalogue.catalogue().items.values() if i.department == department)
        conversation = columns.pop("conversation", None) or conversations.for_channel(
            "telegram", f"chat-{next(_numbers)}", name
        )
        moment = now()
        with transaction() as session:
            made = Ticket(**{
                "number": f"HS20261122{next(_numbers):04d}", "conversation_id": conversation, "item": item.code,
                "kind": "complaint", "description": description, "place": {"text": "中山西路公交站"},
                "contact_name": name, "contact_phone": phone, "anonymous": not phone, "state": "dispatched",
                "received_at": moment, "due_at": moment, **columns,
            })
            made.assignments = [Assignment(department=department, role="lead")]
            session.add(made)
            session.flush()
            history.note(session, "ticket", made.id, "citizen", "opened", after="received")
            return made.number

    return open_one


def say(conversation: str, words: str, **more: Any) -> int:
    """The citizen writes; returns the message's number."""
    message, _ = conversations.receive(conversation, Incoming(f"in-{next(_numbers)}", text=words, **more))
    return message.seq


def changes(subject: str) -> list[tuple[str, str]]:
    """(actor, what) of everything noted about subjects of a kind, in order."""
    from bot.storage import Change

    with reading() as session:
        rows = session.scalars(select(Change).where(Change.subject == subject).order_by(Change.id))
        return [(c.actor, c.what) for c in rows]


def words_of(html: str) -> str:
    """A page's words without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium through Playwright; closed with the module, as its loop would be in the way of async tests."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.path.exists(path) and not os.environ.get("CI"):
        pytest.skip(f"no browser at {path}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium: Any, address: str, account: Callable[[str], Actor]) -> Iterator[Callable[..., Any]]:
    """An operator's browser, signed in through the form. Errors in its scripts fail the test."""
    troubles: list[str] = []
    contexts = []

    from playwright.sync_api import expect

    def open_one(username: str = "wangfang", width: int = 1280, height: int = 800) -> Any:
        account(username)
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: troubles.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(f"{address}/console")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        expect(page.locator("#link-state")).to_have_text("实时")
        page.evaluate("window.neverReloaded = true")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []


def said(conversation: str) -> list[str]:
    """What operators told the citizen, in order."""
    with reading() as session:
        query = select(Message.text).where(Message.conversation_id == conversation, Message.sender == "operator")
        return list(session.scalars(query.order_by(Message.seq)))


def take(page: Any, name: str) -> None:
    """Open that citizen from the queue and claim by key."""
    from playwright.sync_api import expect

    page.locator(".row", has_text=name).click()
    expect(page.locator("#head h2")).to_contain_text(name)
    page.keyboard.press("c")
    expect(page.locator("#words")).to_be_focused()


def intercept(page: Any, pattern: str, handler: Callable[..., Any]) -> None:
    """`page.route`, in force when this returns. An open page is handed its new way to the network a moment after Chromium
    says so, and a busy machine may send the next request by the old one."""
    page.route(pattern, handler)
    page.route("**/intercepted", lambda route: route.fulfill(status=204))
    page.wait_for_function("fetch('/intercepted').then(answer => answer.status === 204)")
