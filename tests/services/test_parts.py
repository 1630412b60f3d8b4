"""Who does what on a ticket: units of the place, co-handlers beside and after each other, returns refused, reassigning."""

import pytest
from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.services import (
    additions,
    assignments,
    clocks,
    confidence,
    part_moves,
    ratings,
    returns,
    supervision_papers,
    territories,
    ticket_moves,
    ticket_search,
)
from bot.services.ticket_search import Filter
from bot.storage import (
    Assignment,
    Change,
    Clock,
    Message,
    Supervision,
    Territory,
    Ticket,
    Webhook,
    WebhookDelivery,
    now,
    reading,
    transaction,
)
from tests.services.conftest import HANDLER, OTHER_HANDLER, He, ticket_of

DESK = Actor("account:80", "小林", Role.OPERATOR, "", 80)
HOUSING = Actor("account:92", "住建小吴", Role.HANDLER, "housing-construction", 92)


def part(department: str) -> Assignment:
    with reading() as session:
        return session.scalars(select(Assignment).where(Assignment.department == department)).one()


def running(department: str) -> set[tuple[str, str]]:
    """(subject, kind) of its clocks that run."""
    with reading() as session:
        rows = session.scalars(select(Clock).where(Clock.department == department, Clock.stopped_at.is_(None),
                                                   Clock.paused_at.is_(None)))
        return {(c.subject, c.kind) for c in rows}


def does(service, *args: object, **more: object) -> object:  # type: ignore[no-untyped-def]
    with transaction() as session:
        return service(session, *args, **more)


def stories(what: str) -> int:
    with reading() as session:
        return len(session.scalars(select(Change).where(Change.what == what)).all())


@pytest.fixture
def taken(he: He) -> str:
    """A ticket that the lead, urban management, has accepted."""
    number = he.files_a_ticket()
    does(assignments.accept, number, HANDLER)
    return number


def test_the_unit_of_the_place(he: He) -> None:
    number = he.files_a_ticket()
    ticket, own = ticket_of(he), part("urban-management").unit
    assert (ticket.street, own) == ("haishu-ximen", "haishu-ximen-squad")
    ours = Actor("account:93", "中队小郑", Role.HANDLER, "urban-management", 93, own)
    theirs = Actor("account:94", "中队小冯", Role.HANDLER, "urban-management", 94, "squad-elsewhere")
    with reading() as session:
        assert assignments.find(session, number, ours).number == number
        assert [t.number for t in assignments.inbox(session, ours)] == [number]
        assert [t.number for t in ticket_search.find(session, ours, Filter()).tickets] == [number]
        assert assignments.inbox(session, theirs) == [] == ticket_search.find(session, theirs, Filter()).tickets
        with pytest.raises(NotFound):
            assignments.find(session, number, theirs)


def test_beside_each_other(taken: str) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "要派出所到场")
    does(part_moves.add_part, taken, HANDLER, "housing-construction", "要查图纸")
    assert {part(d).state for d in ("public-security", "housing-construction")} == {"dispatched"}
    assert running("public-security") == {("assignment", "accept"), ("assignment", "answer")}
    with pytest.raises(Conflict):
        does(part_moves.add_part, taken, DESK, "public-security", "再来一次")
    with pytest.raises(BadInput):
        does(part_moves.add_part, taken, DESK, "nobody", "要人")
    with pytest.raises(NotAllowed):
        does(part_moves.add_part, taken, OTHER_HANDLER, "transport", "协办的不能再派")


def test_one_after_the_other(taken: str) -> None:
    does(part_moves.add_part, taken, HANDLER, "public-security", "先到现场")
    does(part_moves.add_part, taken, HANDLER, "housing-construction", "再修", after=True)
    assert part("housing-construction").state == "queued" and running("housing-construction") == set()
    with pytest.raises(Conflict):
        does(assignments.answer, taken, HOUSING, "还没轮到，先答了。")
    does(assignments.answer, taken, OTHER_HANDLER, "现场已看过。")
    assert part("housing-construction").state == "dispatched" and running("public-security") == set()
    assert running("housing-construction") == {("assignment", "accept"), ("assignment", "answer")}
    with pytest.raises(Conflict):
        does(assignments.answer, taken, HANDLER, "修好了。")
    does(assignments.answer, taken, HOUSING, "已修复。")
    does(assignments.answer, taken, HANDLER, "修好了。")
    assert stories("answered_without") == 0


