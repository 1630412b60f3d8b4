"""A call centre's own software serves a citizen by HTTP alone, step by step as docs/api.md tells."""

import json
import re
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn
from sqlalchemy import select

from bot.app import create_app
from bot.config import ROOT
from bot.domain.handoff import Reason
from bot.domain.message import Incoming
from bot.services import accounts, conversations, handoffs
from bot.storage import Conversation, Message, StaffNote, Ticket, reading, transaction
from tests.support.world import free_port, wait_until

Program = Callable[[str], httpx.Client]


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


@pytest.fixture
def citizen(deployment: str) -> tuple[str, int, int]:
    """(conversation, handoff, message): somebody who wrote and waits."""
    conversation = conversations.for_channel("telegram", "chat-1", "陈阿姨")
    message, _ = conversations.receive(conversation, Incoming("m1", text="新典路口路灯三天不亮"))
    with transaction() as session:
        return conversation, handoffs.request(session, conversation, Reason.ASKED).id, message.id


def test_a_citizen_is_served_by_a_program(program: Program, citizen: tuple[str, int, int]) -> None:
    conversation, number, message = citizen
    centre, other = program("operator"), program("operator")
    (waiting,) = centre.get("/handoffs", params={"state": "waiting"}).json()["handoffs"]
    assert waiting["id"] == number and waiting["reason"] == "asked" and "brief" in waiting
    assert centre.get("/handoffs", params={"state": "active"}).json() == {"handoffs": []}
    assert centre.get("/handoffs", params={"team": "english"}).json() == {"handoffs": []}
    assert centre.post(f"/handoffs/{number}/claim").json()["state"] == "active"
    assert other.post(f"/handoffs/{number}/claim").status_code == 409

    story = centre.get(f"/handoffs/{number}/messages").json()["messages"]
    assert story[0]["text"] == "新典路口路灯三天不亮" and story[0]["sender"] == "citizen"
    words = {"text": "您好，我来看看。", "client_message_id": "r1"}
    assert centre.post(f"/handoffs/{number}/reply", json=words).json()["duplicate"] is False
    assert centre.post(f"/handoffs/{number}/reply", json=words).json()["duplicate"] is True
    assert other.post(f"/handoffs/{number}/reply", json=words).status_code == 409

    correction = {"message": message, "item": "streetlight-out"}
    assert centre.post(f"/handoffs/{number}/correct", json=correction).json()["item"] == "streetlight-out"
    assert other.post(f"/handoffs/{number}/correct", json=correction).status_code == 409
    centre.post(f"/handoffs/{number}/note", json={"text": "老人家，说话慢一点"})
    about = centre.get(f"/handoffs/{number}").json()
    assert about["item"] == "streetlight-out" and about["notes"][0]["text"] == "老人家，说话慢一点"
    form = {"item": "streetlight-out", "description": "新典路口路灯三天不亮", "place": "西门街道新典路12号",
            "phone": "13900000010", "client_message_id": "t1"}
    opened = [centre.post(f"/handoffs/{number}/ticket", json=form).json()["number"] for _ in range(2)]
    assert opened[0] == opened[1]
    assert centre.post(f"/handoffs/{number}/ticket", json={**form, "phone": "12", "client_message_id": "t2"}
                       ).status_code == 422
    ended = centre.post(f"/handoffs/{number}/end", json={"outcome": "ticket"}).json()
    assert (ended["state"], ended["outcome"]) == ("ended", "ticket")
    with reading() as session:
        told = session.scalars(select(Message.text).where(Message.conversation_id == conversation)).all()
        assert sum(words["text"] == text for text in told) == 1
        assert sum(opened[0] in text for text in told) == 1 and len(session.scalars(select(Ticket)).all()) == 1
        assert len(session.scalars(select(StaffNote)).all()) == 1


def test_a_message_is_waited_for(program: Program, citizen: tuple[str, int, int]) -> None:
    conversation, number, _ = citizen
    centre = program("operator")
    found: list[str] = []

    def wait() -> None:
        answer = centre.get(f"/handoffs/{number}/messages", params={"after": 1, "wait": 20})
        found.extend(m["text"] for m in answer.json()["messages"])

    thread = threading.Thread(target=wait)
    thread.start()
    conversations.receive(conversation, Incoming("m2", text="还有人吗"))
    thread.join(20)
    assert found == ["还有人吗"]


def test_the_queue_is_told_as_it_changes(program: Program, citizen: tuple[str, int, int]) -> None:
    _, number, _ = citizen
    centre, states = program("operator"), []
    with centre.stream("GET", "/handoffs/events") as stream:
        for line in stream.iter_lines():
            if not line.startswith("data:"):
                continue
            states.append([h["state"] for h in json.loads(line[5:])["handoffs"]])
            if len(states) == 1:
                program("operator").post(f"/handoffs/{number}/claim")
            else:
                break
    assert states == [["waiting"], ["active"]]


def test_back_to_the_bot_or_to_a_team_and_bad_requests(program: Program, citizen: tuple[str, int, int]) -> None:
    conversation, number, _ = citizen
    centre = program("operator")
    centre.post(f"/handoffs/{number}/claim")
    assert centre.post(f"/handoffs/{number}/transfer", json={}).status_code == 422
    assert centre.post(f"/handoffs/{number}/transfer", json={"team": "nobody"}).status_code == 422
    assert centre.post(f"/handoffs/{number}/transfer", json={"account": 999}).status_code == 404
    assert centre.post(f"/handoffs/{number}/end", json={"outcome": "great"}).status_code == 422
    assert centre.get("/handoffs", params={"state": "odd"}).status_code == 422
    assert centre.post(f"/handoffs/{number}/return").json()["state"] == "returned"
    assert centre.get("/handoffs/999").status_code == 404
    with reading() as session:
        assert session.get_one(Conversation, conversation).merged_into == ""


def test_who_may_not(program: Program, citizen: tuple[str, int, int], address: str) -> None:
    _, number, _ = citizen
    handler = program("handler", "urban-management")
    for path in ("/handoffs", f"/handoffs/{number}", f"/handoffs/{number}/messages", "/handoffs/events"):
        assert handler.get(path).status_code == 403
        assert httpx.get(f"{address}/api/v1{path}", trust_env=False).status_code == 401
    for act in ("claim", "return", "end"):
        assert handler.post(f"/handoffs/{number}/{act}").status_code == 403


def test_every_call_of_the_guide_exists(deployment: str) -> None:
    guide = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    calls = re.findall(r"`(GET|POST) (/api/v1/handoffs[^`?]*)(?:\?[^`]*)?`", guide)
    paths = create_app().openapi()["paths"]
    assert len(calls) >= 13
    assert [c for c in calls if c[0].lower() not in paths.get(c[1], {})] == []
