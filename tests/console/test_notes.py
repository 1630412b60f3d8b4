"""Notes between colleagues, and what a message really meant. No citizen ever sees either."""

import json
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from bot.channels.api import routes, views
from bot.domain.handoff import Reason
from bot.services import conversations, handoffs
from bot.storage import Conversation, Correction, Handoff, Message, reading, transaction
from tests.console.conftest import Seat, changes, say, words_of
from tests.support.world import free_port, wait_until

Seats = Callable[[str], Seat]
Citizens = Callable[..., tuple[str, int]]
SECRET = "这位老人听力不好"
UNDERSTOOD = {"act": "request", "item": None, "ranking": [
    {"item": "drain-unclogging", "confidence": 0.4}, {"item": "id-card-renewal", "confidence": 0.2}]}


@pytest.fixture
def citizens_api(deployment: str) -> Iterator[str]:
    """The API of the citizen's page, listening on a port of its own."""
    app = FastAPI()
    app.include_router(routes.router)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, what="the API listens")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def target_of(page: str) -> int:
    return int(page.split('data-ask="correct"')[1].split('data-message="')[1].split('"')[0])


def test_a_note_stands_in_the_story_for_colleagues_with_its_author(seat: Seats, citizen: Citizens) -> None:
    wang, li = seat("wangfang"), seat("limei")
    conversation, _ = citizen("陈阿姨", "转人工")
    before = li.get(f"/console/api/conversations/{conversation}").json()
    wang.post(f"/console/api/conversations/{conversation}/notes", text=f"  {SECRET}<b>  ")
    more = li.get(f"/console/api/conversations/{conversation}",
                  params={"after": before["seq"], "event": before["event"], "note": before["note"]}).json()
    assert "王芳 仅同事可见" in words_of(more["lines"]) and f"{SECRET}&lt;b&gt;" in more["lines"]
    assert more["note"] > before["note"]
    assert SECRET in li.page(f"/console/conversations/{conversation}")


def test_an_empty_note_is_refused_and_departments_neither_write_nor_read_them(seat: Seats, citizen: Citizens) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    path = f"/console/api/conversations/{conversation}/notes"
    assert seat("wangfang").post(path, text=" \n").json()["error"]["message"] == "备注是空的。"
    assert seat("zhoujianguo").post(path, text="看看").status_code == 403
    assert seat("wangfang").post("/console/api/conversations/nobody/notes", text="看看").status_code == 404