def test_the_lead_may_answer_without_them_and_that_is_written_down(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "到场")
    does(assignments.answer, taken, HANDLER, "修好了。", without=True)
    assert ticket_of(he).state == "answered" and stories("answered_without") == 1
    assert running("public-security") == set(), "nobody owes a part of what is answered"


def test_one_is_dropped_and_the_next_begins(taken: str) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "先去看看")
    does(part_moves.add_part, taken, DESK, "housing-construction", "随后再修", after=True)
    does(part_moves.drop_part, taken, HANDLER, "public-security", "不用了")
    assert part("public-security").role == "past" and running("public-security") == set()
    assert part("housing-construction").state == "dispatched"
    with reading() as session, pytest.raises(NotFound):
        assignments.find(session, taken, OTHER_HANDLER)
    does(part_moves.add_part, taken, DESK, "public-security", "还是要来")
    assert part("public-security").state == "dispatched"


def test_the_clock_of_a_co_handler_climbs_against_it_and_rests_with_the_ticket(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "到场")
    with reading() as session:
        own = session.scalars(select(Clock).where(Clock.subject == "assignment", Clock.kind == "answer")).one()
        lead = session.scalars(select(Clock).where(Clock.subject == "ticket", Clock.kind == "answer")).one()
    assert own.limit_seconds == lead.limit_seconds * 3 // 4
    with transaction() as session:
        for clock in session.scalars(select(Clock).where(Clock.subject == "assignment")):
            clock.warn_at = clock.due_at = clock.next_at = now()
    does(clocks.sweep, now())
    with reading() as session:
        papers = session.scalars(select(Supervision)).all()
        assert {(p.department, p.kind, p.level) for p in papers} == {
            ("public-security", kind, level) for kind in ("accept", "answer") for level in (0, 1)}
    does(clocks.pause, ticket_of(he))
    assert ("assignment", "answer") not in running("public-security")


def test_a_return_is_refused_and_counted(taken: str, he: He) -> None:
    due = ticket_of(he).due_at
    does(assignments.send_away, taken, HANDLER, "不归我们", "transport")
    with pytest.raises(NotAllowed):
        does(part_moves.refuse_return, taken, HANDLER, "我说了算")
    with pytest.raises(BadInput):
        does(part_moves.refuse_return, taken, DESK, " ")
    does(part_moves.refuse_return, taken, DESK, "权责清单写明由你局负责")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.lead, ticket.due_at) == ("dispatched", "urban-management", due)
    assert part("urban-management").note == "权责清单写明由你局负责"
    with reading() as session:
        counted = returns.counts(session)
        assert counted == {"urban-management": returns.Returns(refused=1)} and counted["urban-management"].asked == 1
    with pytest.raises(Conflict):
        does(part_moves.refuse_return, taken, DESK, "再说一次")


def test_a_co_handler_s_return_is_refused_without_stopping_the_ticket(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "到场")
    does(assignments.send_away, taken, OTHER_HANDLER, "不归我们")
    assert running("public-security") == set() and ticket_of(he).state == "accepted"
    does(part_moves.refuse_return, taken, DESK, "请到场", department="public-security")
    assert part("public-security").state == "dispatched" and running("public-security")


def test_another_lead_without_a_return(taken: str, he: He) -> None:
    due = ticket_of(he).due_at
    with pytest.raises(NotAllowed):
        does(part_moves.reassign, taken, HANDLER, "transport", "给他们")
    does(part_moves.reassign, taken, DESK, "housing-construction", "路段已移交")
    ticket = ticket_of(he)
    assert (ticket.state, ticket.lead, ticket.due_at) == ("dispatched", "housing-construction", due)
    assert running("housing-construction") == {("ticket", "accept"), ("ticket", "answer")}
    assert running("urban-management") == set()
    with reading() as session:
        assert [a.role for a in ticket.assignments].count("lead") == 1
        told = session.scalars(select(Message.text).where(Message.conversation_id == he.id)).all()
    assert any("住房和城乡建设局" in words for words in told)
    with pytest.raises(Conflict):
        does(part_moves.reassign, taken, DESK, "housing-construction", "又一次")
    does(assignments.accept, taken, HOUSING)


