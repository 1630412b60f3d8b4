"""Who does what on a ticket: units of the place, co-handlers beside and after each other, returns refused, reassigning."""

import pytest
from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.services import assignments, clocks, part_moves, ticket_search
from bot.services.ticket_search import Filter
from bot.storage import Assignment, Change, Clock, Message, Supervision, Ticket, now, reading, transaction
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
        assert part_moves.return_counts(session) == {"urban-management": 1}
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