def test_the_same_note_sent_twice_at_once_is_kept_once(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    conversation, _ = citizen("陈阿姨", "转人工")
    ids = {wang.post(f"/console/api/conversations/{conversation}/notes", text=SECRET).json()["id"] for _ in range(2)}
    assert len(ids) == 1


def test_no_citizen_ever_sees_a_note(seat: Seats, citizens_api: str) -> None:
    conversation, token = conversations.start()
    say(conversation, "转人工")
    wang = seat("wangfang")
    with transaction() as session:
        handoff = handoffs.request(session, conversation, Reason.ASKED).id
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    wang.post(f"/console/api/conversations/{conversation}/notes", text=SECRET)
    wang.post(f"/console/api/handoffs/{handoff}/reply", text="您好")
    path, headers = f"/api/v1/conversations/{conversation}", {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=citizens_api, headers=headers, timeout=20, trust_env=False) as client:
        polled = client.get(f"{path}/messages", params={"after": 0}).json()
        seen = {"messages": json.dumps(polled, ensure_ascii=False), "events": _streamed(client, f"{path}/events")}
    assert "您好" in seen["messages"] and "您好" in seen["events"], "the test looks where the words come"
    assert all(SECRET not in words and "仅同事" not in words for words in seen.values()), seen.keys()
    with reading() as session:
        rows = list(session.scalars(select(Message).where(Message.conversation_id == conversation)))
        assert SECRET not in str(views.messages(session, rows)) and all(SECRET not in m.text for m in rows)


def _streamed(client: httpx.Client, path: str) -> str:
    """What the event stream says until the operator's words have come."""
    told = ""
    with client.stream("GET", path, params={"after": 0}) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                told += json.dumps(json.loads(line.removeprefix("data:")), ensure_ascii=False)
            if "您好" in told:
                return told
    return told


def test_telegram_is_sent_the_reply_and_not_the_note(seat: Seats, citizen: Citizens) -> None:
    conversation, handoff = citizen("陈阿姨", "转人工")
    wang = seat("wangfang")
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    wang.post(f"/console/api/conversations/{conversation}/notes", text=SECRET)
    wang.post(f"/console/api/handoffs/{handoff}/reply", text="您好")
    with reading() as session:
        pending = list(session.scalars(select(Message.text).where(
            Message.conversation_id == conversation, Message.delivery == "pending")))
    assert pending[-1] == "您好" and all(SECRET not in words for words in pending)


def test_notes_of_the_same_number_are_shown_beside_another_conversation(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    first, _ = citizen("陈阿姨", "转人工")
    second, _ = citizen("C. Chen", "转人工")
    wang.post(f"/console/api/conversations/{first}/notes", text=SECRET)
    assert SECRET not in wang.get(f"/console/api/conversations/{second}").json()["context"]
    with transaction() as session:
        for conversation in (first, second):
            session.get_one(Conversation, conversation).phone = "+8613900000010"
    context = wang.get(f"/console/api/conversations/{second}").json()["context"]
    assert SECRET in context and "王芳" in context and f"/console/conversations/{first}" in context


def test_items_are_found_by_name_alias_and_code_and_without_words_what_the_bot_thought_of(
    seat: Seats, citizen: Citizens
) -> None:
    wang = seat("wangfang")
    conversation, _ = citizen("陈阿姨", "水管堵了，转人工")
    with transaction() as session:
        session.scalars(select(Message).where(Message.conversation_id == conversation)).one().understanding = UNDERSTOOD

    def codes(q: str) -> list[str]:
        answer = wang.get("/console/api/items", params={"q": q, "conversation": conversation}).json()
        return [item["code"] for item in answer["items"]]

    assert codes("身份证补办换领")[0] == codes("身份证过期")[0] == codes("id-card-renewal")[0] == "id-card-renewal"
    assert codes("") == ["drain-unclogging", "id-card-renewal"]
    assert 1 < len(codes("证")) <= 20 and codes("没有这种事情") == []
    item = wang.get("/console/api/items", params={"q": "id-card-renewal"}).json()["items"][0]
    assert item["name"] == "身份证补办换领" and "公安" in item["owner"] and item["life"] is False
    assert seat("zhoujianguo").get("/console/api/items", params={"q": "证"}).status_code == 403


@pytest.mark.parametrize("right", ["id-card-renewal", "out_of_scope"])
def test_the_matter_is_corrected_on_the_message_that_was_understood(
    right: str, seat: Seats, citizen: Citizens
) -> None:
    wang = seat("wangfang")
    conversation, handoff = citizen("陈阿姨", "水管堵了")
    with transaction() as session:
        understood = session.scalars(select(Message).where(Message.conversation_id == conversation)).one()
        understood.understanding = UNDERSTOOD
    say(conversation, "你好")
    target = target_of(wang.page(f"/console/conversations/{conversation}"))
    assert wang.post(f"/console/api/messages/{target}/correct", item=right).json() == {"item": right}
    with reading() as session:
        assert session.scalars(select(Correction.right)).all() == [right]
        assert session.get_one(Handoff, handoff).item == right
        assert session.get_one(Message, target).text == "水管堵了"
    page = words_of(wang.page(f"/console/conversations/{conversation}"))
    name = "不在受理范围" if right == "out_of_scope" else "身份证补办换领"
    assert f"王芳更正机器人听到的事项：{name}" in page and f"事项 {name}" in page
    assert (wang.actor.id, "corrected") in changes("conversation")
    refused = wang.post(f"/console/api/messages/{target}/correct", item="no-such-item")
    assert refused.status_code == 404


def test_the_brief_is_what_an_operator_reads_first(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    conversation, handoff = citizen("陈阿姨", "转人工")
    with transaction() as session:
        held = session.get_one(Handoff, handoff)
        held.reason, held.brief = "form", {
            "candidates": ["drain-unclogging", "id-card-renewal"], "words": "下水道堵了", "place": "永丰小区3幢",
            "when": "今天早上", "photos": 2, "asked": "contact"}
    words = words_of(wang.get(f"/console/api/conversations/{conversation}").json()["context"])
    for part in ("两次没填完", "下水道疏通、身份证补办换领", "情况 下水道堵了", "地点 永丰小区3幢", "时间 今天早上", "照片 2", "正问到 联系"):
        assert part in words, part
