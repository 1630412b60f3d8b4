"""Canned replies as the composer finds them: her team's first, filled in, gaps left to see."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete

from bot.config import ROOT
from bot.services.seeding import seed
from bot.services.upkeep.canned import CANNED
from bot.storage import CannedReply, Conversation, Handoff, Team, TeamMember, transaction
from tests.console.conftest import Seat

Seats = Callable[[str], Seat]
Citizens = Callable[..., tuple[str, int]]


@pytest.fixture
def kept(deployment: str) -> Iterator[None]:
    """Two for everybody, one for the water team, one for the English desk, one out of use."""
    with transaction() as session:
        session.execute(delete(CannedReply))
        session.add_all([Team(code="water", name_zh="水电组"), Team(code="english", name_zh="外语组")])
        session.add_all([
            CannedReply(shortcut="hi", title="问候", text_zh="{citizen}您好，我是{operator}。",
                        text_en="Hello {citizen}, this is {operator}."),
            CannedReply(shortcut="owner", title="谁办", text_zh="“{item}”由{department}办，电话 {hotline}，单号 {number}。"),
            CannedReply(shortcut="valve", title="关总阀", text_zh="请先关总阀。", team="water"),
            CannedReply(shortcut="visa", title="签证", text_zh="请问签证。", team="english"),
            CannedReply(shortcut="old", title="旧", text_zh="旧话", removed=True),
        ])
    yield


def replies(seat: Seat, conversation: str) -> list[dict[str, object]]:
    return list(seat.get(f"/console/api/conversations/{conversation}/canned").json()["replies"])


def test_what_is_known_is_filled_in_and_what_is_not_stays_a_visible_gap(
    seat: Seats, citizen: Citizens, kept: None, ticket: Callable[..., str]
) -> None:
    conversation, handoff = citizen("陈阿姨", "路灯坏了，转人工")
    wang = seat("wangfang")
    found = {r["shortcut"]: r for r in replies(wang, conversation)}
    assert found["hi"]["text"] == "陈阿姨您好，我是王芳。" and found["hi"]["gaps"] == []
    assert found["owner"]["text"] == "“〔事项〕”由〔承办单位〕办，电话 〔电话〕，单号 〔工单号〕。"
    assert found["owner"]["gaps"] == ["〔事项〕", "〔承办单位〕", "〔电话〕", "〔工单号〕"]
    with transaction() as session:
        session.get_one(Handoff, handoff).item = "id-card-renewal"
    number = ticket(conversation=conversation)
    words = next(str(r["text"]) for r in replies(wang, conversation) if r["shortcut"] == "owner")
    assert "身份证补办换领" in words and "公安" in words and number in words and "〔事项〕" not in words


def test_english_citizens_get_english_and_chinese_where_there_is_none(
    seat: Seats, citizen: Citizens, kept: None
) -> None:
    conversation, _ = citizen("Tom", "I need a person please")
    with transaction() as session:
        session.get_one(Conversation, conversation).language = "en"
    found = {r["shortcut"]: r["text"] for r in replies(seat("wangfang"), conversation)}
    assert found["hi"] == "Hello Tom, this is 王芳." and found["valve"] == "请先关总阀。"


def test_her_teams_and_the_citizens_team_come_first_and_other_teams_not_at_all(
    seat: Seats, citizen: Citizens, kept: None
) -> None:
    conversation, handoff = citizen("陈阿姨", "转人工")
    wang = seat("wangfang")
    assert [r["shortcut"] for r in replies(wang, conversation)] == ["hi", "owner", "valve", "visa"], "in no team: all"
    with transaction() as session:
        session.add(TeamMember(team="water", account_id=wang.actor.account_id))
    assert [r["shortcut"] for r in replies(wang, conversation)] == ["valve", "hi", "owner"]
    with transaction() as session:
        session.get_one(Handoff, handoff).team = "english"
    assert [r["shortcut"] for r in replies(wang, conversation)] == ["valve", "visa", "hi", "owner"]


def test_departments_have_no_canned_replies(seat: Seats, citizen: Citizens) -> None:
    conversation, _ = citizen("陈阿姨", "转人工")
    assert seat("zhoujianguo").get(f"/console/api/conversations/{conversation}/canned").status_code == 403


def test_the_seeded_ones_are_complete_in_both_languages_and_loaded_once(deployment: str) -> None:
    with transaction() as session:
        session.execute(delete(CannedReply))
    with transaction() as session:
        assert seed(session, ROOT / "data")["canned_replies"] >= 12
    with transaction() as session:
        assert "canned_replies" not in seed(session, ROOT / "data")
        for reply in session.query(CannedReply):
            row = {c.name: getattr(reply, c.name) for c in CannedReply.__table__.columns}
            assert reply.text_zh and reply.text_en, reply.shortcut
            assert CANNED.check(session, row, {"text_zh", "text_en", "team"}, reply) == {}, reply.shortcut
