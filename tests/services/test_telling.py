"""What citizens are told as a ticket goes on: in their own language, not by night, photos with the answer."""

from datetime import UTC, datetime

import pytest

from bot.domain.calendar import LOCAL
from bot.services import assignments, duplicates, files, outbox, settings, telling, ticket_moves
from bot.services.replies import tell
from bot.storage import Attachment, Conversation, reading, transaction
from tests.services.conftest import ADMIN, HANDLER, He, ticket_of
from tests.support.citizen import photo

LAMP = ("路灯坏了三天了，晚上很黑", "streetlight-out")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


@pytest.fixture
def telegram(he: He) -> He:
    """His chat is one that is pushed to."""
    with transaction() as session:
        session.get_one(Conversation, he.id).channel = "telegram"
    return he


def night(monkeypatch: pytest.MonkeyPatch, moment: str) -> datetime:
    frozen = at(moment)
    monkeypatch.setattr(telling, "now", lambda: frozen)
    monkeypatch.setattr(outbox, "now", lambda: frozen)
    return frozen


def due(he: He) -> list[str]:
    """What a worker would send now, all of it."""
    sent = []
    while taken := outbox.take_due("telegram"):
        for message, _ in taken:
            outbox.delivered(message.id)
            sent.append(message.text)
    return sent


def test_news_that_can_wait_wait_for_the_morning(telegram: He, monkeypatch: pytest.MonkeyPatch) -> None:
    number = telegram.files_a_ticket(*LAMP)
    monkeypatch.setattr(outbox, "now", lambda: at("2099-01-01T12:00"))
    due(telegram)
    night(monkeypatch, "2098-11-26T22:00")
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    with transaction() as session:
        tell(session, telegram.id, "您说的我记下了", "reply:1")
    assert due(telegram) == ["您说的我记下了"], "what answers him does not wait behind it"
    night(monkeypatch, "2098-11-27T07:29")
    assert due(telegram) == []
    night(monkeypatch, "2098-11-27T07:30")
    assert len(sent := due(telegram)) == 1 and number in sent[0]


def test_an_admin_may_let_news_go_at_any_hour(telegram: He, monkeypatch: pytest.MonkeyPatch) -> None:
    number = telegram.files_a_ticket(*LAMP)
    monkeypatch.setattr(outbox, "now", lambda: at("2099-01-01T12:00"))
    due(telegram)
    with transaction() as session:
        settings.put(session, "news_hours", "", ADMIN)
    night(monkeypatch, "2098-11-26T23:00")
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    assert len(due(telegram)) == 1


def test_by_day_and_for_what_is_urgent_at_once(telegram: He, monkeypatch: pytest.MonkeyPatch) -> None:
    lamp, hole = telegram.files_a_ticket(*LAMP), telegram.files_a_ticket()
    monkeypatch.setattr(outbox, "now", lambda: at("2099-01-01T12:00"))
    due(telegram)
    night(monkeypatch, "2098-11-26T23:00")
    with transaction() as session:
        assignments.accept(session, hole, HANDLER)
    assert len(due(telegram)) == 1
    night(monkeypatch, "2098-11-27T09:00")
    with transaction() as session:
        assignments.accept(session, lamp, HANDLER)
    assert len(due(telegram)) == 1


def test_the_web_page_shows_it_at_any_hour(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    number = he.files_a_ticket(*LAMP)
    night(monkeypatch, "2098-11-26T23:00")
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    assert number in he.last().text and he.last().delivery == "ready"


def test_each_is_told_in_their_own_language(he: He) -> None:
    first, neighbour = he.files_a_ticket(), He()
    second = neighbour.files_a_ticket()
    with transaction() as session:
        session.get_one(Conversation, neighbour.id).language = "en"
        duplicates.merge(session, second, first, ADMIN)
    with transaction() as session:
        assignments.accept(session, first, HANDLER)
        ticket_moves.suspend(session, first, ADMIN, 5, "等停水通知")
    assert "先停一停" in he.last().text and "月" in he.last().text
    assert "rests until 20" in neighbour.last().text and second in neighbour.last().text


def _put(he: He, **more: object) -> None:
    """A department's picture at the ticket."""
    with transaction() as session:
        key = files.store(session, he.id, files.checked_photo(photo()))
        session.flush()
        row = session.query(Attachment).filter_by(key=key).one()
        row.ticket_id, row.by = ticket_of(he).id, HANDLER.id
        for name, value in more.items():
            setattr(row, name, value)


def test_the_answers_photos_are_seen_by_all_who_reported_it_and_internal_ones_by_nobody(he: He) -> None:
    first, neighbour = he.files_a_ticket(), He()
    second = neighbour.files_a_ticket()
    with transaction() as session:
        duplicates.merge(session, second, first, ADMIN)
    _put(he)
    _put(he, internal=True)
    with transaction() as session:
        assignments.accept(session, first, HANDLER)
        assignments.answer(session, first, HANDLER, "井盖已更换。")
    for citizen in (he, neighbour):
        pictures = [m for m in citizen.heard() if m.kind == "photo"]
        assert len(pictures) == 1 and citizen.last().buttons, "the answer comes last, with what to press"
        with reading() as session:
            assert files.find(session, citizen.id, pictures[0].payload["attachment"])


def test_returned_resumed_and_more_time_are_told_with_the_deadline(he: He) -> None:
    number = he.files_a_ticket()
    with transaction() as session:
        assignments.send_away(session, number, HANDLER, "不归我们")
    assert "说不归他们办" in he.last().text and "前答复您" in he.last().text
    with transaction() as session:
        assignments.dispatch(session, number, ADMIN, HANDLER.department, "就是城管")
    assert "现在由" in he.last().text and "前答复您" in he.last().text
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    assert "已经受理" in he.last().text
    with transaction() as session:
        ticket_moves.suspend(session, number, ADMIN, 5, "等停水通知")
    with transaction() as session:
        ticket_moves.resume(session, number, ADMIN)
    assert "接着办了" in he.last().text and "前答复您" in he.last().text


def test_nothing_is_told_to_who_is_on_the_telephone(he: He) -> None:
    number = he.files_a_ticket()
    with transaction() as session:
        session.get_one(Conversation, he.id).channel = "phone"
    before = len(he.heard())
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    assert len(he.heard()) == before
