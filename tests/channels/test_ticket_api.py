"""A department's own software reads and answers its tickets by HTTP alone, as docs/api-tickets.md tells."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.app import create_app
from bot.config import ROOT
from bot.services import accounts, assignments
from bot.storage import Message, Ticket, reading, transaction
from tests.services.conftest import HANDLER, He
from tests.support.guides import holds, walked

pytest_plugins = ["tests.support.api_fixtures"]
Program = Callable[..., httpx.Client]


@pytest.fixture
def he(deployment: str) -> He:
    return He()


def numbers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [ticket["number"] for ticket in answer.json()["tickets"]]


def test_a_department_answers_by_program(program: Program, he: He) -> None:
    number = he.files_a_ticket()
    bureau = program("handler", "urban-management")
    assert numbers(bureau.get("/tickets", params={"state": "dispatched"})) == [number]
    assert bureau.post(f"/tickets/{number}/answer", json={"text": "已更换。"}).status_code == 409, "not accepted yet"
    assert bureau.post(f"/tickets/{number}/accept").json()["state"] == "accepted"
    assert bureau.post(f"/tickets/{number}/accept").status_code == 409
    assert bureau.post(f"/tickets/{number}/ask", json={"text": "请发照片"}).json()["state"] == "waiting_for_citizen"
    answered = bureau.post(f"/tickets/{number}/answer", json={"text": "井盖已更换。", "outcome": "solved"}).json()
    assert (answered["state"], answered["outcome"], answered["answer"]) == ("answered", "solved", "井盖已更换。")
    states = [step["state"] for step in bureau.get(f"/tickets/{number}").json()["steps"]]
    assert states == ["received", "dispatched", "accepted", "waiting_for_citizen", "answered"]
    with reading() as session:
        told = session.scalars(select(Message.text).where(Message.sender == "bot")).all()
        assert sum("井盖已更换。" in words for words in told) == 1


def test_a_return_waits_for_the_hotline(program: Program, he: He) -> None:
    number = he.files_a_ticket()
    bureau, centre = program("handler", "urban-management"), program("operator")
    assert bureau.post(f"/tickets/{number}/return", json={"why": "不归我们", "proposed": "nobody"}).status_code == 422
    away = bureau.post(f"/tickets/{number}/return", json={"why": "属于住建", "proposed": "housing-construction"})
    assert away.json()["state"] == "returned"
    assert bureau.post(f"/tickets/{number}/dispatch", json={"department": "transport", "why": "x."}).status_code == 403
    sent = centre.post(f"/tickets/{number}/dispatch", json={"department": "housing-construction", "why": "权责清单"})
    assert sent.json()["state"] == "dispatched"
    assert bureau.get(f"/tickets/{number}").status_code == 404, "it has no part in it any more"
    assert numbers(program("handler", "housing-construction").get("/tickets")) == [number]


def test_lists_are_narrowed_and_paged(program: Program, he: He) -> None:
    mine = [he.files_a_ticket("恒春街路口井盖少了半拉"), he.files_a_ticket("新典路口路灯三天不亮", "streetlight-out")]
    with transaction() as session:
        assignments.accept(session, mine[0], HANDLER)
    centre = program("operator")
    assert set(numbers(centre.get("/tickets"))) == set(mine)
    for wanted, found in (
        ({"state": "accepted"}, mine[:1]), ({"item": "streetlight-out"}, mine[1:]), ({"q": "井盖"}, mine[:1]),
        ({"q": mine[1]}, mine[1:]), ({"q": mine[1][-7:]}, mine[1:]), ({"q": "没有这种话"}, []),
        ({"department": "transport"}, []), ({"overdue": "true"}, []), ({"since": "2020-01-01"}, mine),
        ({"until": "2020-01-01"}, []), ({"channel": "web"}, mine), ({"channel": "telegram"}, []),
    ):
        assert set(numbers(centre.get("/tickets", params=wanted))) == set(found), wanted
    first = centre.get("/tickets", params={"limit": 1, "newest": "true"}).json()
    second = centre.get("/tickets", params={"limit": 1, "newest": "true", "after": first["next"]}).json()
    assert [first["tickets"][0]["number"], second["tickets"][0]["number"]] == mine[::-1] and second["next"] is None
    for bad in ({"state": "odd"}, {"after": "xyz"}, {"limit": 0}, {"since": "yesterday"}):
        assert centre.get("/tickets", params=bad).status_code == 422, bad


def test_nobody_else_s_and_no_contact(program: Program, he: He, address: str) -> None:
    number = he.files_a_ticket()
    stranger = program("handler", "transport")
    assert numbers(stranger.get("/tickets")) == [] and stranger.get(f"/tickets/{number}").status_code == 404
    for move in ("accept", "answer", "return", "ask"):
        assert stranger.post(f"/tickets/{number}/{move}", json={"text": "好的", "why": "好的"}).status_code == 404
    assert httpx.get(f"{address}/api/v1/tickets", trust_env=False).status_code == 401
    bureau = program("handler", "urban-management")
    assert "*" in bureau.get(f"/tickets/{number}").json()["contact"]["phone"]
    with transaction() as session:
        session.scalars(select(Ticket)).one().confidential = True
    assert bureau.get(f"/tickets/{number}").json()["contact"] == {"name": "", "phone": ""}


def test_the_guide_is_walked_through(he: He, address: str) -> None:
    number = he.files_a_ticket("新典路口路灯三天不亮", "streetlight-out")
    with transaction() as session:
        token = accounts.create_token(session, "handler", "城管系统", "urban-management")
    for command, shown, answer in walked(guide(), {"HOTLINE": address, "TOKEN": token, "NUMBER": number}, 5):
        assert holds(json.loads(answer), shown), f"{command}\n{answer}"


def test_every_call_of_the_guide_exists_and_no_other(deployment: str) -> None:
    calls = set(re.findall(r"\| `(GET|POST) (/api/v1/tickets[^`?]*)(?:\?[^`]*)?`", guide()))
    paths: dict[str, Any] = create_app().openapi()["paths"]
    assert calls == {(method.upper(), path) for path, methods in paths.items() for method in methods
                     if path.startswith("/api/v1/tickets")}
    for path, methods in paths.items():
        for call in methods.values() if path.startswith("/api/v1/tickets") else []:
            assert call["description"] and {"200", "401", "403", "404", "409", "422"} <= set(call["responses"]), path


def guide() -> str:
    return (ROOT / "docs" / "api-tickets.md").read_text(encoding="utf-8")
