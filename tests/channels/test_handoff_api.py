"""A call centre's own software serves a citizen by HTTP alone, step by step as docs/api.md tells."""

import io
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from bot.app import create_app
from bot.config import ROOT
from bot.domain.handoff import Reason
from bot.domain.message import Incoming
from bot.services import accounts, conversations, files, handoffs
from bot.storage import ApiToken, Attachment, Conversation, Message, StaffNote, Ticket, reading, transaction
from tests.support.guides import holds, walked

pytest_plugins = ["tests.support.api_fixtures"]
Program = Callable[..., httpx.Client]


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


def test_a_supervisors_program_takes_over_and_an_operators_does_not(
    program: Program, citizen: tuple[str, int, int]
) -> None:
    _, number, _ = citizen
    centre, boss = program("operator"), program("supervisor")
    centre.post(f"/handoffs/{number}/claim")
    assert program("operator").post(f"/handoffs/{number}/take-over").status_code == 403
    taken = boss.post(f"/handoffs/{number}/take-over", json={"why": "等得太久"})
    assert taken.status_code == 200 and taken.json()["holder"] != centre.get(f"/handoffs/{number}").json()["account"]
    assert centre.post(f"/handoffs/{number}/reply", json={"text": "我还在"}).status_code == 409
    assert boss.post(f"/handoffs/{number}/reply", json={"text": "我来"}).status_code == 200


def test_claiming_again_what_one_holds_is_no_error(program: Program, citizen: tuple[str, int, int]) -> None:
    _, number, _ = citizen
    centre = program("operator")
    first = centre.post(f"/handoffs/{number}/claim").json()
    assert centre.post(f"/handoffs/{number}/claim").json() == first
    assert centre.post(f"/handoffs/{number}/end").status_code == 200
    assert centre.post(f"/handoffs/{number}/claim").status_code == 409


def test_photos_go_both_ways(program: Program, citizen: tuple[str, int, int]) -> None:
    conversation, number, _ = citizen
    centre = program("operator")
    centre.post(f"/handoffs/{number}/claim")
    key = files.keep_photo(conversation, picture())
    conversations.receive(conversation, Incoming("m2", "photo", attachment=key))
    sent = [centre.post(f"/handoffs/{number}/reply", files={"photo": ("a.png", picture())},
                        data={"text": "是这盏吗", "client_message_id": "r9"}).json()["duplicate"] for _ in range(2)]
    assert sent == [False, True]
    theirs, ours = [m for m in centre.get(f"/handoffs/{number}/messages").json()["messages"] if m["kind"] == "photo"]
    assert (theirs["sender"], ours["sender"], ours["text"]) == ("citizen", "operator", "是这盏吗")
    path = theirs["file"]["url"].removeprefix("/api/v1")
    assert centre.get(path).content.startswith(b"\x89PNG")
    elsewhere = conversations.for_channel("telegram", "chat-2", "老周")
    with transaction() as session:
        other = handoffs.request(session, elsewhere, Reason.ASKED).id
    assert centre.get(path.replace(f"/{number}/", f"/{other}/")).status_code == 404, "of another conversation"
    form = {"item": "streetlight-out", "description": "路灯不亮", "place": "新典路12号", "photos": [theirs["file"]["id"]]}
    number_of_ticket = centre.post(f"/handoffs/{number}/ticket", json=form).json()["number"]
    with reading() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number_of_ticket)).one()
        assert session.scalars(select(Attachment.key).where(Attachment.ticket_id == ticket.id)).all() == [key]
    assert centre.post(f"/handoffs/{number}/reply", files={"photo": ("a.png", b"no picture")}).status_code == 422
    assert centre.post(f"/handoffs/{number}/reply", data={"text": "x"}, files={"other": b"x"}).status_code == 422
    assert centre.post(f"/handoffs/{number}/reply", content=b"{").status_code == 422


def test_a_message_of_another_conversation_is_not_corrected(program: Program, citizen: tuple[str, int, int]) -> None:
    _, number, _ = citizen
    other = conversations.for_channel("telegram", "chat-2", "老周")
    message, _ = conversations.receive(other, Incoming("m1", text="井盖没了"))
    centre = program("operator")
    centre.post(f"/handoffs/{number}/claim")
    correction = {"message": message.id, "item": "manhole-missing"}
    assert centre.post(f"/handoffs/{number}/correct", json=correction).status_code == 404


def test_the_stream_ends_with_the_token(program: Program, citizen: tuple[str, int, int]) -> None:
    centre = program("operator")
    with centre.stream("GET", "/handoffs/events") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("data:"))
        with transaction() as session:
            for token in session.scalars(select(ApiToken)):
                token.revoked = True
        for line in lines:
            assert not line.startswith((":", "data:")), "still open"
    assert centre.get("/handoffs").status_code == 401


def test_the_guide_is_walked_through(deployment: str, address: str, tmp_path: Path) -> None:
    """Every `sh` block of docs/api.md is run as it stands; its answer holds what the `json` block below it shows."""
    conversation = conversations.for_channel("telegram", "chat-1", "陈阿姨")
    message, _ = conversations.receive(conversation, Incoming("m1", text="新典路口路灯三天不亮"))
    with transaction() as session:
        number = handoffs.request(session, conversation, Reason.ASKED).id
        token = accounts.create_token(session, "operator", "呼叫中心")
    photo = tmp_path / "lamp.png"
    photo.write_bytes(picture())
    known = {"HOTLINE": address, "TOKEN": token, "HANDOFF": str(number), "MESSAGE": str(message.id), "PHOTO": str(photo)}
    for command, shown, answer in walked(guide().replace('"id": 1,', f'"id": {number},'), known, 14):
        assert holds(json.loads(answer), shown), f"{command}\n{answer}"
        assert "error" in shown or "error" not in json.loads(answer), answer


def test_every_call_of_the_guide_exists_and_no_other(deployment: str) -> None:
    calls = set(re.findall(r"\| `(GET|POST) (/api/v1/handoffs[^`?]*)(?:\?[^`]*)?`", guide()))
    paths = create_app().openapi()["paths"]
    assert calls == {(method.upper(), path) for path, methods in paths.items() for method in methods
                     if path.startswith("/api/v1/handoffs")}


def test_the_description_is_complete(deployment: str) -> None:
    described = create_app().openapi()
    assert described["components"]["securitySchemes"] == {"HTTPBearer": {
        "type": "http", "scheme": "bearer", "description": "A token made with `hotline token create`"}}
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            if not path.startswith("/api/v1/handoffs"):
                continue
            assert call["description"] and call["security"] == [{"HTTPBearer": []}], path
            assert {"200", "401", "403", "404", "409", "422"} <= set(call["responses"]), path
            assert method == "get" or "requestBody" in call or path.endswith(("/claim", "/return")), path
    for name in ("Reply", "End", "Transfer", "Note", "Correction", "TicketForm", "Referral", "Handoff"):
        shape = described["components"]["schemas"].get(name)
        assert name == "Reply" or any("examples" in field for field in shape["properties"].values()), name


def guide() -> str:
    return (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 180, 90)).save(content, "PNG")
    return content.getvalue()
