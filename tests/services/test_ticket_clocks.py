"""Stored clocks: started, paused and stopped with the ticket, swept once each, whatever dies in between."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.config import ROOT
from bot.domain.access import Actor, Role
from bot.domain.calendar import working_time
from bot.errors import BadInput, Conflict, NotFound
from bot.services import (
    assignments,
    clocks,
    extensions,
    part_moves,
    settings,
    supervision,
    supervision_papers,
    ticket_moves,
)
from bot.storage import Change, Clock, Supervision, Ticket, now, reading, transaction
from tests.services.conftest import ADMIN, HANDLER, OTHER_HANDLER, He, answered, ticket_of

DESK = Actor("account:80", "小林", Role.OPERATOR, "", 80)
BOSS = Actor("account:81", "老王", Role.SUPERVISOR, "", 81)


def open_clocks(number: str) -> dict[str, Clock]:
    with reading() as session:
        query = select(Clock).join(Ticket, Ticket.id == Clock.subject_id).where(
            Ticket.number == number, Clock.stopped_at.is_(None))
        return {clock.kind: clock for clock in session.scalars(query)}


def late(days: int) -> None:
    """As if all clocks had begun that many days earlier, a machine off meanwhile."""
    with transaction() as session:
        for clock in session.scalars(select(Clock).where(Clock.next_at.is_not(None))):
            for name in ("warn_at", "due_at", "supervise_at", "escalate_at", "next_at", "started_at"):
                value = getattr(clock, name)
                if value is not None:
                    setattr(clock, name, value - timedelta(days=days))


def swept() -> int:
    with transaction() as session:
        return clocks.sweep(session, now())


def papers() -> list[tuple[str, int]]:
    with reading() as session:
        return [(p.kind, p.level) for p in session.scalars(select(Supervision).order_by(Supervision.id))]


def test_clocks_go_with_the_ticket(he: He) -> None:
    number = he.files_a_ticket()
    assert set(open_clocks(number)) == {"accept", "answer"}
    assert open_clocks(number)["answer"].due_at == ticket_of(he).due_at
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    assert set(open_clocks(number)) == {"answer"}
    with transaction() as session:
        ticket_moves.ask_citizen(session, number, HANDLER, "请补一张照片")
    waiting = open_clocks(number)
    assert waiting["answer"].paused_at is not None and waiting["answer"].next_at is None
    with transaction() as session:
        ticket_moves.resume(session, number, HANDLER)
    assert open_clocks(number)["answer"].paused_at is None
    with transaction() as session:
        assignments.answer(session, number, HANDLER, "井盖已更换。")
    assert set(open_clocks(number)) == {"follow_up"}
    with transaction() as session:
        assignments.send_back(session, session.scalars(select(Ticket)).one(), "没修好")
    assert set(open_clocks(number)) == {"accept", "answer"}


def test_a_machine_off_for_a_month_catches_up_once_and_in_order(he: He) -> None:
    number = he.files_a_ticket()
    late(30)
    assert swept() == 2 and swept() == 0
    assert sorted(papers()) == [("accept", n) for n in range(4)] + [("answer", n) for n in range(4)]
    with reading() as session:
        steps = list(session.scalars(select(Supervision).order_by(Supervision.id)))
        assert [s.due_at for s in steps] == sorted(s.due_at for s in steps)
        story = [c.what for c in session.scalars(select(Change).where(Change.actor == "clock").order_by(Change.id))]
        assert story.count("supervised") == 2 and story.count("escalated") == 2
        cards = supervision.cards(session, now() - timedelta(days=60))
        assert (cards["urban-management"].yellow, cards["urban-management"].red) == (1, 1)
        words = session.scalars(select(Supervision.words).where(Supervision.level == 2)).first()
        assert words and number in words


def test_a_sweep_that_dies_half_way_has_done_nothing_and_the_next_does_it_once(he: He) -> None:
    he.files_a_ticket()
    late(30)
    with pytest.raises(RuntimeError), transaction() as session:
        assert clocks.sweep(session, now()) == 2
        raise RuntimeError("kill -9")
    assert papers() == []
    swept()
    assert len(papers()) == 8


def test_a_sweep_killed_between_batches_goes_on_and_nothing_is_escalated_twice(he: He) -> None:
    """kill -9 of a real process, wherever it happens to be: what was committed stays, the rest is done by the next."""
    for _ in range(30):
        He().files_a_ticket()
    late(30)
    slow = ("import time; from bot.services import clocks; from bot.storage import now, transaction\n"
            "while True:\n with transaction() as s:\n  clocks.sweep(s, now(), 4); print('batch', flush=True); time.sleep(0.02)")
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", slow], cwd=ROOT, stdout=subprocess.PIPE, text=True) as sweeper:
            assert sweeper.stdout is not None
            for _ in range(3):
                sweeper.stdout.readline()
            sweeper.kill()
    with reading() as session:
        done = session.scalar(select(func.count()).select_from(Supervision)) or 0
    assert 0 < done < 240
    while swept():
        pass
    with reading() as session:
        taken = [tuple(row) for row in session.execute(
            select(Supervision.ticket_id, Supervision.kind, Supervision.level))]
        story = session.scalar(select(func.count()).select_from(Change).where(Change.actor == "clock"))
    assert len(taken) == len(set(taken)) == story == 30 * 2 * 4


def test_two_sweeps_at_once_escalate_once(he: He) -> None:
    he.files_a_ticket()
    late(30)
    threads = [threading.Thread(target=swept) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    swept()
    assert len(papers()) == len(set(papers())) == 8


def test_a_department_answers_while_its_ticket_is_swept(he: He) -> None:
    """Neither waits for the other for good, and the story is whole: who locks what is the same everywhere."""
    numbers = [He().files_a_ticket() for _ in range(12)]
    for number in numbers:
        with transaction() as session:
            assignments.accept(session, number, HANDLER)
    late(30)

    def answer_all() -> None:
        for number in numbers:
            with transaction() as session:
                assignments.answer(session, number, HANDLER, "处理好了。")

    def sweep_all() -> None:
        for _ in range(30):
            with transaction() as session:
                clocks.sweep(session, now(), 3)

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(answer_all), both.submit(sweep_all)]:
            done.result(timeout=60)
    while swept():
        pass
    assert all(set(open_clocks(number)) == {"follow_up"} for number in numbers)
    with reading() as session:
        taken = [tuple(row) for row in session.execute(
            select(Supervision.ticket_id, Supervision.kind, Supervision.level))]
    assert len(taken) == len(set(taken)) and len(taken) % 4 == 0


def test_who_is_named_and_when_it_climbs_is_set_by_an_admin(he: He) -> None:
    with transaction() as session:
        settings.put(session, "supervision", {
            "accept_hours": 1, "supervise_days": 3, "escalate_days": 5,
            "names": {"leader": "李副区长", "leader:urban-management": "王局长"}}, ADMIN)
    number = he.files_a_ticket("路灯坏了三天了，晚上很黑", "streetlight-out")
    clock = open_clocks(number)["answer"]
    assert working_time(clock.due_at, clock.supervise_at) == timedelta(hours=3 * 7.5)  # type: ignore[arg-type]
    assert open_clocks(number)["accept"].limit_seconds == 3600
    late(60)
    swept()
    with reading() as session:
        words = list(session.scalars(select(Supervision.words).where(Supervision.level == 3)))
    assert words and all("王局长" in w and "5 个工作日" in w for w in words)


@pytest.mark.parametrize("wrong", [
    {"warn_percent": 100}, {"accept_hours": "4"}, {"supervise_days": 3, "escalate_days": 3}, {"names": {"mayor": "王"}},
    {"names": ["王"]}, {"colour": "red"}, "always", {"names": {"leader": "x" * 41}}, {"accept_hours": True},
])
def test_a_ladder_that_cannot_be_is_refused(wrong: object, deployment: str) -> None:
    with pytest.raises(BadInput), transaction() as session:
        settings.put(session, "supervision", wrong, ADMIN)


def test_what_stands_still_is_not_swept(he: He) -> None:
    number = he.files_a_ticket()
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    with transaction() as session:
        ticket_moves.ask_citizen(session, number, HANDLER, "请补一张照片")
    with transaction() as session:
        session.execute(update(Clock).where(Clock.kind == "answer").values(due_at=now() - timedelta(days=9)))
    assert swept() == 0 and papers() == []


def test_more_time_is_asked_for_and_granted_or_not(he: He) -> None:
    number = he.files_a_ticket()
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    before = ticket_of(he).due_at
    with transaction() as session:
        asked = extensions.ask(session, number, HANDLER, 2, "要等配件")
    with pytest.raises(NotFound), transaction() as session:
        extensions.ask(session, number, OTHER_HANDLER, 2, "我也要")
    with transaction() as session:
        extensions.decide(session, asked.id, DESK, True)
    assert ticket_of(he).due_at > before
    with pytest.raises(Conflict), transaction() as session:
        extensions.decide(session, asked.id, DESK, False, "不行")


def test_a_paper_is_acknowledged_once_by_who_may(he: He) -> None:
    he.files_a_ticket()
    late(30)
    swept()
    with reading() as session:
        (first, *_) = supervision_papers.unread(session, HANDLER)
        assert supervision_papers.unread(session, OTHER_HANDLER) == []
    with pytest.raises(NotFound), transaction() as session:
        supervision_papers.acknowledge(session, first.id, OTHER_HANDLER, "不是我们的")
    with pytest.raises(BadInput), transaction() as session:
        supervision_papers.acknowledge(session, first.id, HANDLER)
    with transaction() as session:
        assert supervision_papers.acknowledge(session, first.id, HANDLER, "配件今天到，明天换好")
    with transaction() as session:
        assert not supervision_papers.acknowledge(session, first.id, BOSS)


def test_an_answered_ticket_is_not_supervised(he: He) -> None:
    number = he.files_a_ticket()
    answered(he, number)
    late(1)
    swept()
    assert papers() == []


def test_the_statement_says_and_does_what_row_by_row_does(he: He) -> None:
    """PostgreSQL sweeps by a statement of its own; on SQLite both are the same."""
    number = he.files_a_ticket()
    with transaction() as session:
        settings.put(session, "supervision", {"names": {"leader": "李副区长", "department:urban-management": "王局长"}}, ADMIN)
        part_moves.add_part(session, number, DESK, "public-security", "请协助")
    late(30)
    plain, at_once = (_written(way) for way in (clocks.sweep_rows, clocks.sweep))
    assert plain == at_once and len(plain[0]) == len(plain[1]) == 16
    assert any("王局长" in words for *_, words in plain[0]) and any("李副区长" in words for *_, words in plain[0])


def _written(way):  # type: ignore[no-untyped-def]
    """What a sweep writes and how it leaves the clocks; then undone."""
    moment = now().replace(microsecond=0)
    with pytest.raises(ZeroDivisionError), transaction() as session:
        way(session, moment)
        found = select(Supervision).order_by(Supervision.id)
        sheets = [(p.ticket_id, p.department, p.kind, p.level, p.due_at, p.words) for p in session.scalars(found)]
        told = select(Change).where(Change.actor == "clock").order_by(Change.id)
        story = [(c.subject, c.subject_id, c.what, c.before, c.after, c.why) for c in session.scalars(told)]
        after = [(c.id, c.level, c.next_at) for c in session.scalars(select(Clock).order_by(Clock.id))]
        raise ZeroDivisionError
    return sorted(sheets), sorted(story), after


def test_much_is_caught_up_by_two_sides_and_each_step_once(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "FEW", 2)
    monkeypatch.setattr(clocks, "BATCH", 3)
    for _ in range(12):
        He().files_a_ticket()
    late(30)
    assert clocks.catch_up(now()) == 24 and clocks.catch_up(now()) == 0
    with reading() as session:
        taken = [tuple(row) for row in session.execute(
            select(Supervision.ticket_id, Supervision.kind, Supervision.level))]
    assert len(taken) == len(set(taken)) == 12 * 2 * 4
