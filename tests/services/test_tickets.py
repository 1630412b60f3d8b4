"""From a citizen's words to a rated, closed ticket, and back again when it is not solved."""

from datetime import timedelta

from bot.domain.ticket import check_number
from bot.services import additions, drafts, my_tickets, ratings, requests, tickets
from bot.storage import reading, transaction
from tests.services.conftest import He, answered, ticket_of, touched
from tests.support.time_machine import pass_time


def test_the_whole_path(he: He) -> None:
    number = he.files_a_ticket()
    assert number in he.last().text and "前答复" in he.last().text
    ticket = ticket_of(he)
    assert (ticket.item, ticket.state, ticket.contact_phone) == ("manhole-missing", "dispatched", "+8613900000010")
    answered(he, number)
    assert "井盖已更换" in he.last().text and len(he.last().buttons) == 6
    he.does(ratings.rate, "很满意 5分", act="rate", choice=f"rate:T{ticket.id}:5")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.outcome, ticket.score, ticket.solved) == ("closed", "solved", 5, True)


def test_not_solved_goes_back_with_a_new_clock(he: He) -> None:
    number = he.files_a_ticket()
    answered(he, number)
    pass_time(timedelta(days=2))
    old = ticket_of(he).due_at
    he.does(ratings.rate, "2分，又坏了", act="rate")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.reopened, ticket.score) == ("dispatched", 1, 2) and ticket.due_at > old
    answered(he, number, "重新处理好了。")
    he.does(ratings.rate, "满意", act="rate")
    assert ticket_of(he).state == "closed"


def test_a_closed_ticket_is_reopened_by_saying_not_solved(he: He) -> None:
    number = he.files_a_ticket()
    answered(he, number)
    he.does(ratings.rate, "5", act="rate")
    he.does(ratings.reopen, "昨天修的今天又坏了", act="reopen")
    assert ticket_of(he).state == "dispatched"


def test_confirming_twice_opens_once(he: He) -> None:
    he.files_a_ticket()
    turn = he.turn("确认提交", act="affirm")
    from dataclasses import replace

    full = replace(he.draft.with_item("manhole-missing", "help"), description="x", confirmed="ok", contact={"refused": True})
    turn.draft = full
    for _ in range(2):
        turn.spoken = 0
        with transaction() as session:
            tickets.open_from_draft(session, turn)
    with reading() as session:
        assert len(tickets.of_conversation(session, he.id)) == 2


def test_numbers_count_up_within_the_day(he: He) -> None:
    first, second = he.files_a_ticket(), He().files_a_ticket()
    assert int(second[-5:-1]) == int(first[-5:-1]) + 1 and check_number(first) and check_number(second)


def test_status_tells_ones_own_and_never_anothers(he: He) -> None:
    other = He()
    number = other.files_a_ticket()
    he.does(my_tickets.status, f"查一下{number}", act="status")
    assert number not in he.last().text and not he.last().cards
    other.does(my_tickets.status, "我的单子呢", act="status")
    assert number in other.last().cards[0]["title"]


def test_the_same_matter_is_recognised(he: He) -> None:
    he.files_a_ticket()
    he.does(requests.begin, "恒春街12号门口井盖又响了，来看看", item="manhole-missing", kind="help")
    if not he.draft.place:
        he.does(drafts.answer, "恒春街12号", act="inform")
    assert "是同一件吗" in he.last().text
    he.does(drafts.answer, "是同一件", act="same_ticket", choice=f"same:{ticket_of(he).number}")
    assert "不用重复登记" in he.last().text
    with reading() as session:
        assert len(tickets.of_conversation(session, he.id)) == 1


def test_what_a_citizen_adds_wakes_the_department(he: He) -> None:
    he.files_a_ticket()
    with touched() as topics:
        he.does(ratings.reopen, "还是没人来", act="reopen")
    assert "tickets" in topics and "已经加到" in he.last().text
    turn = he.turn("补充一下，又塌了一块", act="inform")
    with touched() as topics, transaction() as session:
        assert additions.take(session, turn)
    assert "tickets" in topics
    he.does(requests.begin, "恒春街12号门口井盖又响了，来看看", item="manhole-missing", kind="help")
    if not he.draft.place:
        he.does(drafts.answer, "恒春街12号", act="inform")
    with touched() as topics:
        he.does(drafts.answer, "是同一件", act="affirm")
    assert "tickets" in topics and "不用重复登记" in he.last().text
