"""Community workers: their chat linked by a code, tasks for their grid, reporting as staff; they see no citizen."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.domain.grid import OPEN, TaskState
from bot.domain.message import Location
from bot.errors import BadInput, BrainDown, Conflict, NotFound
from bot.services import accounts, additions, chat_links, dialogue, duplicates, grid_tasks, rasa, ticket_moves
from bot.services.upkeep import accounts as upkeep
from bot.storage import Account, Attachment, Change, ChatLink, GridTask, Handoff, Ticket, now, reading, transaction
from tests.services.conftest import ADMIN, HANDLER, OTHER_HANDLER, He, ticket_of

DESK = Actor("account:80", "小林", Role.OPERATOR, "", 80)
STREET = "haishu-ximen"


def worker(username: str = "wanggrid", territory: str = STREET, name: str = "王网格") -> Actor:
    with transaction() as session:
        accounts.create(session, username, "grid", name, territory=territory)
        row = session.scalars(select(Account).where(Account.username == username)).one()
        return accounts.actor_of(row)


def linked(actor: Actor) -> He:
    """A chat of its own, linked by the code."""
    chat = He()
    with transaction() as session:
        code = chat_links.new_code(session, actor)
    chat.sends(f"绑定 {code[:4]} {code[4:]}")
    dialogue.work_off(chat.id)
    return chat


def asked(number: str, actor: Actor, words: str = "请去看看井盖还在不在", by: Actor = DESK) -> int:
    with transaction() as session:
        return grid_tasks.ask(session, number, by, actor.account_id or 0, words).id


def task(number: int) -> GridTask:
    with reading() as session:
        return session.get_one(GridTask, number)


def says(chat: He, words: str = "", **parts: Any) -> str:
    chat.sends(words, **parts)
    dialogue.work_off(chat.id)
    return chat.last().text


@pytest.fixture(autouse=True)
def _hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa, "understand", lambda text: {"text": text, "act": "inform"})

    def turn(_: dict[str, Any]) -> None:
        raise AssertionError("it was for the tasks, not for Rasa")

    monkeypatch.setattr(rasa, "turn", turn)


def test_a_code_links_one_chat_once(he: He) -> None:
    wang = worker()
    with transaction() as session:
        stale = chat_links.new_code(session, wang)
        code = chat_links.new_code(session, wang)
    assert "不对" in says(he, f"绑定 {stale}"), "a newer code makes the older void"
    assert "王网格" in says(he, f"绑定{code}")
    other = He()
    assert "不对" in says(other, f"绑定 {code}"), "used"
    with reading() as session:
        found, nobody = chat_links.worker(session, he.id), chat_links.worker(session, other.id)
        assert found and found.id == wang.account_id and nobody is None
        assert code not in "".join(session.scalars(select(ChatLink.code_hash))), "only its hash is kept"


def test_a_code_runs_out_and_a_new_chat_takes_the_place_of_the_old(he: He) -> None:
    wang = worker()
    with transaction() as session:
        code = chat_links.new_code(session, wang)
        session.scalars(select(ChatLink)).one().expires_at = now() - timedelta(seconds=1)
    assert "过期" in says(he, f"绑定 {code}")
    first, second = linked(wang), linked(wang)
    with reading() as session:
        assert chat_links.worker(session, first.id) is None
        assert chat_links.worker(session, second.id) is not None


def test_a_disabled_worker_is_nobody(he: He) -> None:
    wang = worker()
    chat = linked(wang)
    with transaction() as session:
        code = chat_links.new_code(session, wang)
        accounts.disable(session, "wanggrid")
    assert "不对" in says(he, f"绑定 {code}")
    with reading() as session:
        assert chat_links.worker(session, chat.id) is None


def test_only_who_looks_after_the_place_can_be_asked(he: He) -> None:
    number, wang, away = he.files_a_ticket(), worker(), worker("liugrid", "haishu-nanmen", "刘网格")
    with reading() as session:
        assert [w.id for w in grid_tasks.workers(session, ticket_of(he))] == [wang.account_id]
    with pytest.raises(BadInput) as error:
        asked(number, away)
    assert error.value.key == "grid.no_worker"
    with pytest.raises(NotFound):
        asked(number, wang, by=OTHER_HANDLER)
    with pytest.raises(BadInput):
        asked(number, wang, "  ")
    assert task(asked(number, wang, by=HANDLER)).state == "asked"


def test_the_nearest_worker_comes_first(he: He) -> None:
    of_street = worker()
    he.files_a_ticket()
    with transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        ticket.community, ticket.grid = "haishu-ximen-01", "haishu-ximen-01-g1"
    of_grid, of_community = worker("g1", "haishu-ximen-01-g1"), worker("c1", "haishu-ximen-01")
    with reading() as session:
        ids = [w.id for w in grid_tasks.workers(session, ticket_of(he))]
    assert ids == [of_grid.account_id, of_community.account_id, of_street.account_id]


def test_a_task_from_asking_to_done_in_the_chat(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    chat = linked(wang)
    with transaction() as session:
        session.scalars(select(Ticket)).one().description = "我叫何小明，电话13900000010，井盖少了半拉"
    at = asked(number, wang)
    told = chat.last()
    assert "请去看看井盖还在不在" in told.text and "井盖少了半拉" in told.text
    assert "13900000010" not in told.text and "何小明" not in told.text, "who reported it stays the hotline's"
    assert [b["id"] for b in told.buttons] == [f"task:take:{at}", f"task:no:{at}"]
    assert "都记到任务" in says(chat, choice=f"task:take:{at}")
    says(chat, "井盖已经没有了，先放了路锥")
    says(chat, kind="location", location=Location(29.87, 121.54))
    assert "已报告办结" in says(chat, choice=f"task:done:{at}")
    done = task(at)
    assert (done.state, done.report) == ("done", "井盖已经没有了，先放了路锥\n29.87000, 121.54000")
    assert "已经结束" in says(chat, choice=f"task:done:{at}"), "a second press changes nothing"
    with reading() as session:
        story = {c.what: c.why for c in session.scalars(select(Change).where(Change.subject == "ticket"))}
        ticket = ticket_of(he)
        assert additions.news(session, [ticket.id]) == {ticket.id}, "the department should look"
    assert story["grid_asked"] == "王网格：请去看看井盖还在不在" and story["grid_done"].startswith("井盖已经没有了")


def test_a_long_report_is_kept_whole(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    chat = linked(wang)
    at = asked(number, wang)
    says(chat, choice=f"task:take:{at}")
    for part in "甲乙丙":
        says(chat, part * 1500)
    assert task(at).report == "\n".join(part * 1500 for part in "甲乙丙")


def test_nothing_is_done_without_a_word(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    chat = linked(wang)
    at = asked(number, wang)
    says(chat, choice=f"task:take:{at}")
    assert "先写一句" in says(chat, choice=f"task:done:{at}") and task(at).state == "at_work"
    assert "为什么办不了" in says(chat, choice=f"task:no:{at}")
    says(chat, "院门锁着，进不去")
    assert "办不了" in says(chat, choice=f"task:no:{at}")
    assert (task(at).state, task(at).report) == ("declined", "院门锁着，进不去")


def test_pictures_lie_with_the_ticket_for_its_departments(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    chat = linked(wang)
    at = asked(number, wang)
    says(chat, choice=f"task:take:{at}")
    with transaction() as session:
        session.add(Attachment(key="k1", conversation_id=chat.id, media_type="image/jpeg", size=1, path="k1.jpg"))
    says(chat, kind="photo", attachment="k1")
    assert "已报告办结" in says(chat, choice=f"task:done:{at}"), "a picture says enough"
    with reading() as session:
        kept = session.scalars(select(Attachment)).one()
    assert (kept.ticket_id, kept.by, kept.internal) == (ticket_of(he).id, f"account:{wang.account_id}", True)


def test_one_task_at_a_time_and_back_to_the_other(he: He) -> None:
    wang = worker()
    chat = linked(wang)
    assert "没有派给您的任务" in says(chat, "我的任务")
    number = he.files_a_ticket()
    one, two = asked(number, wang, "看一"), asked(number, wang, "看二")
    says(chat, choice=f"task:take:{one}")
    says(chat, choice=f"task:take:{two}")
    assert (task(one).state, task(two).state) == ("asked", "at_work")
    says(chat, choice=f"task:later:{two}")
    assert task(two).state == "asked"
    says(chat, "我的任务")
    assert {"看一" in m.text or "看二" in m.text for m in chat.heard()[-2:]} == {True}


def test_nobody_else_s_task(he: He) -> None:
    number, wang, liu = he.files_a_ticket(), worker(), worker("liugrid", STREET, "刘网格")
    linked(wang)
    theirs = linked(liu)
    at = asked(number, wang)
    theirs.sends("（按钮）", choice=f"task:done:{at}", kind="choice", trusted=True)
    dialogue.work_off(theirs.id)
    assert "没有这项任务" in theirs.last().text and task(at).state == "asked"


def test_an_emergency_comes_before_the_task(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    number, wang = he.files_a_ticket(), worker()
    chat = linked(wang)
    at = asked(number, wang)
    says(chat, choice=f"task:take:{at}")
    monkeypatch.setattr(rasa, "understand", lambda text: {"text": text, "act": "request", "emergency": "fire-outbreak"})
    assert "119" in says(chat, "楼道着火了")
    with reading() as session:
        assert [h.emergency for h in session.scalars(select(Handoff))] == ["fire-outbreak"]
    assert task(at).report == ""


def test_a_report_is_kept_without_the_model(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    number, wang = he.files_a_ticket(), worker()
    chat = linked(wang)
    at = asked(number, wang)
    says(chat, choice=f"task:take:{at}")

    def down(_: str) -> None:
        raise BrainDown("brain.down", why="refused")

    monkeypatch.setattr(rasa, "understand", down)
    assert "已记到任务" in says(chat, "井盖没了")
    assert task(at).report == "井盖没了"


def test_what_a_worker_reports_is_the_worker_s(deployment: str) -> None:
    wang = worker(territory="haishu-ximen-02-g1")
    chat = linked(wang)
    chat.files_a_ticket()
    ticket = ticket_of(chat)
    assert (ticket.reported_by, ticket.contact_name, ticket.anonymous) == (f"account:{wang.account_id}", "王网格", False)
    assert not ticket.contact_phone, "no number is asked of a colleague"
    assert (ticket.street, ticket.community, ticket.grid) == (STREET, "haishu-ximen-02", "haishu-ximen-02-g1")
    assert chat.draft.contact.get("refused")


def test_a_worker_elsewhere_keeps_the_place_said(deployment: str) -> None:
    chat = linked(worker(territory="haishu-nanmen-01-g1"))
    chat.files_a_ticket()
    ticket = ticket_of(chat)
    assert (ticket.street, ticket.community, ticket.grid) == (STREET, "haishu-ximen-02", "")


def test_too_many_tasks_and_a_ticket_that_is_over(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    for n in range(grid_tasks.MOST_OPEN):
        asked(number, wang, f"看第{n}处")
    with pytest.raises(Conflict):
        asked(number, wang)
    with reading() as session:
        assert len(grid_tasks.of_worker(session, wang.account_id or 0, OPEN)) == grid_tasks.MOST_OPEN
    with transaction() as session:
        session.scalars(select(Ticket)).one().state = "closed"
    with pytest.raises(Conflict):
        asked(number, wang)


def test_states_end() -> None:
    from bot.domain.grid import NEXT, check_move

    for then in TaskState:
        for over in (TaskState.DONE, TaskState.DECLINED):
            with pytest.raises(Conflict):
                check_move(over, then)
    assert TaskState.DONE in NEXT[TaskState.ASKED]


def test_an_admin_opens_the_account_with_its_territory(he: He) -> None:
    given = {"username": "xugrid", "name": "徐网格", "role": "grid", "capacity": 4, "department": "urban-management"}
    with transaction() as session:
        account, _ = upkeep.open_account(session, {**given, "territory": "haishu-ximen-01-g2"}, ADMIN)
        assert (account.territory, account.department) == ("haishu-ximen-01-g2", "")
    with pytest.raises(Exception) as error, transaction() as session:
        upkeep.open_account(session, {**given, "username": "x2"}, ADMIN)
    assert "territory" in error.value.problems  # type: ignore[attr-defined]


def recalled(number: str, at: int, by: Actor = DESK) -> None:
    with transaction() as session:
        grid_tasks.take_back(session, number, by, at)


def test_a_task_is_taken_back_and_its_worker_told(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    chat = linked(wang)
    at = asked(number, wang)
    says(chat, choice=f"task:take:{at}")
    with pytest.raises(NotFound):
        recalled(number, at, OTHER_HANDLER)
    recalled(number, at)
    assert task(at).state == "recalled" and f"任务 {at}" in chat.last().text and "收回" in chat.last().text
    with pytest.raises(Conflict):
        recalled(number, at)
    assert "已经结束" in says(chat, choice=f"task:done:{at}")
    with reading() as session:
        assert session.scalars(select(Change.why).where(Change.what == "grid_recalled")).all() == ["王网格"]


def test_a_task_of_another_ticket_cannot_be_taken_back(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    at = asked(number, wang)
    other = He().files_a_ticket()
    with pytest.raises(NotFound):
        recalled(other, at)
    assert task(at).state == "asked"


def test_nobody_goes_in_vain_to_what_is_over(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    chat = linked(wang)
    at = asked(number, wang)
    with transaction() as session:
        ticket_moves.withdraw_for(session, number, DESK, "市民说已经有人补上了")
    assert task(at).state == "recalled" and "已经结束" in chat.last().text


def test_tasks_go_on_with_the_ticket_theirs_was_merged_into(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    at = asked(number, wang)
    other = He()
    main = other.files_a_ticket()
    with transaction() as session:
        duplicates.merge(session, number, main, DESK)
    assert (task(at).ticket_id, task(at).state) == (ticket_of(other).id, "asked")


@pytest.mark.parametrize("leave", ["disabled", "another role"])
def test_a_task_whose_worker_has_left_is_news_for_who_asked(he: He, leave: str) -> None:
    number, wang = he.files_a_ticket(), worker()
    at = asked(number, wang)
    with transaction() as session:
        if leave == "disabled":
            upkeep.set_disabled(session, wang.account_id, True, ADMIN)
        else:
            upkeep.change_account(session, wang.account_id, {"role": "operator"}, ADMIN)
    assert task(at).state == "recalled"
    with reading() as session:
        assert additions.news(session, [ticket_of(he).id]) == {ticket_of(he).id}


def test_changing_a_workers_name_leaves_the_tasks(he: He) -> None:
    number, wang = he.files_a_ticket(), worker()
    at = asked(number, wang)
    with transaction() as session:
        upkeep.change_account(session, wang.account_id, {"name": "王小网"}, ADMIN)
    assert task(at).state == "asked"
