"""Finding tickets: by number, words and what they are; page by page; each sees only what is theirs."""

import pytest
from sqlalchemy import select, update

from bot.domain.access import Actor, Role
from bot.errors import BadInput
from bot.services import assignments, part_moves, privacy, ticket_boxes, ticket_search
from bot.services.ticket_search import Filter
from bot.storage import Assignment, Change, Ticket, TicketMark, now, reading, transaction
from tests.services.conftest import HANDLER, OTHER_HANDLER, He, answered

DESK = Actor("account:80", "小林", Role.OPERATOR, "", 80)


def found(actor: Actor = DESK, **wanted) -> list[str]:  # type: ignore[no-untyped-def]
    with reading() as session:
        return [t.number for t in ticket_search.find(session, actor, Filter(**wanted)).tickets]


@pytest.fixture
def two(he: He) -> tuple[str, str]:
    """A manhole and a street lamp."""
    manhole = he.files_a_ticket("恒春街路口井盖少了半拉，快十天了")
    return manhole, he.files_a_ticket("翠柏路LED路灯不亮，老人摔了一跤", "streetlight-out")


@pytest.mark.parametrize("words", ["井盖", "盖少了", "少", "井 少", "恒春街 井盖 少", "井盖缺失破损", "manhole-missing", "路口 井盖"])
def test_words_of_any_length_find_what_was_said_the_place_and_the_item(two: tuple[str, str], words: str) -> None:
    assert found(words=words) == [two[0]]


@pytest.mark.parametrize("words", ["led", "LE", "ＬＥＤ路灯"])
def test_letters_in_any_form(two: tuple[str, str], words: str) -> None:
    assert found(words=words) == [two[1]]


@pytest.mark.parametrize("words", ["飞碟", "井灯", "井盖 路灯", "井盖 灯", "！？", "'; DROP TABLE ticket; --", "' & :* | !"])
def test_what_nobody_said_finds_nothing(two: tuple[str, str], words: str) -> None:
    assert found(words=words) == []


def test_a_number_whole_its_end_as_it_is_read_out_and_its_day(two: tuple[str, str]) -> None:
    number = two[0]
    assert found(words=number) == [number] == found(words=number.lower()) == found(words=number[-5:])
    assert set(found(words=number[:10])) == set(two) == set(found(words=number[:6]))
    assert found(words=f"{number[:2]}20190101") == []


def test_narrowed_by_what_it_is(two: tuple[str, str]) -> None:
    manhole = ticket_of_number(two[0])
    with transaction() as session:
        session.get_one(Ticket, manhole.id).kind = "suggestion"
    assert found(item="manhole-missing") == found(kind="suggestion") == [two[0]]
    assert set(found(department="urban-management")) == set(found(channel="web")) == set(two)
    assert set(found(street=manhole.street)) == set(two) and found(street="haishu-gulin") == []
    assert found(channel="phone") == found(department="fire") == found(category="no-such-category") == []
    assert found(item="manhole-missing", words="路灯") == []
    today = now().date()
    assert found(since=today.replace(year=2000), until=today.replace(year=2001)) == []


def test_marks_follow_the_ticket(he: He, two: tuple[str, str]) -> None:
    assert found(urged=True) == found(reopened=True) == []
    with transaction() as session:
        lamp = session.scalars(select(Ticket).where(Ticket.number == two[1])).one()
        lamp.urged, lamp.description = 1, "说错了，是井盖"
    assert found(urged=True) == [two[1]] and set(found(words="井盖")) == set(two) and found(words="路灯") == []
    answered(he, two[0])
    with transaction() as session:
        assignments.send_back(session, session.scalars(select(Ticket).where(Ticket.number == two[0])).one(), "还是坏的")
    assert found(reopened=True) == [two[0]]


def test_open_answered_closed(he: He, two: tuple[str, str]) -> None:
    answered(he, two[0])
    assert found(words="井盖", state="answered") == [two[0]] and found(words="井盖", state="open") == []
    with transaction() as session:
        assignments.close(session, session.scalars(select(Ticket).where(Ticket.number == two[0])).one(), "citizen")
    assert found(words="井盖", state="closed") == found(state="closed") == [two[0]]
    assert found(HANDLER, state="open") == [two[1]] == found(state="dispatched") and found(state="withdrawn") == []
    assert "live" not in marks_of(two[0]) and "live" in marks_of(two[1])
    with pytest.raises(BadInput):
        found(state="lost")


