"""The rarer moves of a ticket: material, suspension, withdrawal, duplicates, more than one "not solved"."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Role
from bot.errors import BadInput, Conflict, NotAllowed
from bot.services import (
    assignments,
    drafts,
    duplicates,
    extensions,
    followups,
    handoffs,
    my_tickets,
    ratings,
    requests,
    smalltalk,
    ticket_moves,
)
from bot.storage import Assignment, Change, Clock, Handoff, Ticket, engine, now, reading, transaction
from tests.services.conftest import HANDLER, OTHER_HANDLER, He, answered, ticket_of
from tests.support.time_machine import pass_time

DESK = Actor("account:80", "小林", Role.OPERATOR, "", 80)
BOSS = Actor("account:81", "老王", Role.SUPERVISOR, "", 81)


def accepted(he: He) -> str:
    number = he.files_a_ticket()
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    return number


def asked(he: He) -> str:
    """A ticket that waits for the citizen."""
    number = accepted(he)
    with transaction() as session:
        ticket_moves.ask_citizen(session, number, HANDLER, "请发一张井盖的照片")
    return number


def follows_up() -> int:
    with transaction() as session:
        return followups.run(session, now())


def story(he: He) -> list[tuple[str, str]]:
    with reading() as session:
        query = select(Change).where(Change.subject == "ticket", Change.subject_id == str(ticket_of(he).id),
                                     Change.what != "told").order_by(Change.id)
        return [(c.actor, c.what) for c in session.scalars(query)]


def running(he: He) -> set[str]:
    with reading() as session:
        query = select(Clock.kind).where(Clock.subject_id == ticket_of(he).id, Clock.next_at.is_not(None))
        return set(session.scalars(query))


def test_what_a_department_asks_for_joins_the_ticket_and_it_goes_on(he: He) -> None:
    number = asked(he)
    assert "请发一张井盖的照片" in he.last().text and number in he.last().text
    assert running(he) == {"follow_up"}
    pass_time(timedelta(days=1))
    he.does(smalltalk.out_of_scope, "就在小区北门，靠近垃圾房那个", act="out_of_scope")
    assert ticket_of(he).state == "accepted" and number in he.last().text and "接着办" in he.last().text
    assert running(he) == {"answer"} and ("citizen", "added") in story(he)
    assert ticket_of(he).due_at > now(), "the day of waiting was not the department's"


@pytest.mark.parametrize(("words", "item", "joins"), [
    ("井盖在北门，照片发不出来", "manhole-missing", True), ("楼上空调滴水", None, True),
    ("我要换身份证，上周丢了", "id-card-renewal", False),
])
def test_another_matter_is_not_taken_for_what_was_asked(words: str, item: str | None, joins: bool, he: He) -> None:
    asked(he)
    he.does(requests.begin, words, item=item, kind="help")
    assert ticket_of(he).state == ("accepted" if joins else "waiting_for_citizen")


def test_only_the_lead_asks_and_only_in_so_many_words(he: He) -> None:
    number = accepted(he)
    with transaction() as session:
        session.add(Assignment(ticket_id=ticket_of(he).id, department=OTHER_HANDLER.department, role="co"))
    for actor, words, error in ((OTHER_HANDLER, "请补材料", NotAllowed), (HANDLER, " ", BadInput)):
        with pytest.raises(error), transaction() as session:
            ticket_moves.ask_citizen(session, number, actor, words)
    assert ticket_of(he).state == "accepted"


def test_who_sends_nothing_is_reminded_once_and_after_a_week_it_is_closed_honestly(he: He) -> None:
    asked(he)
    pass_time(timedelta(days=3))
    assert follows_up() == 1 and "还在等您回复" in he.last().text and follows_up() == 0
    pass_time(timedelta(days=4))
    assert follows_up() == 1
    ticket = ticket_of(he)
    assert (ticket.state, ticket.outcome) == ("closed", "unreachable") and ticket.closed_at
    he.does(ratings.reopen, "没解决，照片我现在有了", act="reopen")
    assert ticket_of(he).state == "dispatched" and running(he) == {"accept", "answer"}


def test_a_machine_off_over_the_reminder_still_gives_the_citizen_time_to_answer(he: He) -> None:
    answered(he, he.files_a_ticket())
    pass_time(timedelta(days=30))
    assert follows_up() == 1 and follows_up() == 0 and "请打个分" in he.last().text
    assert ticket_of(he).state == "answered"
    pass_time(timedelta(days=4))
    assert follows_up() == 1 and ticket_of(he).state == "closed"


def test_a_suspension_ends_by_itself_and_the_deadline_moves(he: He) -> None:
    number = accepted(he)
    due = ticket_of(he).due_at
    with pytest.raises(NotAllowed), transaction() as session:
        ticket_moves.suspend(session, number, HANDLER, 5, "等停水通知")
    with pytest.raises(BadInput), transaction() as session:
        ticket_moves.suspend(session, number, DESK, 500, "等停水通知")
    with transaction() as session:
        ticket_moves.suspend(session, number, DESK, 5, "等停水通知")
    assert "等停水通知" in he.last().text and running(he) == {"follow_up"}
    pass_time(timedelta(days=4))
    assert follows_up() == 0
    pass_time(timedelta(days=1))
    while follows_up():
        pass
    assert ticket_of(he).state == "accepted" and running(he) == {"answer"}
    assert ticket_of(he).due_at > due - timedelta(days=5) and story(he)[-1] == ("clock", "accepted")


def test_a_citizen_takes_a_ticket_back(he: He) -> None:
    number = accepted(he)
    he.does(drafts.cancel, "那个工单不用处理了，已经修好了", act="cancel")
    assert [b["id"] for b in he.last().buttons] == [f"withdraw:{number}"] and ticket_of(he).state == "accepted"
    he.does(drafts.cancel, f"撤回 {number}", act="cancel", choice=f"withdraw:{number}")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.outcome) == ("withdrawn", "withdrawn") and running(he) == set()
    he.does(drafts.cancel, f"撤回 {number}", act="cancel", choice=f"withdraw:{number}")
    assert "不能撤回" in he.last().text
    he.does(drafts.cancel, "算了", act="cancel")
    assert not he.last().buttons


def test_nobody_takes_back_what_is_anothers_or_answered(he: He) -> None:
    number = he.files_a_ticket()
    other = He()
    other.does(drafts.cancel, "撤回", act="cancel", choice=f"withdraw:{number}")
    assert "不能撤回" in other.last().text and ticket_of(he).state == "dispatched"
    answered(he, number)
    he.does(drafts.cancel, "撤回", act="cancel", choice=f"withdraw:{number}")
    assert ticket_of(he).state == "answered"


def test_the_desk_takes_it_back_for_somebody_on_the_telephone(he: He) -> None:
    number = he.files_a_ticket()
    with pytest.raises(NotAllowed), transaction() as session:
        ticket_moves.withdraw_for(session, number, HANDLER, "来电说不用了")
    with transaction() as session:
        ticket_moves.withdraw_for(session, number, DESK, "来电说不用了")
    assert ticket_of(he).state == "withdrawn" and "已撤回" in he.last().text


def test_two_tickets_on_one_matter_become_one_and_both_citizens_hear_of_it(he: He) -> None:
    first = he.files_a_ticket()
    neighbour = He()
    second = neighbour.files_a_ticket()
    with reading() as session:
        assert [t.number for t in duplicates.similar(session, ticket_of(neighbour))] == [first]
    with pytest.raises(NotAllowed), transaction() as session:
        duplicates.merge(session, second, first, HANDLER)
    with pytest.raises(BadInput), transaction() as session:
        duplicates.merge(session, first, first, DESK)
    with transaction() as session:
        duplicates.merge(session, second, first, DESK)
    merged = ticket_of(neighbour)
    assert (merged.state, merged.outcome, merged.merged_into) == ("merged", "duplicate", ticket_of(he).id)
    assert first in neighbour.last().text and running(neighbour) == set()
    answered(he, first)
    assert "井盖已更换" in he.last().text and "井盖已更换" in neighbour.last().text and second in neighbour.last().text
    for citizen in (he, neighbour):
        own = ticket_of(citizen).id
        assert all(b["id"].split(":")[1] == f"T{own}" for b in citizen.last().buttons), "each rates for themselves"
    assert (DESK.id, "took_over") in story(he)


def test_what_was_merged_moves_on_with_the_ticket_that_is_merged_itself(he: He) -> None:
    first, neighbour, third = he.files_a_ticket(), He(), He()
    second, last = neighbour.files_a_ticket(), third.files_a_ticket()
    with transaction() as session:
        duplicates.merge(session, last, second, DESK)
    with transaction() as session:
        duplicates.merge(session, second, first, DESK)
    assert ticket_of(third).merged_into == ticket_of(neighbour).merged_into == ticket_of(he).id
    with pytest.raises(Conflict), transaction() as session:
        duplicates.merge(session, first, second, DESK)


def test_another_item_or_another_place_is_another_matter(he: He) -> None:
    first = he.files_a_ticket()
    other, far = He(), He()
    second = other.files_a_ticket("路灯坏了三天了，晚上很黑", "streetlight-out")
    far.files_a_ticket("药行街口井盖没了，自行车差点掉下去")
    with transaction() as session:
        session.scalars(select(Ticket).where(Ticket.id == ticket_of(far).id)).one().place = {"text": "药行街88号"}
    with reading() as session:
        assert duplicates.similar(session, ticket_of(he)) == []
    with pytest.raises(BadInput), transaction() as session:
        duplicates.merge(session, second, first, DESK)


def test_a_department_that_gives_it_back_names_another(he: He) -> None:
    number = he.files_a_ticket()
    for wrong in ("ministry-of-silly-walks", HANDLER.department):
        with pytest.raises(BadInput), transaction() as session:
            assignments.send_away(session, number, HANDLER, "不归我们", wrong)
    with transaction() as session:
        assignments.send_away(session, number, HANDLER, "盗窃归公安", "public-security")
    part = ticket_of(he).assignments[0]
    assert (part.proposed, part.note) == ("public-security", "盗窃归公安")
    with reading() as session:
        clock = session.scalars(select(Clock).where(Clock.kind == "answer")).one()
        assert clock.department == "" and clock.next_at is not None, "meanwhile the desk is answerable"
    with transaction() as session:
        assignments.dispatch(session, number, DESK, "public-security", "盗窃归公安")
    with reading() as session:
        query = select(Clock.kind, Clock.department).where(Clock.next_at.is_not(None)).order_by(Clock.kind)
        assert [tuple(row) for row in session.execute(query)] == [
            ("accept", "public-security"), ("answer", "public-security")]


def test_what_no_department_can_take_is_closed_with_whose_it_is(he: He) -> None:
    number = he.files_a_ticket()
    with pytest.raises(Conflict), transaction() as session:
        ticket_moves.close_out_of_remit(session, number, DESK, "属于高速公路管理中心，电话 12122")
    with transaction() as session:
        assignments.send_away(session, number, HANDLER, "高速公路不归我们")
    with transaction() as session:
        ticket_moves.close_out_of_remit(session, number, DESK, "属于高速公路管理中心，电话 12122")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.outcome) == ("closed", "out_of_remit") and "12122" in he.last().text
    assert running(he) == set()


def test_not_solved_twice_a_supervisor_calls(he: He) -> None:
    number = he.files_a_ticket()
    answered(he, number)
    he.does(ratings.reopen, "又塌了", act="reopen")
    assert not ticket_of(he).needs_call
    answered(he, number, "重新处理了。")
    he.does(ratings.reopen, "还是没修好", act="reopen")
    assert ticket_of(he).needs_call and ("bot", "call_needed") in story(he)
    with reading() as session:
        assert session.scalars(select(Handoff.reason)).all() == ["not_solved"]
    with pytest.raises(NotAllowed), transaction() as session:
        ticket_moves.called(session, number, DESK, "打过了")
    with transaction() as session:
        ticket_moves.called(session, number, BOSS, "市民说井盖型号不对，已告诉城管")
    assert not ticket_of(he).needs_call and story(he)[-1] == (BOSS.id, "called")
    with pytest.raises(Conflict), transaction() as session:
        ticket_moves.called(session, number, BOSS, "又打一次")


def test_more_time_is_asked_for_before_the_deadline_once_and_by_the_lead(he: He) -> None:
    number = he.files_a_ticket()
    with pytest.raises(Conflict), transaction() as session:
        extensions.ask(session, number, HANDLER, 2, "要等配件")  # not accepted yet
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    with transaction() as session:
        wish = extensions.ask(session, number, HANDLER, 2, "要等配件")
    with pytest.raises(Conflict), transaction() as session:
        extensions.ask(session, number, HANDLER, 3, "再多几天")
    with pytest.raises(NotAllowed), transaction() as session:
        extensions.decide(session, wish.id, HANDLER, True)
    due = ticket_of(he).due_at
    with transaction() as session:
        extensions.decide(session, wish.id, DESK, False, "配件有库存")
    assert ticket_of(he).due_at == due
    with transaction() as session:
        wish = extensions.ask(session, number, HANDLER, 1, "配件发错了")
    with transaction() as session:
        extensions.decide(session, wish.id, DESK, True)
        assert extensions.counts(session) == {HANDLER.department: 1}
    assert ticket_of(he).due_at == due + timedelta(days=1) and "需要多一点时间" in he.last().text
    pass_time(timedelta(days=3))
    with pytest.raises(Conflict), transaction() as session:
        extensions.ask(session, number, HANDLER, 2, "来不及了")


def test_a_mistyped_number_is_told_from_somebody_elses(he: He) -> None:
    number = He().files_a_ticket()
    he.does(my_tickets.status, f"查一下{number}", act="status")
    assert "没有在您的记录里" in he.last().text
    wrong = f"{number[:-2]}{(int(number[-2]) + 1) % 10}{number[-1]}"
    he.does(my_tickets.status, f"查一下{wrong}", act="status")
    assert "打错" in he.last().text
    he.does(my_tickets.status, "HS202611010003 办得怎么样了", act="status")
    assert "没有在您的记录里" in he.last().text, "a number from before there were check digits"


def test_ones_own_number_is_read_however_it_is_typed(he: He) -> None:
    number = he.files_a_ticket()
    he.files_a_ticket("路灯坏了三天了，晚上很黑", "streetlight-out")
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number.lower())
    he.does(my_tickets.status, f"{wide}怎么样了", act="status")
    assert [c["title"].split()[0] for c in he.last().cards] == [number]
    assert f"drop:{number}" in {b["id"] for b in he.last().buttons}


def test_a_wait_for_a_person_is_over_before_a_ticket_is_taken_back(he: He) -> None:
    """算了 while waiting for a human ends the wait, whatever tickets there are."""
    he.files_a_ticket()
    he.does(smalltalk.human, "转人工", act="human")
    he.does(drafts.cancel, "算了，不等了", act="cancel")
    with reading() as session:
        assert handoffs.waiting(session, he.id) is None
    assert ticket_of(he).state == "dispatched"


def test_rating_stops_the_follow_up(he: He) -> None:
    answered(he, he.files_a_ticket())
    assert running(he) == {"follow_up"}
    he.does(ratings.rate, "5", act="rate")
    assert ticket_of(he).state == "closed" and running(he) == set()


def test_who_takes_it_back_while_it_is_answered_meets_the_answer(he: He, deployment: str) -> None:
    """On SQLite one waits for the other from the beginning; on PostgreSQL both have read the ticket."""
    number = accepted(he)
    if deployment == "sqlite":
        return
    with Session(engine()) as late, late.begin():
        ticket = late.scalars(select(Ticket).where(Ticket.number == number)).one()
        assert ticket.state == "accepted"
        with transaction() as session:
            assignments.answer(session, number, HANDLER, "井盖已更换。")
        with pytest.raises(Conflict):
            ticket_moves.withdraw(late, ticket, "citizen")
    assert ticket_of(he).state == "answered"
