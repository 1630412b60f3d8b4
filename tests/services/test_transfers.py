"""A conversation passes from hand to hand and is always in exactly one."""

from collections.abc import Iterator

import pytest

from bot.domain.access import Actor, Role
from bot.domain.handoff import Reason
from bot.errors import BadInput, Conflict, NotAllowed
from bot.services import accounts, handoffs, presence, transfers
from bot.storage import Account, Conversation, Handoff, Team, reading, transaction
from tests.services.conftest import He


@pytest.fixture
def at_work(operators: tuple[Actor, Actor]) -> Iterator[tuple[Actor, Actor]]:
    with transaction() as session:
        for who in operators:
            presence.choose(session, who, "on")
    yield operators


@pytest.fixture
def boss(operators: tuple[Actor, Actor]) -> Actor:
    with transaction() as session:
        accounts.create(session, "boss", "supervisor", "老王", password="long-enough-1")
    with reading() as session:
        return accounts.actor_of(session.query(Account).filter_by(username="boss").one())


@pytest.fixture
def number(he: He, at_work: tuple[Actor, Actor]) -> int:
    with transaction() as session:
        made = handoffs.request(session, he.id, Reason.ASKED).id
    with transaction() as session:
        handoffs.claim(session, made, at_work[0])
    return made


def holder(handoff_id: int) -> tuple[str, str]:
    with reading() as session:
        handoff = session.get_one(Handoff, handoff_id)
        return handoff.state, handoff.holder


def test_to_a_colleague_who_is_there_and_not_to_one_who_is_not(he: He, at_work: tuple[Actor, Actor], number: int) -> None:
    lin, zhou = at_work
    with transaction() as session:
        presence.choose(session, zhou, "break")
    with pytest.raises(Conflict), transaction() as session:
        transfers.to_operator(session, number, lin, zhou.account_id or 0)
    assert holder(number) == ("active", lin.id)
    with transaction() as session:
        presence.choose(session, zhou, "on")
    with transaction() as session:
        transfers.to_operator(session, number, lin, zhou.account_id or 0, "懂英语")
    assert holder(number) == ("active", zhou.id) and "小周接着为您服务" in he.last().text
    with pytest.raises(Conflict), transaction() as session:
        handoffs.reply(session, number, lin, "我再说一句")
    with pytest.raises(Conflict), transaction() as session:
        transfers.to_operator(session, number, lin, lin.account_id or 0)


def test_to_a_team_is_back_in_the_queue(he: He, at_work: tuple[Actor, Actor], number: int) -> None:
    with transaction() as session:
        session.add(Team(code="english", name_zh="英语组", topics=["lang:en"]))
    with pytest.raises(BadInput), transaction() as session:
        transfers.to_team(session, number, at_work[0], "nobody")
    with transaction() as session:
        transfers.to_team(session, number, at_work[0], "english")
    assert holder(number) == ("waiting", "") and "另一个小组" in he.last().text


def test_a_supervisor_takes_over_and_nobody_else_does(at_work: tuple[Actor, Actor], number: int, boss: Actor) -> None:
    with pytest.raises(NotAllowed), transaction() as session:
        transfers.take_over(session, number, at_work[1])
    with transaction() as session:
        transfers.take_over(session, number, boss)
    assert holder(number) == ("active", boss.id)
    with transaction() as session:
        transfers.to_operator(session, number, boss, at_work[1].account_id or 0)
    assert holder(number) == ("active", at_work[1].id)


def test_a_token_that_takes_over_holds_it_itself_and_the_operator_no_longer(
    at_work: tuple[Actor, Actor], number: int
) -> None:
    token, plain = (Actor(f"token:{n}", "呼叫中心", role) for n, role in ((1, Role.SUPERVISOR), (2, Role.OPERATOR)))
    with pytest.raises(NotAllowed), transaction() as session:
        transfers.take_over(session, number, plain)
    with transaction() as session:
        transfers.take_over(session, number, token)
    assert holder(number) == ("active", "token:1")
    with pytest.raises(Conflict), transaction() as session:
        handoffs.reply(session, number, at_work[0], "我还在")
    with transaction() as session:
        assert handoffs.reply(session, number, token, "您好")


def test_two_conversations_of_one_citizen_become_one(he: He, at_work: tuple[Actor, Actor], number: int) -> None:
    other = He()
    with pytest.raises(BadInput), transaction() as session:
        transfers.merge(session, number, at_work[0], he.id)
    with transaction() as session:
        transfers.merge(session, number, at_work[0], other.id)
    assert holder(number)[0] == "ended" and "另一个对话" in he.last().text
    with reading() as session:
        assert session.get_one(Conversation, he.id).merged_into == other.id
