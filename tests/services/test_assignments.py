"""The departments' side: who sees what, accepts, answers, gives back, and who gets it then."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.app import create_app
from bot.domain.access import Actor, Role
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.services import accounts, assignments, followups, ratings
from bot.storage import Assignment, Change, Ticket, now, reading, transaction
from tests.services.conftest import HANDLER, OTHER_HANDLER, He, answered, ticket_of, touched
from tests.support.time_machine import pass_time

ADMIN = Actor("account:1", "管理员", Role.ADMIN)
OPERATOR = Actor("account:80", "小林", Role.OPERATOR)


def accepts(number: str, actor: Actor = HANDLER) -> None:
    with transaction() as session:
        assignments.accept(session, number, actor)


def answers(number: str, actor: Actor = HANDLER, words: str = "已经处理好了") -> None:
    with transaction() as session:
        assignments.answer(session, number, actor, words)


def gives_back(number: str, actor: Actor = HANDLER, why: str = "属于高架管理处") -> None:
    with transaction() as session:
        assignments.send_away(session, number, actor, why)


def dispatches(number: str, department: str, actor: Actor = OPERATOR, why: str = "盗窃归公安") -> None:
    with transaction() as session:
        assignments.dispatch(session, number, actor, department, why)


def co_handled(he: He) -> str:
    """A ticket of 小陈 with 小赵 as co-handler."""
    number = he.files_a_ticket()
    with transaction() as session:
        session.add(Assignment(ticket_id=ticket_of(he).id, department=OTHER_HANDLER.department, role="co"))
    return number


def parts(he: He) -> dict[str, tuple[str, str]]:
    return {a.department: (a.role, a.state) for a in ticket_of(he).assignments}


def follows_up() -> int:
    with transaction() as session:
        return followups.run(session, now())


def history(he: He) -> list[tuple[str, str, str]]:
    with reading() as session:
        rows = session.scalars(select(Change).where(Change.subject == "ticket", Change.what != "told").order_by(Change.id))
        return [(c.actor, c.what, c.why) for c in rows if c.subject_id == str(ticket_of(he).id)]


def test_a_department_sees_its_own_and_nobody_elses(he: He) -> None:
    number = he.files_a_ticket()
    with reading() as session:
        assert [t.number for t in assignments.inbox(session, HANDLER)] == [number]
        assert assignments.inbox(session, OTHER_HANDLER) == []
        assert assignments.find(session, number, ADMIN).number == number
        with pytest.raises(NotFound):
            assignments.find(session, number, OTHER_HANDLER)
    with pytest.raises(NotFound):
        accepts(number, OTHER_HANDLER)


def test_an_answer_needs_words_and_an_accepted_ticket(he: He) -> None:
    number = he.files_a_ticket()
    with pytest.raises(Conflict):
        answers(number, words="好了好了")
    accepts(number)
    with pytest.raises(BadInput):
        answers(number, words=" ")
    assert ticket_of(he).state == "accepted"


def test_accepting_twice_or_too_late_is_refused(he: He) -> None:
    number = he.files_a_ticket()
    accepts(number)
    with pytest.raises(Conflict):
        accepts(number)
    answers(number)
    for late in (accepts, gives_back, answers):
        with pytest.raises(Conflict):
            late(number)
    he.does(ratings.rate, "5", act="rate")
    for late in (accepts, gives_back, answers):
        with pytest.raises(Conflict):
            late(number)
    assert ticket_of(he).state == "closed" and parts(he)[HANDLER.department] == ("lead", "answered")


def test_of_two_colleagues_who_accept_at_once_one_does(he: He) -> None:
    number = he.files_a_ticket()

    def one_accepts(_: int) -> bool:
        try:
            accepts(number)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as colleagues:
        assert sum(colleagues.map(one_accepts, range(4))) == 1
    assert [what for _, what, _ in history(he)].count("accepted") == 1


def test_a_co_handler_answers_the_lead_once_and_while_it_is_in_hand(he: He) -> None:
    number = co_handled(he)
    with touched() as topics:
        answers(number, OTHER_HANDLER, "没有立案")
    assert "tickets" in topics and "没有立案" not in he.last().text
    assert [h[1:] for h in history(he)][-2:] == [("co_accepted", ""), ("co_answered", "没有立案")]
    assert ticket_of(he).state == "dispatched"
    for again in (accepts, gives_back, answers):
        with pytest.raises(Conflict):
            again(number, OTHER_HANDLER)


def test_a_co_handler_has_nothing_to_do_with_what_is_answered(he: He) -> None:
    number = co_handled(he)
    answered(he, number)
    for late in (accepts, gives_back, answers):
        with pytest.raises(Conflict):
            late(number, OTHER_HANDLER)
    assert parts(he)[OTHER_HANDLER.department] == ("co", "dispatched")


def test_a_co_handler_gives_its_part_back_and_the_ticket_goes_on(he: He) -> None:
    number = co_handled(he)
    accepts(number, OTHER_HANDLER)
    gives_back(number, OTHER_HANDLER, "没有案情")
    assert ticket_of(he).state == "dispatched" and parts(he)[OTHER_HANDLER.department] == ("co", "returned")
    assert history(he)[-1] == (OTHER_HANDLER.id, "co_returned", "没有案情")


def test_reopening_gives_it_back_to_all_who_had_answered(he: He) -> None:
    number = co_handled(he)
    answers(number, OTHER_HANDLER)
    answered(he, number)
    he.does(ratings.reopen, "又坏了", act="reopen")
    assert set(parts(he).values()) == {("lead", "dispatched"), ("co", "dispatched")}
    answered(he, number, "重新处理好了。")
    assert ticket_of(he).state == "answered"


def test_sent_away_with_a_reason(he: He) -> None:
    number = he.files_a_ticket()
    with pytest.raises(BadInput):
        gives_back(number, why="")
    gives_back(number)
    assert ticket_of(he).state == "returned" and parts(he)[HANDLER.department] == ("lead", "returned")


def test_a_returned_ticket_goes_to_another_department(he: He) -> None:
    number = he.files_a_ticket()
    due = ticket_of(he).due_at
    gives_back(number)
    dispatches(number, OTHER_HANDLER.department)
    ticket = ticket_of(he)
    assert (ticket.state, ticket.due_at) == ("dispatched", due)
    assert parts(he) == {HANDLER.department: ("past", "returned"), OTHER_HANDLER.department: ("lead", "dispatched")}
    assert next(a.note for a in ticket.assignments if a.role == "past") == "属于高架管理处"
    assert number in he.last().text and "公安" in he.last().text
    assert history(he)[-1] == (OPERATOR.id, "dispatched", "public-security 盗窃归公安")
    accepts(number, OTHER_HANDLER)
    answers(number, OTHER_HANDLER)
    assert ticket_of(he).state == "answered"


def test_who_gave_it_back_sees_it_until_another_has_it(he: He) -> None:
    number = he.files_a_ticket()
    gives_back(number)
    with reading() as session:
        assert assignments.find(session, number, HANDLER).number == number
    dispatches(number, OTHER_HANDLER.department)
    with reading() as session:
        assert assignments.inbox(session, HANDLER) == []
        with pytest.raises(NotFound):
            assignments.find(session, number, HANDLER)
    with pytest.raises(NotFound):
        accepts(number)


@pytest.mark.parametrize("did", ["nothing", "accepted", "answered", "returned"])
def test_a_co_handler_can_be_made_the_lead(did: str, he: He) -> None:
    number = co_handled(he)
    if did == "accepted":
        accepts(number, OTHER_HANDLER)
    elif did == "answered":
        answers(number, OTHER_HANDLER)
    elif did == "returned":
        gives_back(number, OTHER_HANDLER)
    gives_back(number)
    dispatches(number, OTHER_HANDLER.department)
    assert parts(he) == {HANDLER.department: ("past", "returned"), OTHER_HANDLER.department: ("lead", "dispatched")}
    accepts(number, OTHER_HANDLER)
    assert ticket_of(he).state == "accepted"


def test_there_and_back_again_keeps_one_lead(he: He) -> None:
    number = he.files_a_ticket()
    for department, actor in (("public-security", OTHER_HANDLER), ("urban-management", HANDLER)) * 2:
        gives_back(number, HANDLER if actor is OTHER_HANDLER else OTHER_HANDLER)
        dispatches(number, department)
    assert parts(he) == {HANDLER.department: ("lead", "dispatched"), OTHER_HANDLER.department: ("past", "returned")}
    gives_back(number)
    dispatches(number, HANDLER.department, why="就是城管的")
    accepts(number)
    assert ticket_of(he).state == "accepted"


def test_only_the_desk_dispatches_and_only_what_is_returned(he: He) -> None:
    number = he.files_a_ticket()
    with pytest.raises(Conflict):
        dispatches(number, OTHER_HANDLER.department)
    gives_back(number)
    with pytest.raises(NotAllowed):
        dispatches(number, OTHER_HANDLER.department, HANDLER)
    with pytest.raises(BadInput):
        dispatches(number, "ministry-of-silly-walks")
    with pytest.raises(BadInput):
        dispatches(number, OTHER_HANDLER.department, why=" ")
    with pytest.raises(NotFound):
        dispatches("HS000000000000", OTHER_HANDLER.department)
    dispatches(number, OTHER_HANDLER.department, Actor("account:81", "老赵", Role.SUPERVISOR))
    with pytest.raises(Conflict):
        dispatches(number, HANDLER.department, ADMIN)


def test_the_inbox_has_to_do_by_due_date_and_the_rest_newest_first(he: He) -> None:
    states = ("dispatched", "returned", "answered", "answered", "closed", "closed")
    numbers = [He().files_a_ticket() for _ in states]
    with transaction() as session:
        for n, (number, state) in enumerate(zip(numbers, states, strict=True)):
            ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            ticket.state, ticket.due_at = state, now() + timedelta(hours=9 - n)
            ticket.answered_at = now() + timedelta(hours=n) if n >= 2 else None
            ticket.closed_at = now() + timedelta(hours=n) if n >= 4 else None

    def listed(state: str, limit: int = 200) -> list[int]:
        with reading() as session:
            return [numbers.index(t.number) for t in assignments.inbox(session, HANDLER, state, limit)]

    assert listed("open") == [1, 0] and listed("returned") == [1] and listed("dispatched") == [0]
    assert listed("answered") == [3, 2] and listed("closed") == [5, 4] and listed("accepted") == []
    assert listed("") == [1, 0, 5, 4, 3, 2] and listed("", 3) == [1, 0, 5]
    with reading() as session, pytest.raises(BadInput):
        assignments.inbox(session, HANDLER, "lost")


async def test_a_program_dispatches_a_returned_ticket(he: He) -> None:
    number = he.files_a_ticket()
    gives_back(number)
    with transaction() as session:
        tokens = {role: accounts.create_token(session, role, role, department)
                  for role, department in (("operator", ""), ("handler", HANDLER.department))}
    body = {"department": OTHER_HANDLER.department, "why": "盗窃归公安"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app()), base_url="http://hotline") as client:
        async def dispatch(role: str) -> httpx.Response:
            return await client.post(f"/api/v1/tickets/{number}/dispatch", json=body,
                                     headers={"Authorization": f"Bearer {tokens[role]}"})

        assert (await dispatch("handler")).status_code == 403
        done = await dispatch("operator")
        assert done.status_code == 200 and done.json()["state"] == "dispatched"
        assert {d["department"]: d["role"] for d in done.json()["departments"]} == {
            HANDLER.department: "past", OTHER_HANDLER.department: "lead"}
        assert (await dispatch("operator")).status_code == 409


def test_an_answer_nobody_rates_is_asked_about_once_more_and_closed_after_a_week(he: He) -> None:
    answered(he, he.files_a_ticket())
    pass_time(timedelta(days=3))
    assert follows_up() == 1 and "请打个分" in he.last().text and ticket_of(he).state == "answered"
    assert follows_up() == 0
    pass_time(timedelta(days=4))
    assert follows_up() == 1 and ticket_of(he).state == "closed" and ticket_of(he).score is None
    assert history(he)[-2:] == [("clock", "confirmed", "follow-up expired"), ("clock", "closed", "")]
