"""An operator passes the citizen on to a vendor or a volunteer team."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.services import territories
from bot.storage import Conversation, Handoff, Referral, reading, transaction
from tests.console.conftest import Seat, said, words_of

Seats = Callable[[str], Seat]
Citizens = Callable[..., tuple[str, int]]
ITEM = "drain-unclogging"


@pytest.fixture
def held(seat: Seats, citizen: Citizens) -> Iterator[tuple[Seat, str, int]]:
    """王芳 holds the conversation of 陈阿姨, whose drain is blocked."""
    conversation, handoff = citizen("陈阿姨", "下水道堵了")
    wang = seat("wangfang")
    assert wang.post(f"/console/api/handoffs/{handoff}/claim").status_code == 200
    with transaction() as session:
        session.get_one(Handoff, handoff).item = ITEM
    yield wang, conversation, handoff


def listed(wang: Seat, handoff: int, **query: str) -> str:
    answer = wang.get(f"/console/api/handoffs/{handoff}/providers", params={"item": ITEM, **query})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["html"])


def providers(html: str) -> list[str]:
    return re.findall(r'name="provider" value="([^"]+)"', html)


def send(wang: Seat, handoff: int, provider: str, **more: Any) -> Any:
    sent = {"item": ITEM, "provider": provider, "client_id": "referral-1", **more}
    return wang.post(f"/console/api/handoffs/{handoff}/referral", **sent)


def referrals() -> list[Referral]:
    with reading() as session:
        return list(session.scalars(select(Referral)))


def test_the_list_says_what_an_operator_reads_out(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    with transaction() as session:
        session.get_one(Conversation, conversation).dialogue = {"slots": {
            "item": ITEM, "place": {"text": "西门街道", "street": "haishu-ximen", "lat": 29.878, "lon": 121.537}}}
    html = wang.get(f"/console/api/handoffs/{handoff}/referral").json()["html"]
    words = words_of(html)
    assert 1 <= len(providers(html)) <= 9 and "市民所在：西门街道" in words
    assert "现在开门" in words or "现在不开门" in words
    assert re.search(r"约 \d+\.\d 公里", words) and "人评" in words and re.search(r"\d{7,}", words)


def test_another_street_lists_those_near_it(held: tuple[Seat, str, int]) -> None:
    wang, _, handoff = held
    assert "公里" not in words_of(listed(wang, handoff)), "without a place there is no distance"
    near = listed(wang, handoff, street="haishu-ximen")
    far = listed(wang, handoff, street=territories.streets()[-1].code)
    assert "公里" in words_of(near) and providers(near) != providers(far)
    answer = wang.get(f"/console/api/handoffs/{handoff}/providers", params={"item": ITEM, "street": "atlantis"})
    assert answer.status_code == 422


def test_a_government_item_is_for_a_ticket(held: tuple[Seat, str, int]) -> None:
    wang, _, handoff = held
    assert "请开工单" in listed(wang, handoff, item="streetlight-out")
    assert "先选要什么服务" in listed(wang, handoff, item="")


def test_the_citizen_is_told_whom_to_call_once(held: tuple[Seat, str, int]) -> None:
    wang, conversation, handoff = held
    provider = providers(listed(wang, handoff, street="haishu-ximen"))[0]
    assert send(wang, handoff, provider, street="haishu-ximen").json() == {"repeated": False}
    assert send(wang, handoff, provider, street="haishu-ximen").json() == {"repeated": True}
    made = referrals()
    assert len(made) == 1 and made[0].provider_id == provider and made[0].place["street"] == "haishu-ximen"
    assert len(said(conversation)) == 1 and "电话" in said(conversation)[0]


def test_only_the_holder_refers(held: tuple[Seat, str, int], seat: Seats) -> None:
    wang, _, handoff = held
    provider = providers(listed(wang, handoff))[0]
    assert send(seat("limei"), handoff, provider).status_code == 409
    assert send(wang, handoff, "no-such-provider").status_code == 404
    assert referrals() == []
