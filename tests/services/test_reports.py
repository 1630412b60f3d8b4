"""Figures counted from tickets made by hand, on both databases."""

import io
import itertools
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.domain.calendar import LOCAL
from bot.domain.report import Tally
from bot.domain.span import Span
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.services import assignments, publications, settings
from bot.services.reports import (
    behind,
    bulletin,
    clusters,
    counts,
    dashboard,
    durations,
    hot,
    public,
    ranking,
    trend,
    workbook,
)
from bot.services.reports.counts import Reach
from bot.storage import (
    Account,
    Assignment,
    Change,
    Conversation,
    Publication,
    Supervision,
    Ticket,
    reading,
    transaction,
)
from tests.services.conftest import HANDLER, OTHER_HANDLER

NOW = datetime(2026, 11, 24, 12, tzinfo=LOCAL)
BOSS = Actor("account:80", "赵督办", Role.SUPERVISOR, "", 80)
OPERATOR = Actor("account:81", "小林", Role.OPERATOR, "", 81)
URBAN, POLICE = "urban-management", "public-security"
LAMP, ID_CARD = "refuse-collection", "id-card-renewal"
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def noon(deployment: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It is noon on a Tuesday wherever reports look at the clock."""
    for module in (counts, dashboard, trend, behind, bulletin, ranking, public, publications):
        monkeypatch.setattr(module, "now", lambda: NOW)
    public.forget()
    yield
    public.forget()


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOCAL)


def made(department: str = URBAN, channel: str = "telegram", **columns: Any) -> int:
    """A ticket as it stands; returns its id."""
    number = next(_numbers)
    with transaction() as session:
        conversation = f"c{number}"
        session.add(Conversation(id=conversation, channel=channel, external_id=conversation))
        session.flush()
        received = columns.pop("received_at", at(20))
        accepted, unit = columns.pop("accepted_at", None), columns.pop("unit", "")
        ticket = Ticket(**{
            "number": f"HS2026112{number:05d}", "conversation_id": conversation, "item": LAMP, "kind": "complaint",
            "description": f"第 {number} 件事", "state": "closed" if "answered_at" in columns else "dispatched",
            "received_at": received, "due_at": received + timedelta(days=2), **columns})
        ticket.assignments = [Assignment(department=department, role="lead", accepted_at=accepted, unit=unit)]
        session.add(ticket)
        session.flush()
        return ticket.id


def happened(ticket: int, when: datetime, what: str, actor: str = "citizen", after: str = "") -> None:
    with transaction() as session:
        session.add(Change(subject="ticket", subject_id=str(ticket), at=when, actor=actor, what=what, after=after))


def paper(ticket: int, due: datetime, level: int = 1, department: str = URBAN, kind: str = "answer") -> None:
    with transaction() as session:
        session.add(Supervision(ticket_id=ticket, department=department, kind=kind, level=level, due_at=due, at=due, words=""))


def tally(since: datetime, until: datetime, reach: Reach = Reach()) -> Tally:
    with reading() as session:
        return counts.tallies(session, since, until, reach)[""][""]


def the_table() -> None:
    """Ten tickets around the week from the 16th to the 22nd."""
    made(answered_at=at(21), solved=True, score=5, received_at=at(20), closed_at=at(22))            # on time, satisfied
    made(answered_at=at(23), solved=True, score=4, received_at=at(20), due_at=at(22), closed_at=at(23))  # late on the 22nd
    made(answered_at=at(19), solved=False, score=2, received_at=at(18), closed_at=at(19), reopened=1)
    made(answered_at=at(19), solved=None, score=None, received_at=at(18), closed_at=at(22))         # said nothing
    made(answered_at=at(19), solved=None, score=3, received_at=at(18), urged=2, state="answered")   # stars alone
    made(received_at=at(19), due_at=at(21))                                                         # never answered
    made(received_at=at(19), due_at=at(21), state="waiting_for_citizen")                            # its clock stands
    made(received_at=at(19), due_at=at(21), state="withdrawn", closed_at=at(20))
    made(received_at=at(22), due_at=at(29))                                                         # time left
    made(received_at=at(10), due_at=at(12), answered_at=at(18), solved=True, score=4, state="dispatched",
         reopened=1)                                                                                # back in hand, late before


def test_every_figure_of_the_hand_made_table() -> None:
    the_table()
    assert tally(at(16, 0), at(23, 0)) == Tally(
        received=9, closed=4, answered=5, on_time=4, late=2, solved=2, not_solved=1, silent=1, rated=4, satisfied=2,
        reopened=1, urged=1)
    with reading() as session:
        assert counts.standing(session, Reach()) == {"open": 4, "overdue": 2}


def test_the_edges_of_a_day_are_local_midnights() -> None:
    made(received_at=at(21, 0, 0))
    made(received_at=at(21, 23, 59))
    made(received_at=at(22, 0, 0))
    assert tally(at(21, 0), at(22, 0)).received == 2


def test_nothing_counts_as_nothing() -> None:
    assert tally(at(16, 0), at(23, 0)) == Tally()


def test_groups_add_up_to_the_whole() -> None:
    made(kind="help", street="haishu-ximen", answered_at=at(21), solved=True)
    made(POLICE, "web", kind="complaint", item=ID_CARD, street="haishu-ximen", received_at=at(20))
    made(kind="help", street="", channel="web", received_at=at(20))
    with reading() as session:
        found = counts.tallies(session, at(16, 0), at(23, 0), Reach(), dashboard.GROUPS)
    got = {group: {key: (one.received, one.solved) for key, one in keys.items()} for group, keys in found.items()}
    assert got == {
        "": {"": (3, 1)}, "kind": {"help": (2, 1), "complaint": (1, 0)}, "item": {LAMP: (2, 1), ID_CARD: (1, 0)},
        "street": {"haishu-ximen": (2, 1), "": (1, 0)}, "department": {URBAN: (2, 1), POLICE: (1, 0)},
        "channel": {"telegram": (1, 1), "web": (2, 0)}}
    assert {k: t.received for k, t in dashboard.categories(found["item"]).items()} == {URBAN: 2, POLICE: 1}


def test_a_department_sees_its_own_figures_and_its_unit_its_own() -> None:
    made(unit="urban-ximen", received_at=at(21))
    made(received_at=at(21))
    made(POLICE, received_at=at(21))
    span = Span("week", date(2026, 11, 18), date(2026, 11, 24), NOW)
    unit = Actor("account:92", "西门小陈", Role.HANDLER, URBAN, 92, "urban-ximen")
    with reading() as session:
        seen = {who.name: dashboard.read(session, span, who, POLICE if who is HANDLER else "").tally.received
                for who in (HANDLER, unit, OTHER_HANDLER, BOSS)}
        assert seen == {"城管小陈": 2, "西门小陈": 1, "公安小赵": 1, "赵督办": 3}, "a handler cannot ask for another's"
        assert dashboard.read(session, span, BOSS, POLICE).tally.received == 1
        with pytest.raises(NotAllowed):
            dashboard.read(session, span, OPERATOR)


@pytest.mark.parametrize("figure", counts.FIGURES)
def test_the_list_behind_a_figure_has_as_many_tickets_as_the_figure(figure: str) -> None:
    the_table()
    span = Span("custom", date(2026, 11, 16), date(2026, 11, 22), NOW)
    with reading() as session:
        found, _ = behind.tickets(session, BOSS, figure, span)
        figures = counts.tallies(session, span.since, span.until, Reach())[""][""].__dict__ | counts.standing(session, Reach())
    assert len(found) == figures[figure] > 0


def test_lists_of_groups_and_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "SHOWN", 2)
    ids = [made(kind="help", received_at=at(21)) for _ in range(3)]
    made(POLICE, "web", item=ID_CARD, street="haishu-ximen", received_at=at(21))
    span = Span("custom", date(2026, 11, 21), date(2026, 11, 21), NOW)
    with reading() as session:
        def of(group: str, key: str, **more: Any) -> int:
            return len(behind.tickets(session, BOSS, "received", span, group=group, key=key, **more)[0])

        first, older = behind.tickets(session, BOSS, "received", span, group="kind", key="help")
        rest, last = behind.tickets(session, BOSS, "received", span, group="kind", key="help", older=older)
        assert [t.id for t in (*first, *rest)] == ids[::-1] and last == 0
        assert [of("department", POLICE), of("channel", "web"), of("category", POLICE), of("item", ID_CARD)] == [1] * 4
        assert of("item", ID_CARD, street="haishu-ximen") == 1 and of("item", ID_CARD, street="haishu-nanmen") == 0
        assert behind.tickets(session, HANDLER, "received", span, group="department", key=POLICE)[0] == []
        with pytest.raises(BadInput):
            behind.tickets(session, BOSS, "received", span, group="contact_phone", key="1")


def test_times_are_the_same_on_both_databases() -> None:
    for minutes, hours in ((10, 1), (20, 2), (60, 10)):
        made(received_at=at(20), accepted_at=at(20) + timedelta(minutes=minutes), answered_at=at(20) + timedelta(hours=hours))
    made(received_at=at(20), accepted_at=at(22), reopened=1)
    with reading() as session:
        answer = durations.until_answer(session, at(16, 0), at(23, 0), Reach())
        accepted = durations.until_accepted(session, at(16, 0), at(23, 0), Reach(), by_department=True)
    assert (answer.count, answer.median, answer.mean) == (3, 7200, pytest.approx(13 / 3 * 3600))
    assert answer.p90 == pytest.approx(2 * 3600 + 0.8 * 8 * 3600)
    assert accepted[URBAN].count == 3 and accepted[URBAN].median == 1200, "a reopened ticket was accepted twice"


def test_days_and_hours_of_the_trend() -> None:
    made(received_at=at(23, 23, 30), answered_at=at(24, 0, 30))
    made(received_at=at(24, 8, 10))
    with reading() as session:
        week = trend.trend(session, Span("week", date(2026, 11, 18), date(2026, 11, 24), NOW), Reach())
        day = trend.trend(session, Span("today", date(2026, 11, 24), date(2026, 11, 24), NOW), Reach())
    assert [(p.received, p.answered) for p in week] == [(0, 0)] * 5 + [(1, 0), (1, 1)]
    assert {p.at.hour: (p.received, p.answered) for p in day if p.received or p.answered} == {0: (0, 1), 8: (1, 0)}


def test_what_is_hot_in_one_street() -> None:
    for n in range(6):
        made(received_at=at(20 + n % 3), street="haishu-ximen")
    for week in range(1, 5):
        made(received_at=at(20) - timedelta(days=7 * week), street="haishu-ximen")
        made(POLICE, item=ID_CARD, received_at=at(20) - timedelta(days=7 * week))
    for _ in range(3):
        made(POLICE, item=ID_CARD, received_at=at(21))
    with reading() as session:
        items, streets = hot.issues(session, NOW, Reach())
        assert hot.issues(session, NOW, Reach(POLICE)) == ([], [])
    assert [(one.item, one.now, one.mean) for one in items] == [(LAMP, 6, 1.0)], "from 1 to 3 is no alarm"
    assert [(one.item, one.street) for one in streets] == [(LAMP, "haishu-ximen")]


def test_tickets_near_each_other_are_a_group() -> None:
    spots = [(29.8701, 121.5401), (29.8710, 121.5410), (29.8690, 121.5395), (29.9100, 121.6000)]
    ids = [made(received_at=at(20 + n % 3), place={"lat": lat, "lon": lon}, description=f"坑{n}") for n, (lat, lon) in enumerate(spots)]
    made(POLICE, item=ID_CARD, received_at=at(21), place={"lat": 29.8701, "lon": 121.5401}, description="别的事")
    with reading() as session:
        found = clusters.clusters(session, NOW, Reach())
        numbers = [session.get_one(Ticket, i).number for i in ids[:3]]
    assert [(one.why, one.reporters, set(one.numbers)) for one in found] == [("place", 3, set(numbers))]
    assert found[0].numbers[0] == numbers[0], "the oldest is the one to merge into"


def test_one_citizen_three_times_is_no_group_and_neither_is_an_old_or_a_done_one() -> None:
    first = made(received_at=at(20), community="haishu-ximen-01")
    with transaction() as session:
        ticket = session.get_one(Ticket, first)
        for n in (1, 2):
            session.add(Ticket(number=f"X{n}", conversation_id=ticket.conversation_id, item=LAMP, kind="help", description="又",
                               community="haishu-ximen-01", received_at=at(21), due_at=at(25)))
    made(received_at=at(21), community="haishu-ximen-01", answered_at=at(22))
    made(received_at=at(9), community="haishu-ximen-01")
    with reading() as session:
        assert clusters.clusters(session, NOW, Reach()) == []


def test_a_street_alone_is_no_place() -> None:
    from bot.services import territories

    ximen = next(s for s in territories.streets() if s.code == "haishu-ximen")
    for n in range(3):
        made(received_at=at(21), street="haishu-ximen", description="一二三四五六七"[n:] + "甲乙丙"[n] * 5,
             place={"lat": ximen.lat, "lon": ximen.lon, "street": "haishu-ximen", "text": f"西门街道 {n}"})
    with reading() as session:
        assert clusters.clusters(session, NOW, Reach()) == []


def test_similar_words_are_a_group() -> None:
    for words in ("小区停水一整天了没人管", "我们小区停水一整天没人管", "小区停水一整天没有人管"):
        made(received_at=at(22), description=words)
    made(received_at=at(22), description="路灯坏了三天没人修")
    with reading() as session:
        (found,) = clusters.clusters(session, NOW, Reach())
    assert (found.why, found.reporters, len(found.numbers)) == ("words", 3, 3)


def test_departments_of_a_month_with_every_input() -> None:
    for n in range(10):
        made(received_at=at(2), due_at=at(4), answered_at=at(5 if n < 2 else 3), solved=n != 0, score=5 if n < 4 else 3)
    late = made(received_at=at(3), due_at=at(30))
    paper(late, at(4, 10), kind="accept")
    paper(late, at(4, 11))
    paper(late, at(5, 11), level=2)
    happened(late, at(6), "return_refused", "account:1", URBAN[:24])
    made(POLICE, item=ID_CARD, received_at=at(2))
    made(received_at=at(20, month=10), due_at=at(30, month=12))
    with transaction() as session:
        settings.put(session, "ranking", {"least": 5}, BOSS)
    with reading() as session:
        first, second = ranking.of_month(session, date(2026, 11, 1))
    work = first.work
    assert (work.tickets, work.accepted_late, work.returns_refused, work.yellow, work.red) == (11, 1, 1, 1, 1)
    assert (work.tally.on_time, work.tally.late, work.tally.solved, work.tally.not_solved) == (8, 2, 9, 1)
    assert first.shares == {"on_time": 0.8, "solved": 0.9, "satisfied": 0.4, "first_response": 1 - 1 / 11,
                            "returns": 1 - 1 / 11, "cards": 1 - 3 / 11}
    assert first.score == 77.9 and first.place == 1  # 24 + 27 + 6 + 9.09 + 4.55 + 7.27
    assert (second.work.department, second.place, second.score) == (POLICE, None, None)


@pytest.mark.parametrize("wrong", [{"least": 0}, {"solved": -1}, {"beauty": 1}, {"solved": True}, [], dict.fromkeys(
    ("on_time", "solved", "satisfied", "first_response", "returns", "cards"), 0)])
def test_weights_that_cannot_be_are_refused(wrong: Any) -> None:
    with transaction() as session, pytest.raises(BadInput):
        settings.put(session, "ranking", wrong, BOSS)


def a_day() -> list[int]:
    """The 20th as it was written down."""
    with transaction() as session:
        session.add(Account(id=90, username="chen", name="城管小陈", role="handler", department=URBAN, password_hash=""))
    on_time, late, back, silent = (made(received_at=at(19), street="haishu-ximen") for _ in range(4))
    made(received_at=at(20, 10), item=LAMP, street="haishu-ximen")
    for ticket in (on_time, late, back, silent):
        happened(ticket, at(20, 15), "answered", "account:90")
    paper(late, at(20, 11))
    paper(late, at(20, 12), level=2)
    for what, actor, after in (("rated", "citizen", "5"), ("confirmed", "citizen", ""), ("closed", "citizen", "")):
        happened(on_time, at(20, 16), what, actor, after)
    happened(back, at(20, 17), "rated", "citizen", "1")
    happened(back, at(20, 17), "reopened")
    happened(back, at(20, 18), "complained", "citizen", "came_back")
    happened(silent, at(20, 18), "confirmed", "clock")
    happened(silent, at(20, 18), "closed", "clock")
    with transaction() as session:
        session.add(Change(subject="handoff", subject_id="1", at=at(20, 9), actor="bot", what="requested", why="gas-leak"))
        session.add(Change(subject="handoff", subject_id="1", at=at(20, 9, 2), actor="account:80", what="claimed"))
        session.add(Change(subject="handoff", subject_id="2", at=at(20, 9), actor="bot", what="requested", why="asked"))
        session.add(Change(subject="handoff", subject_id="2", at=at(20, 9, 8), actor="account:80", what="claimed"))
    return [on_time, late, back, silent]


def test_the_bulletin_says_what_the_day_was() -> None:
    a_day()
    with reading() as session:
        found = bulletin.of_day(session, "2026-11-20", BOSS)
        week = bulletin.of_week(session, "2026-W47", BOSS)
    assert (found.tally.received, week.tally.received) == (1, 5)
    assert found.departments == {URBAN: Tally(answered=4, on_time=3, late=1, solved=1, not_solved=1, silent=1, rated=2, satisfied=1)}
    assert (found.tally.closed, found.late, found.red, found.still) == (2, {URBAN: 1}, {URBAN: 1}, {})
    assert found.emergencies == {"gas-leak": 1}
    assert (found.person.asked, found.person.within_five, found.person.over_five) == (2, 1, 1)
    assert [(one.item, one.street, one.why, one.times) for one in found.unsolved] == [(LAMP, "haishu-ximen", "came_back", 1)]
    assert found.reasons == {"came_back": 1} and not found.begun
    assert found.days[-1] == (at(20, 0), 1) and found.days[-2] == (at(19, 0), 4)


def test_made_again_later_it_says_the_same() -> None:
    tickets = a_day()
    with reading() as session:
        before = bulletin.of_day(session, "2026-11-20", BOSS)
    with transaction() as session:  # all of it goes on the days after
        for ticket in session.scalars(select(Ticket)):
            ticket.state, ticket.score, ticket.solved, ticket.answered_at = "closed", 1, False, at(23)
    for ticket in tickets:
        happened(ticket, at(22), "reopened")
        happened(ticket, at(23), "answered", "account:90")
        paper(ticket, at(22, 15))
    with reading() as session:
        after = bulletin.of_day(session, "2026-11-20", BOSS)
    assert after == before


def test_what_is_late_stays_late_until_it_is_answered() -> None:
    ticket = made(received_at=at(18))
    paper(ticket, at(20, 11))
    happened(ticket, at(22, 9), "answered", "account:90")
    with reading() as session:
        still = [bulletin.of_day(session, f"2026-11-{day}", BOSS).still for day in (19, 20, 21, 22)]
    assert still == [{}, {URBAN: 1}, {URBAN: 1}, {}]


def test_answered_late_in_one_round_and_in_time_in_the_next() -> None:
    ticket = made(received_at=at(18))
    paper(ticket, at(19, 11))
    happened(ticket, at(20, 9), "answered", "account:90")
    happened(ticket, at(20, 10), "reopened")
    happened(ticket, at(21, 9), "answered", "account:90")
    with reading() as session:
        days = [bulletin.of_day(session, f"2026-11-{day}", BOSS).tally for day in (20, 21)]
    assert [(one.answered, one.on_time) for one in days] == [(1, 0), (1, 1)]


def test_bulletins_are_for_supervisors_and_not_of_days_to_come() -> None:
    with reading() as session:
        for who in (OPERATOR, HANDLER):
            with pytest.raises(NotAllowed):
                bulletin.of_day(session, "2026-11-20", who)
        with pytest.raises(NotFound):
            bulletin.of_day(session, "2026-11-25", BOSS)
        with pytest.raises(BadInput):
            bulletin.of_day(session, "yesterday", BOSS)
        assert bulletin.of_day(session, "2026-11-24", BOSS).begun


def test_an_introduction_is_kept_with_its_bulletin_and_holds_no_personal_data() -> None:
    with transaction() as session:
        bulletin.introduce(session, "2026-11-20", "寒潮来了，停水报修增多。", BOSS)
    with transaction() as session, pytest.raises(BadInput, match="personal"):
        bulletin.introduce(session, "2026-11-20", "请回电 13900000010", BOSS)
    with transaction() as session, pytest.raises(NotAllowed):
        bulletin.introduce(session, "2026-11-20", "随便写写", HANDLER)
    with reading() as session:
        assert bulletin.of_day(session, "2026-11-20", BOSS).intro == "寒潮来了，停水报修增多。"
        assert bulletin.of_day(session, "2026-11-19", BOSS).intro == ""


def test_public_totals_hide_what_is_small() -> None:
    for n in range(7):
        made(received_at=at(20), answered_at=at(21), solved=n < 4 or None, score=5 if n < 4 else None)
    for _ in range(2):
        made(POLICE, item=ID_CARD, received_at=at(20), due_at=at(30))
    made(received_at=at(31, month=10), due_at=at(30))
    with reading() as session:
        found = public.totals(session)
        assert (found.received, found.answered, found.on_time, found.silent) == (9, 7, 1.0, 3 / 7)
        assert (found.solved, found.satisfied) == (None, None), "four spoke"
        assert found.categories == {POLICE: None, URBAN: None}, "9 in all and 7 of one would tell the other"
        made(received_at=at(22))
        assert public.totals(session) is found, "counted once in five minutes"


def answered_ticket(**columns: Any) -> str:
    ticket = made(**{"received_at": at(20), "answered_at": at(21), "answer": "已安排清运，每天两次。", "contact_name": "陈秀英",
                     "contact_phone": "+8613900000010", "description": "示例新村 3 幢门口垃圾桶满了没人清", **columns})
    with reading() as session:
        return session.get_one(Ticket, ticket).number


QUESTION, ANSWER = "小区门口垃圾桶满了没人清怎么办？", "已安排清运，每天两次。"


def test_a_question_is_released_found_and_taken_back() -> None:
    number = answered_ticket()
    with transaction() as session:
        publications.release(session, number, BOSS, QUESTION, ANSWER, {})
    with reading() as session:
        assert [one.question for one in publications.listed(session).found] == [QUESTION]
        assert publications.listed(session, "垃圾桶 清运").found and not publications.listed(session, "垃圾桶 路灯").found
        assert publications.listed(session, category=URBAN).found and not publications.listed(session, category=POLICE).found
        assert not publications.listed(session, "%").found and publications.used_categories(session) == [URBAN]
    with transaction() as session:
        publications.take_back(session, number, BOSS)
    with reading() as session:
        assert publications.listed(session).found == [] and publications.desk(session, number, BOSS).question == QUESTION  # type: ignore[union-attr]
    with transaction() as session, pytest.raises(NotFound):
        publications.take_back(session, number, BOSS)
    with transaction() as session:
        publications.release(session, number, BOSS, QUESTION, "已更换大桶。", {})
    with reading() as session:
        assert [one.answer for one in publications.listed(session).found] == ["已更换大桶。"]
        whats = session.scalars(select(Change.what).where(Change.actor == BOSS.id).order_by(Change.id)).all()
    assert whats == ["published", "unpublished", "published"]


@pytest.mark.parametrize("words", ["请打 13900000010 联系我，垃圾没人清", "陈秀英反映垃圾没人清", "示例新村 3 幢 201 室门口垃圾没人清"])
def test_personal_data_block_the_release_until_gone_or_cleared_with_a_reason(words: str) -> None:
    number = answered_ticket()
    with transaction() as session:
        found = publications.finds(session, number, BOSS, words)
        assert found
        for cleared in ({}, {found[0].words: " "}, {"别的": "不相干"}):
            with pytest.raises(BadInput, match=r"publication\.personal"):
                publications.release(session, number, BOSS, words, ANSWER, cleared)
            with pytest.raises(BadInput, match=r"publication\.personal"):
                publications.release(session, number, BOSS, QUESTION, words, cleared)
        assert session.scalars(select(Publication)).all() == []
    with transaction() as session:
        publications.release(session, number, BOSS, words, ANSWER, {one.words: "公开的门店信息" for one in found})
        why = session.scalars(select(Change.why).where(Change.what == "published")).one()
    assert found[0].words in why and "公开的门店信息" in why


@pytest.mark.parametrize(("columns", "why"), [
    ({"confidential": True}, "confidential"), ({"item": "gambling-report"}, "sensitive"),
    ({"item": "counterfeit", "anonymous": True, "contact_name": "", "contact_phone": ""}, "sensitive"),
    ({"state": "accepted", "answer": ""}, "not_answered"), ({"state": "withdrawn"}, "not_answered"),
])
def test_what_is_never_released(columns: dict[str, Any], why: str) -> None:
    number = answered_ticket(**columns)
    with transaction() as session:
        assert publications.desk(session, number, BOSS).why_not == f"publication.{why}"  # type: ignore[union-attr]
        with pytest.raises(Conflict, match=why):
            publications.release(session, number, BOSS, QUESTION, ANSWER, {})


def test_only_supervisors_release() -> None:
    number = answered_ticket()
    with transaction() as session:
        assert publications.desk(session, number, HANDLER) is None and publications.desk(session, number, OPERATOR) is None
        for who in (HANDLER, OPERATOR):
            for act in (lambda w: publications.release(session, number, w, QUESTION, ANSWER, {}),
                        lambda w: publications.take_back(session, number, w), lambda w: publications.finds(session, number, w, "")):
                with pytest.raises(NotAllowed):
                    act(who)
        assert assignments.find(session, number, HANDLER).answer


def test_spreadsheets_hold_numbers_as_numbers_and_no_formulas() -> None:
    table = workbook.Table("按部门/月", ["部门", "收到", "按时率"], [["=1+1", 12, 0.875], ["城管 & <执法>", 0, None]])
    assert workbook.csv(table).decode("utf-8-sig") == "部门,收到,按时率\n'=1+1,12,87.5%\n城管 & <执法>,0,\n"
    with zipfile.ZipFile(io.BytesIO(workbook.xlsx([table, table]))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    for name, content in parts.items():
        ElementTree.fromstring(content.encode()), name
    sheet = parts["xl/worksheets/sheet2.xml"]
    assert '<c r="B2"><v>12</v></c>' in sheet and '<c r="C2" s="2"><v>0.875</v></c>' in sheet and "<f>" not in sheet
    assert ">=1+1</t>" in sheet and "城管 &amp; &lt;执法&gt;" in sheet and 'r="C3"' not in sheet
    assert 'name="按部门月"' in parts["xl/workbook.xml"]


def test_the_bulletin_from_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    from typer.testing import CliRunner

    from bot import cli, cli_report

    monkeypatch.setattr(cli_report, "now", lambda: NOW)
    a_day()
    said = CliRunner().invoke(cli.app, ["report", "day", "2026-11-20"])
    assert said.exit_code == 0 and "处理了又反复" in said.stdout and "燃气泄漏 1" in said.stdout
    facts = json.loads(CliRunner().invoke(cli.app, ["report", "week", "--json"]).stdout)
    assert facts["name"] == "2026-W48" and "department" in facts["tables"]
    assert CliRunner().invoke(cli.app, ["report", "month"]).exit_code == 0