def test_secret_by_the_desk(taken: str, he: He) -> None:
    with pytest.raises(NotAllowed):
        does(part_moves.keep_secret, taken, HANDLER, False)
    for _ in range(2):
        does(part_moves.keep_secret, taken, DESK, True)
    assert ticket_of(he).confidential and stories("confidential") == 1
    with reading() as session:
        assert session.scalars(select(Ticket.confidential)).one()


def test_a_return_is_approved_and_counted_against_nobody(taken: str, he: He) -> None:
    does(assignments.send_away, taken, HANDLER, "不归我们", "transport")
    with reading() as session:
        assert returns.counts(session) == {"urban-management": returns.Returns(open=1)}
    with pytest.raises(NotAllowed):
        does(returns.approve, taken, HANDLER, "同意自己")
    does(returns.approve, taken, DESK, "道路归交通")
    assert ticket_of(he).lead == "transport"
    with reading() as session:
        assert returns.counts(session) == {"urban-management": returns.Returns(approved=1)}
    with pytest.raises(BadInput):
        does(returns.approve, taken, DESK, "没有建议的单位")


def test_dispatched_back_to_who_gave_it_back_is_a_refusal(taken: str) -> None:
    does(assignments.send_away, taken, HANDLER, "不归我们")
    does(assignments.dispatch, taken, DESK, "urban-management", "就是你们的")
    with reading() as session:
        assert returns.counts(session) == {"urban-management": returns.Returns(refused=1)}


def test_the_lead_decides_on_a_co_handler_s_return(taken: str) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "到场")
    does(assignments.send_away, taken, OTHER_HANDLER, "不归我们")
    with pytest.raises(NotAllowed):
        does(part_moves.refuse_return, taken, OTHER_HANDLER, "我收回", department="public-security")
    does(part_moves.refuse_return, taken, HANDLER, "请到场", department="public-security")
    does(assignments.send_away, taken, OTHER_HANDLER, "真的不归我们")
    does(part_moves.drop_part, taken, HANDLER, "public-security", "好吧")
    with reading() as session:
        assert returns.counts(session) == {"public-security": returns.Returns(approved=1, refused=1)}


def test_the_order_of_those_who_have_not_begun(taken: str) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "先去看看")
    does(part_moves.add_part, taken, DESK, "housing-construction", "随后再修", after=True)
    does(part_moves.set_order, taken, HANDLER, "public-security", True)
    assert (part("public-security").state, part("housing-construction").state) == ("queued", "dispatched")
    assert running("public-security") == set() and running("housing-construction")
    does(part_moves.set_order, taken, DESK, "public-security", False)
    assert part("public-security").state == "dispatched" == part("housing-construction").state
    assert running("public-security") == {("assignment", "accept"), ("assignment", "answer")}
    does(assignments.accept, taken, OTHER_HANDLER)
    with pytest.raises(Conflict):
        does(part_moves.set_order, taken, DESK, "public-security", True)
    with pytest.raises(NotAllowed):
        does(part_moves.set_order, taken, OTHER_HANDLER, "housing-construction", True)


def test_who_waited_for_a_co_handler_that_leads_now_waits_no_more(taken: str) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "先去看看")
    does(part_moves.add_part, taken, DESK, "housing-construction", "随后再修", after=True)
    does(part_moves.reassign, taken, DESK, "public-security", "是治安的事")
    assert (part("public-security").role, part("housing-construction").state) == ("lead", "dispatched")
    assert running("housing-construction") == {("assignment", "accept"), ("assignment", "answer")}


def test_reopened_they_begin_anew_one_after_the_other(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "先去看看")
    does(part_moves.add_part, taken, DESK, "housing-construction", "随后再修", after=True)
    does(assignments.answer, taken, OTHER_HANDLER, "看过了。")
    does(assignments.answer, taken, HANDLER, "修好了。", without=True)
    he.does(ratings.reopen, "又坏了", act="reopen")
    assert (part("public-security").state, part("housing-construction").state) == ("dispatched", "queued")
    assert part("public-security").answered_at is None
    assert running("public-security") == {("assignment", "accept"), ("assignment", "answer")}
    assert running("housing-construction") == set()
    does(assignments.answer, taken, OTHER_HANDLER, "又看过了。")
    assert part("housing-construction").state == "dispatched"