def test_a_department_finds_its_own_only_and_no_more_once_its_part_is_past(two: tuple[str, str]) -> None:
    assert set(found(HANDLER)) == set(two) and found(OTHER_HANDLER) == [] == found(OTHER_HANDLER, words="井盖")
    with transaction() as session:
        part_moves.reassign(session, two[0], DESK, "public-security", "属于公安")
    assert found(HANDLER, words="井盖") == [] and found(OTHER_HANDLER, words="井盖") == [two[0]]


def test_wrong_marks_show_nobody_what_is_not_theirs(two: tuple[str, str]) -> None:
    """The marks only make it quick."""
    with transaction() as session:
        session.execute(update(Assignment).values(role="past"))
    assert "dep=urban-management" in marks_of(two[0])
    assert found(HANDLER) == [] == found(HANDLER, words="井盖")


def test_pages_one_after_the_other_show_each_once(he: He) -> None:
    numbers = [He().files_a_ticket(f"恒春街路口第{n}个井盖少了半拉，快十天了") for n in "一二三四五"]
    for wanted in (Filter(), Filter(words="井盖")):
        for newest in (False, True):
            seen, after = [], ""
            for _ in range(3):
                with reading() as session:
                    page = ticket_search.find(session, DESK, wanted, after, 2, newest)
                seen += [t.number for t in page.tickets]
                after = page.after
            assert seen == (numbers[::-1] if newest else numbers) and after == ""
    with reading() as session, pytest.raises(BadInput):
        ticket_search.find(session, DESK, Filter(), "no cursor")


def test_what_many_bear_is_walked_and_found_alike(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [He().files_a_ticket(f"恒春街路口第{n}个井盖少了半拉，快十天了") for n in "一二三四五"]
    plain = [pages(wanted, newest) for wanted in (Filter(words="井盖"), Filter(state="open", words="井盖"))
             for newest in (False, True)]
    monkeypatch.setattr(ticket_search, "FEW", 2)
    monkeypatch.setattr(ticket_search, "_many", {})
    walked = [pages(wanted, newest) for wanted in (Filter(words="井盖"), Filter(state="open", words="井盖"))
              for newest in (False, True)]
    assert plain == walked == [numbers, numbers[::-1]] * 2
    with reading() as session:
        assert ticket_search.count(session, DESK, Filter(words="井盖")) == 5
        assert ticket_boxes.counts(session, HANDLER, Filter(words="井盖"))["to_accept"] == 5


def test_counts_stop_at_a_thousand_and_one(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in "一二三":
        He().files_a_ticket(f"恒春街路口第{n}个井盖少了半拉，快十天了")
    monkeypatch.setattr(ticket_search, "COUNTED", 1)
    with reading() as session:
        assert ticket_search.count(session, DESK, Filter()) == 2 == ticket_search.count(session, HANDLER, Filter())


def test_a_phone_number_is_looked_for_by_the_desk_alone_and_written_down(two: tuple[str, str]) -> None:
    phone = ticket_of_number(two[0]).contact_phone
    assert phone == "+8613900000010"
    with transaction() as session:
        mine = ticket_search.find(session, DESK, Filter(words="139 0000 0010")).tickets
        assert {t.number for t in mine} == set(two)
        assert ticket_search.find(session, HANDLER, Filter(words="13900000010")).tickets == []
    with reading() as session:
        looks = session.scalars(select(Change).where(Change.what == "looked_at_number")).all()
        assert [(c.actor, c.subject) for c in looks] == [("account:80", "number")]
        assert "00000010" not in looks[0].subject_id
    assert found(words="13900000010") == [] and ticket_search.names_number(DESK, "139 0000 0010")
    assert not ticket_search.names_number(HANDLER, "13900000010") and not ticket_search.names_number(DESK, two[0])


def test_what_a_citizen_has_deleted_is_found_no_more(he: He, two: tuple[str, str]) -> None:
    answered(he, two[0])
    with transaction() as session:
        assignments.close(session, session.scalars(select(Ticket).where(Ticket.number == two[0])).one(), "citizen")
    with transaction() as session:
        privacy.forget(session, he.id)
    assert found(words="井盖少了") == [] == found(words="恒春街", state="closed") and found(words=two[0]) == [two[0]]


def pages(wanted: Filter, newest: bool) -> list[str]:
    seen, after = [], ""
    while True:
        with reading() as session:
            page = ticket_search.find(session, DESK, wanted, after, 2, newest)
        seen += [t.number for t in page.tickets]
        after = page.after
        if not after:
            return seen


def ticket_of_number(number: str) -> Ticket:
    with reading() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def marks_of(number: str) -> str:
    with reading() as session:
        query = select(TicketMark.marks).join(Ticket, Ticket.id == TicketMark.ticket_id).where(Ticket.number == number)
        return str(session.scalars(query).one())


