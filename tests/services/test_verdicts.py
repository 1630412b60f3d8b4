"""What a citizen says of an answer, and what it does: scores, reasons, not solved, silence, a neighbour's verdict."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services import assignments, duplicates, followups, my_tickets, ratings, requests, tickets
from bot.storage import Change, Handoff, Supervision, Ticket, now, reading, transaction
from tests.services.conftest import ADMIN, HANDLER, He, answered, ticket_of
from tests.support.time_machine import pass_time


def presses(he: He, choice: str) -> None:
    he.does(ratings.rate, "按钮", act="rate", choice=choice)


def mark(he: He) -> str:
    return f"T{ticket_of(he).id}"


def noted(he: He, what: str) -> list[tuple[str, str]]:
    with reading() as session:
        query = select(Change).where(Change.subject_id == str(ticket_of(he).id), Change.what == what).order_by(Change.id)
        return [(c.after, c.why) for c in session.scalars(query)]


def follows_up() -> int:
    with transaction() as session:
        return followups.run(session, now())


@pytest.fixture
def number(he: He) -> str:
    made = he.files_a_ticket()
    answered(he, made)
    return made


def test_a_low_score_alone_asks_whether_it_is_solved(he: He, number: str) -> None:
    presses(he, f"rate:{mark(he)}:1")
    assert ticket_of(he).state == "answered" and "解决了吗" in he.last().text
    presses(he, f"solved:{mark(he)}")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.score, ticket.solved, ticket.outcome) == ("closed", 1, True, "solved")
    assert "不满意" in he.last().text and len(he.last().buttons) == 5
    presses(he, f"why:{mark(he)}:manner")
    assert noted(he, "complained") == [("manner", "态度不好")] and ticket_of(he).state == "closed"


def test_a_low_score_that_nobody_explains_counts_as_not_solved(he: He, number: str) -> None:
    presses(he, f"rate:{mark(he)}:2")
    pass_time(timedelta(days=3))
    assert follows_up() == 1
    ticket = ticket_of(he)
    assert (ticket.state, ticket.reopened, ticket.solved) == ("dispatched", 1, False) and "按没解决算" in he.last().text


def test_not_solved_goes_back_with_the_reason_and_free_words(he: He, number: str) -> None:
    presses(he, f"unsolved:{mark(he)}")
    assert ticket_of(he).state == "dispatched" and "退回区综合行政执法局" in he.last().text and "前答复您" in he.last().text
    assert {b["title"] for b in he.last().buttons} == {"没处理", "处理了又反复", "答非所问", "态度不好", "其他"}
    presses(he, f"why:{mark(he)}:undone")
    assert noted(he, "complained") == [("undone", "没处理")]
    he.does(requests.begin, "来的人看了一眼就走了")
    assert [why for _, why in noted(he, "added")] == ["来的人看了一眼就走了"]


def test_words_that_say_why_are_not_asked_again(he: He, number: str) -> None:
    he.does(ratings.rate, "1分，昨天修的今天又坏了", act="rate")
    assert not he.last().buttons and noted(he, "complained")[0][0] == "came_back"
    assert (ticket_of(he).score, ticket_of(he).solved) == (1, False)


def test_solved_in_words_with_a_low_score_closes(he: He, number: str) -> None:
    he.does(ratings.rate, "解决了但是态度差，1分", act="rate")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.score, ticket.solved) == ("closed", 1, True)


def test_the_second_time_a_person_calls_and_the_citizen_knows_who_and_when(he: He, number: str) -> None:
    presses(he, f"unsolved:{mark(he)}")
    with reading() as session:
        assert session.scalars(select(Handoff)).all() == [], "the first time it is the department's"
    answered(he, number, "重新处理了。")
    assert ticket_of(he).solved is None and ticket_of(he).score is None, "a new answer wants a new verdict"
    presses(he, f"unsolved:{mark(he)}")
    assert ticket_of(he).needs_call
    assert "督办人员打电话给您（139****0010）" in he.last().text and "前会有" in he.last().text
    with reading() as session:
        assert session.scalars(select(Handoff.reason)).all() == ["not_solved"]


def test_without_a_number_somebody_writes_instead(he: He, number: str) -> None:
    with transaction() as session:
        session.get_one(Ticket, ticket_of(he).id).contact_phone = ""
    presses(he, f"unsolved:{mark(he)}")
    answered(he, number, "重新处理了。")
    presses(he, f"unsolved:{mark(he)}")
    assert "没有留电话" in he.last().text and "在这里跟您说" in he.last().text


def test_silence_is_one_reminder_then_closed_as_not_rated(he: He, number: str) -> None:
    before = len(he.heard())
    pass_time(timedelta(days=3))
    assert follows_up() == 1 and follows_up() == 0
    pass_time(timedelta(days=4))
    assert follows_up() == 1
    ticket = ticket_of(he)
    assert (ticket.state, ticket.outcome, ticket.solved, ticket.score) == ("closed", "solved", None, None)
    assert len(he.heard()) == before + 2 and "未评价" in he.last().text and "满意" not in he.last().text
    assert noted(he, "confirmed") == [("confirmed", followups.NOT_ANSWERED)]


def test_a_verdict_after_closing_is_taken_for_fifteen_days(he: He, number: str) -> None:
    pass_time(timedelta(days=3))
    follows_up()
    pass_time(timedelta(days=4))
    follows_up()
    pass_time(timedelta(days=10))
    he.does(ratings.rate, "很满意", act="rate")
    assert (ticket_of(he).state, ticket_of(he).score, ticket_of(he).solved) == ("closed", 5, True)
    presses(he, f"unsolved:{mark(he)}")
    assert ticket_of(he).state == "dispatched"


def test_later_a_new_ticket_that_refers_to_it_is_offered(he: He, number: str) -> None:
    presses(he, f"rate:{mark(he)}:5")
    pass_time(timedelta(days=16))
    presses(he, f"unsolved:{mark(he)}")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.solved) == ("closed", True) and "超过 15 天" in he.last().text
    again = he.last().buttons[0]["id"]
    assert again == f"ticket:manhole-missing:{number}"
    he.does(requests.open_ticket, "再报一次", act="open_ticket", choice=again)
    assert number in he.draft.description and he.draft.place and he.form == "ticket_form"


def test_a_button_of_what_is_in_progress_says_so(he: He, number: str) -> None:
    presses(he, f"unsolved:{mark(he)}")
    presses(he, f"rate:{mark(he)}:5")
    assert ticket_of(he).state == "dispatched" and "还在办" in he.last().text


@pytest.fixture
def neighbour(he: He) -> He:
    """Somebody who reported the same, whose ticket was merged into his; both are answered."""
    first, other = he.files_a_ticket(), He()
    second = other.files_a_ticket()
    with transaction() as session:
        duplicates.merge(session, second, first, ADMIN)
    answered(he, first)
    return other


def test_a_neighbours_praise_is_their_own(he: He, neighbour: He) -> None:
    presses(neighbour, f"rate:{mark(neighbour)}:5")
    assert (ticket_of(neighbour).score, ticket_of(neighbour).solved) == (5, True)
    assert ticket_of(he).state == "answered" and ticket_of(he).solved is None
    told = len(neighbour.heard())
    pass_time(timedelta(days=3))
    assert follows_up() == 1 and len(neighbour.heard()) == told, "who has said it is not asked again"


def test_a_neighbours_not_solved_reopens_for_both(he: He, neighbour: He) -> None:
    presses(he, f"rate:{mark(he)}:5")
    he_heard = len(he.heard())
    neighbour.does(ratings.reopen, "还是没解决", act="reopen")
    assert ticket_of(he).state == "dispatched" and ticket_of(neighbour).solved is False
    assert len(he.heard()) == he_heard + 1 and "一起反映的人说还没解决" in he.last().text
    assert ticket_of(neighbour).number in neighbour.last().text


def test_told_once_that_it_is_late(he: He) -> None:
    number = he.files_a_ticket()
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    pass_time(timedelta(days=1))
    _sweeps()
    late = [m.text for m in he.heard() if "已经晚了" in m.text]
    assert len(late) == 1 and number in late[0] and "负责人" in late[0]
    _sweeps()
    pass_time(timedelta(days=3))
    _sweeps()
    assert sum("已经晚了" in m.text for m in he.heard()) == 1
    with reading() as session:
        assert all(p.told_at for p in session.scalars(select(Supervision).where(Supervision.level == 1,
                                                                                 Supervision.kind == "answer")))


def test_nobody_is_told_that_what_came_is_late(he: He) -> None:
    from bot.services import clocks

    number = he.files_a_ticket()
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    pass_time(timedelta(days=1))
    with transaction() as session:
        clocks.sweep(session, now())
    with transaction() as session:
        assignments.answer(session, number, HANDLER, "刚办好。")
    _sweeps()
    assert not any("已经晚了" in m.text for m in he.heard())


def test_a_co_handlers_lateness_is_not_the_citizens_news(he: He) -> None:
    he.files_a_ticket()
    due = ticket_of(he).due_at - timedelta(minutes=30)
    with transaction() as session:
        session.add(Supervision(ticket_id=ticket_of(he).id, department="public-security", kind="answer", level=1,
                                due_at=due, words="…"))
    with transaction() as session:
        assert followups.tell_late(session, now()) == 1
    with transaction() as session:
        assert followups.tell_late(session, now()) == 0
    assert not any("已经晚了" in m.text for m in he.heard())


def _sweeps() -> None:
    from bot.worker import sweep_clocks

    sweep_clocks()


def test_status_is_honest_about_silence(he: He, number: str) -> None:
    for days in (3, 4):
        pass_time(timedelta(days=days))
        follows_up()
    he.does(my_tickets.status, "我的工单", act="status")
    assert "没有收到您的评价" in "\n".join(he.last().cards[0]["lines"])


def test_why_it_is_not_solved_may_sound_like_the_matter_itself(he: He) -> None:
    """"井盖还是松的" is no second manhole."""
    number = he.files_a_ticket()
    answered(he, number)
    he.does(ratings.rate, "没解决", act="rate", choice=f"unsolved:T{ticket_of(he).id}")
    he.does(requests.begin, "井盖还是松的，一踩就响", item="manhole-missing")
    assert he.form is None and number in he.last().text
    with reading() as session:
        assert len(tickets.of_conversation(session, he.id)) == 1
