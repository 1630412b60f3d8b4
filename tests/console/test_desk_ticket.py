"""An operator opens a ticket for the citizen: the form knows what is known, and one form opens one ticket."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.message import Location
from bot.services import files
from bot.storage import Conversation, Handoff, Message, Ticket, reading, transaction
from tests.console.conftest import Seat, changes, said, say, words_of
from tests.support.citizen import photo

Seats = Callable[[str], Seat]
Citizens = Callable[..., tuple[str, int]]
WRITTEN = {"item": "streetlight-out", "kind": "help", "description": "新典路口路灯三天不亮", "place": "新典路 12 号",
           "street": "haishu-ximen", "client_id": "form-0001"}


@pytest.fixture
def held(seat: Seats, citizen: Citizens) -> Iterator[tuple[Seat, str, int]]:
    """王芳 holds 陈阿姨's conversation."""
    conversation, handoff = citizen("陈阿姨", "路灯不亮，天黑不敢出门")
    wang = seat("wangfang")
    assert wang.post(f"/console/api/handoffs/{handoff}/claim").status_code == 200
    yield wang, conversation, handoff


def form(wang: Seat, handoff: int) -> str:
    answer = wang.get(f"/console/api/handoffs/{handoff}/ticket")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["html"])


def send(wang: Seat, handoff: int, **changed: Any) -> Any:
    return wang.post(f"/console/api/handoffs/{handoff}/ticket", **WRITTEN | changed)


def known(conversation: str, handoff: int, **slots: Any) -> None:
    """What the bot had found out before the human came."""
    with transaction() as session:
        session.get_one(Conversation, conversation).dialogue = {"slots": slots}
        session.get_one(Handoff, handoff).item = slots.get("item", "")


def tickets() -> list[Ticket]:
    with reading() as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def test_the_form_knows_the_matter_the_place_the_department_and_the_deadline(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    known(conversation, handoff, item="streetlight-out", kind="complaint", description="恒春街路灯不亮",
          place={"text": "恒春街", "street": "haishu-ximen"}, when={"text": "昨天晚上"})
    html = form(wang, handoff)
    assert 'name="item" value="streetlight-out"' in html and ">恒春街路灯不亮</textarea>" in html
    assert 'value="恒春街"' in html and 'value="haishu-ximen" selected' in html and 'value="昨天晚上"' in html
    assert "承办" in words_of(html) and "前答复" in words_of(html)


def test_what_was_told_to_the_operator_alone_is_in_the_form_too(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    say(conversation, "就在小区门口那盏，三天了")
    say(conversation, "", kind="location", location=Location(29.8790, 121.5380))
    html = form(wang, handoff)
    assert "就在小区门口那盏，三天了</textarea>" in html and 'value="haishu-ximen" selected' in html


def test_the_ticket_is_opened_told_and_links_what_the_citizen_sent(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    key = files.keep_photo(conversation, photo())
    say(conversation, "", kind="photo", attachment=key)
    html = form(wang, handoff)
    assert f"/console/files/{key}" in html
    chosen = html.split('name="photos" value="')[1].split('"')[0]
    answer = send(wang, handoff, photos=[int(chosen)], when="三天前起")
    number = answer.json()["number"]
    made = tickets()[0]
    assert made.number == number and made.place["street"] == "haishu-ximen" and made.place["text"] == "新典路 12 号"
    assert made.occurred_at == "三天前起" and made.anonymous
    assert number in said(conversation)[-1]
    assert ("account:" in changes("ticket")[0][0]) and changes("ticket")[0][1] == "opened"
    assert "已附在工单上" in form(wang, handoff)


def test_the_number_on_record_is_used_without_being_shown(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    known(conversation, handoff, item="streetlight-out", contact={"name": "陈秀英", "phone": "+8613900000010"})
    html = form(wang, handoff)
    assert "139****0010" in html and "13900000010" not in html and "陈秀英" not in html
    send(wang, handoff, on_record=True)
    assert (tickets()[0].contact_name, tickets()[0].contact_phone) == ("陈秀英", "+8613900000010")
    send(wang, handoff, name="陈先生", phone="13900000011", client_id="form-0002")
    assert (tickets()[1].contact_name, tickets()[1].contact_phone) == ("陈先生", "+8613900000011")


def test_words_left_as_they_were_keep_the_exact_place_and_the_date_they_meant(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    known(conversation, handoff, item="streetlight-out",
          place={"text": "恒春街", "street": "haishu-ximen", "lat": 29.8791, "lon": 121.5382},
          when={"text": "昨天", "start": "2026-11-21T00:00:00+08:00", "end": "2026-11-22T00:00:00+08:00"})
    send(wang, handoff, place="恒春街", when="昨天")
    assert tickets()[0].place["lat"] == 29.8791 and tickets()[0].occurred_at == "昨天 (2026-11-21)"
    send(wang, handoff, place="恒春街 8 号", when="今早", client_id="form-0002")
    assert tickets()[1].place.get("lat") != 29.8791 and tickets()[1].occurred_at == "今早"


def test_submitting_twice_opens_one(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    first, second = send(wang, handoff), send(wang, handoff)
    assert first.json() == second.json() and len(tickets()) == 1 and len(said(conversation)) == 1


@pytest.mark.parametrize(("changed", "field", "words"), [
    ({"description": " "}, "description", "请写清楚情况。"), ({"place": ""}, "place", "请写地点。"),
    ({"item": ""}, "item", "请选择事项。"), ({"phone": "12"}, "phone", "这个号码好像不对，请再看一下。"),
    ({"item": "drain-unclogging"}, "item", "“疏通下水道”是生活服务，请派单给商家或志愿队。"),
    ({"street": "atlantis"}, "street", "没有这个街道或镇乡。"),
])
def test_what_is_wrong_stands_beside_its_field(
    held: tuple[Seat, str, int], changed: dict[str, str], field: str, words: str
) -> None:
    wang, _, handoff = held
    answer = send(wang, handoff, **changed)
    assert answer.status_code in (404, 422)
    fields = answer.json()["error"]["fields"]
    assert list(fields) == [field] and (fields[field] == words or field == "item")
    assert tickets() == []


def test_another_item_shows_its_own_kinds_department_and_deadline(held: tuple[Seat, str, int]) -> None:
    wang, _, handoff = held
    html = wang.get(f"/console/api/handoffs/{handoff}/ticket/terms?item=manhole-missing").json()["html"]
    assert 'name="kind"' in html and "前答复" in html
    html = wang.get(f"/console/api/handoffs/{handoff}/ticket/terms?item=drain-unclogging").json()["html"]
    assert "这是生活服务" in html and 'name="kind"' not in html
    html = wang.get(f"/console/api/handoffs/{handoff}/ticket/terms?item=nothing").json()["html"]
    assert "先选事项" in html


def test_only_the_holder_opens_tickets_here(held: tuple[Seat, str, int], seat: Seats) -> None:
    _, _, handoff = held
    li, zhou = seat("limei"), seat("zhoujianguo")
    assert li.get(f"/console/api/handoffs/{handoff}/ticket").status_code == 409
    assert send(li, handoff).status_code == 409
    assert send(zhou, handoff).status_code == 403
    assert tickets() == []
    with reading() as session:
        assert session.scalars(select(Message).where(Message.sender == "operator")).all() == []