def test_nothing_of_a_co_handler_moves_once_it_is_answered(taken: str) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "先去看看")
    does(part_moves.add_part, taken, DESK, "housing-construction", "随后再修", after=True)
    does(assignments.answer, taken, HANDLER, "修好了。", without=True)
    for move in (part_moves.drop_part, part_moves.set_order):
        with pytest.raises(Conflict):
            does(move, taken, DESK, "public-security", "太晚了")
    assert running("housing-construction") == set()


def test_while_the_lead_s_return_waits_co_handlers_go_on(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "到场")
    does(assignments.send_away, taken, HANDLER, "不归我们")
    does(assignments.answer, taken, OTHER_HANDLER, "看过了。")
    assert ticket_of(he).state == "returned" and part("public-security").state == "answered"


def test_whose_turn_comes_while_the_ticket_rests_has_its_clock_resting_too(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "先去看看")
    does(part_moves.add_part, taken, DESK, "housing-construction", "随后再修", after=True)
    does(ticket_moves.ask_citizen, taken, HANDLER, "请发照片")
    does(assignments.answer, taken, OTHER_HANDLER, "看过了。")
    assert part("housing-construction").state == "dispatched"
    assert running("housing-construction") == {("assignment", "accept")}
    does(ticket_moves.resume, taken, HANDLER)
    assert running("housing-construction") == {("assignment", "accept"), ("assignment", "answer")}


def test_another_lead_is_announced_to_other_systems(taken: str) -> None:
    with transaction() as session:
        session.add(Webhook(url="https://example.org/hook", secret="whsec_x", events=[], created_by="account:1"))
    does(part_moves.reassign, taken, DESK, "housing-construction", "路段已移交")
    with reading() as session:
        sent = session.scalars(select(WebhookDelivery)).one()
    assert sent.body["data"]["department"] == "housing-construction" and sent.body["data"]["before"] == "accepted"


def test_the_citizen_is_told_department_and_unit(taken: str, he: He) -> None:
    told = [m.text for m in he.heard()]
    assert any(taken in words and "（西门街道综合行政执法中队）" in words for words in told)
    assert "（西门街道综合行政执法中队）已经受理" in told[-1]


def test_the_place_is_shown_later_and_unit_and_grid_follow(he: He) -> None:
    number = he.files_a_ticket()
    does(assignments.accept, number, HANDLER)
    assert ticket_of(he).grid == "", "the middle of a community is no grid"
    does(ticket_moves.ask_citizen, number, HANDLER, "请发位置")
    with reading() as session:
        grid = session.get_one(Territory, "haishu-nanmen-01-g1")
    place = territories.from_location(grid.lat + 0.0001, grid.lon).as_dict()
    he.does(additions.take, "位置", act="inform", place=place)
    ticket = ticket_of(he)
    assert (ticket.street, ticket.community, ticket.grid) == ("haishu-nanmen", "haishu-nanmen-01", grid.code)
    assert part("urban-management").unit == "haishu-nanmen-squad" and ticket.state == "accepted"
    assert "恒春街" in ticket.place["text"]


def test_one_unit_s_papers_are_not_another_s(taken: str) -> None:
    does(supervision_papers.write, taken, Actor("account:81", "老赵", Role.SUPERVISOR), "请抓紧办", 2)
    units = {code: Actor("account:93", "小郑", Role.HANDLER, "urban-management", 93, code)
             for code in ("haishu-ximen-squad", "haishu-nanmen-squad")}
    with reading() as session:
        seen = {code: len(supervision_papers.unread(session, actor)) for code, actor in units.items()}
    assert seen == {"haishu-ximen-squad": 1, "haishu-nanmen-squad": 0}


def test_words_of_a_confidential_ticket_do_not_tell_whose_they_are(he: He) -> None:
    number = he.files_a_ticket("我叫陈秀英，电话13900000010，恒春街路口井盖少了半拉，87654321也打过")
    does(part_moves.keep_secret, number, DESK, True)
    ticket = ticket_of(he)
    read = confidence.readable(ticket, ticket.description, HANDLER)
    assert "陈秀英" not in read and "13900000010" not in read and "恒春街路口井盖少了半拉" in read
    assert confidence.readable(ticket, ticket.description, DESK) == ticket.description
