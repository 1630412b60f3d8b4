"""Tickets as their citizen has them: how they stand, whose turn it is, urging, taking back."""

from datetime import timedelta

from sqlalchemy import select

from bot.domain.draft import Draft
from bot.domain.understanding import Understanding
from bot.services import (
    additions,
    assignments,
    drafts,
    duplicates,
    my_tickets,
    ratings,
    requests,
    ticket_moves,
    tickets,
)
from bot.services.replies import Turn
from bot.storage import Change, Ticket, now, reading, transaction
from tests.services.conftest import ADMIN, HANDLER, He, answered, ticket_of
from tests.support.time_machine import pass_time


def buttons(he: He) -> set[str]:
    message = he.last()
    return {b["id"] for b in [*message.buttons, *(b for c in message.cards for b in c["buttons"])]}


def seen(he: He) -> str:
    return "\n".join(line for c in he.last().cards for line in c["lines"])


def shows(he: He, choice: str = "", words: str = "我的工单") -> str:
    he.does(my_tickets.status, words, act="status", choice=choice)
    return seen(he)


def make(he: He, state: str, number: str) -> None:
    with transaction() as session:
        if state == "answered":
            assignments.accept(session, number, HANDLER)
            assignments.answer(session, number, HANDLER, "井盖已更换。")
        elif state == "waiting":
            assignments.accept(session, number, HANDLER)
            ticket_moves.ask_citizen(session, number, HANDLER, "是哪个路口？")
        elif state == "returned":
            assignments.send_away(session, number, HANDLER, "不归我们")


def test_each_state_says_whose_turn_it_is(he: He) -> None:
    number = he.files_a_ticket()
    assert "等区综合行政执法局" in shows(he) and "您不用做什么" in seen(he) and "期限：" in seen(he)
    assert buttons(he) == {f"urge:{number}", f"add:{number}", f"drop:{number}"}
    make(he, "returned", number)
    assert "热线正在核实" in he.last().text and "热线正在核实" in shows(he)
    with transaction() as session:
        assignments.dispatch(session, number, ADMIN, HANDLER.department, "就是城管")
    make(he, "waiting", number)
    assert "现在等您回复：是哪个路口？" in shows(he) and "期限：先停着" in seen(he)
    assert buttons(he) == {f"add:{number}", f"drop:{number}"}, "nobody is urged while the citizen is to answer"
    with transaction() as session:
        assignments.answer(session, number, HANDLER, "找到了，井盖已更换。")
    assert "等您说说解决了没有" in shows(he) and "答复：找到了" in seen(he) and "期限" not in seen(he)
    assert f"rate:T{ticket_of(he).id}:5" in buttons(he) and f"unsolved:T{ticket_of(he).id}" in buttons(he)


def test_one_that_is_late_says_how_late_and_that_it_is_so(he: He) -> None:
    he.files_a_ticket()
    pass_time(timedelta(days=3))
    assert "已经晚了 2 天" in shows(he)


def test_five_at_a_time_those_still_open_first(he: He) -> None:
    draft = Draft(item="manhole-missing", kind="help", description="井盖没了", contact={"refused": True})
    with transaction() as session:
        numbers = [tickets.open_for(session, he.id, draft, "citizen").number for _ in range(7)]
    make(he, "answered", numbers[0])
    he.does(ratings.rate, "5", act="rate")
    shows(he)
    assert len(he.last().cards) == 5 and "一共有 7 件" in he.last().text
    assert [c["title"].split()[1] for c in he.last().cards] == numbers[:1:-1]
    assert f"urge:{numbers[6]}" in buttons(he) and "status:5" in buttons(he)
    assert any(b["title"] == "催办第1件" for b in he.last().cards[0]["buttons"])
    shows(he, "status:5")
    assert [c["title"].split()[0] for c in he.last().cards] == ["6.", "7."] and "您说解决了" in seen(he)
    assert not any(b.startswith("status:") for b in buttons(he))


def test_a_merged_ticket_says_where_it_went(he: He) -> None:
    first, neighbour = he.files_a_ticket(), He()
    second = neighbour.files_a_ticket()
    with transaction() as session:
        duplicates.merge(session, second, first, ADMIN)
    assert f"和 {first} 合在一起办" in shows(neighbour)
    assert f"urge:{second}" in buttons(neighbour) and f"drop:{second}" not in buttons(neighbour)


def test_urging_once_on_each_working_day(he: He) -> None:
    he.files_a_ticket()
    he.does(my_tickets.urge, "帮我催一催", act="urge")
    assert "已替您催了" in he.last().text
    he.does(my_tickets.urge, "再催", act="urge")
    assert ticket_of(he).urged == 1 and "已经催过" in he.last().text and "可以再催" in he.last().text
    assert f"urge:{ticket_of(he).number}" not in (shows(he), buttons(he))[1]
    pass_time(timedelta(days=12))
    he.does(my_tickets.urge, "再催", act="urge")
    assert ticket_of(he).urged == 2 and "督办人员都看得到" in he.last().text, "it is late by now"


def test_urging_asks_which_where_nothing_says_it(he: He) -> None:
    first = he.files_a_ticket()
    second = he.files_a_ticket("路灯坏了三天了，晚上很黑", "streetlight-out")
    shows(he)
    he.does(my_tickets.urge, "催一下", act="urge")
    assert buttons(he) == {f"urge:{first}", f"urge:{second}"}
    he.does(my_tickets.urge, "催办", act="urge", choice=f"urge:{first}")
    with reading() as session:
        assert {t.number: t.urged for t in session.query(Ticket)} == {first: 1, second: 0}


def test_who_was_merged_urges_the_ticket_that_goes_on(he: He) -> None:
    first, neighbour = he.files_a_ticket(), He()
    second = neighbour.files_a_ticket()
    with transaction() as session:
        duplicates.merge(session, second, first, ADMIN)
    neighbour.does(my_tickets.urge, "催一下", act="urge")
    assert ticket_of(he).urged == 1 and second in neighbour.last().text
    he.does(my_tickets.urge, "催一下", act="urge")
    assert ticket_of(he).urged == 1 and "已经催过" in he.last().text, "once a day, whoever urges"


def test_what_waits_for_the_citizen_is_not_urged_but_shown(he: He) -> None:
    number = he.files_a_ticket()
    make(he, "waiting", number)
    he.does(my_tickets.urge, "催一下", act="urge")
    assert "是哪个路口" in seen(he) and ticket_of(he).urged == 0


def test_a_press_by_mistake_takes_nothing_back(he: He) -> None:
    number = he.files_a_ticket()
    he.does(drafts.cancel, "不用办了", act="cancel", choice=f"drop:{number}")
    assert buttons(he) == {f"withdraw:{number}"} and ticket_of(he).state == "dispatched"
    he.does(drafts.cancel, "撤回", act="cancel", choice=f"withdraw:{number}")
    assert ticket_of(he).state == "withdrawn" and "您不要办了" in shows(he)
    he.does(drafts.cancel, "不用办了", act="cancel", choice=f"drop:{number}")
    assert "不能撤回" in he.last().text


def test_a_photo_and_words_join_the_ticket_that_was_spoken_of(he: He) -> None:
    first = he.files_a_ticket()
    he.files_a_ticket("路灯坏了三天了，晚上很黑", "streetlight-out")
    he.does(my_tickets.status, f"{first} 怎么样了", act="status")
    he.does(requests.begin, "补充一下：井盖边上又塌了一块")
    assert first in he.last().text and "已经加到" in he.last().text


def test_which_one_is_asked_and_what_was_said_is_kept(he: He) -> None:
    first = he.files_a_ticket()
    second = he.files_a_ticket("路灯坏了三天了，晚上很黑", "streetlight-out")
    shows(he)
    he.does(requests.begin, "补充一点，晚上有老人摔过")
    assert buttons(he) == {f"add:{first}", f"add:{second}", "new"}
    he.does(my_tickets.status, "加到", act="status", choice=f"add:{first}")
    with reading() as session:
        added = session.scalars(select(Change).where(Change.what == "added")).one()
        assert added.subject_id == str(min(t.id for t in session.query(Ticket))) and "老人摔过" in added.why
    assert he.draft.comment_on == "" and not he.draft.description


def test_what_is_announced_comes_next(he: He) -> None:
    number = he.files_a_ticket()
    he.does(my_tickets.status, "补充一下情况", act="status")
    assert "直接发过来" in he.last().text and he.draft.comment_on == number
    he.does(requests.begin, "晚上有老人摔过")
    assert "已经加到" in he.last().text and he.draft.comment_on == ""


def test_what_was_announced_is_no_verdict_on_another_ticket(he: He) -> None:
    first = he.files_a_ticket()
    second = he.files_a_ticket("路灯坏了三天了，晚上很黑", "streetlight-out")
    answered(he, first)
    he.does(my_tickets.status, "补充", act="status", choice=f"add:{second}")
    he.does(ratings.reopen, "昨天又有人摔了", act="reopen")
    assert second in he.last().text and "已经加到" in he.last().text
    with reading() as session:
        assert {t.number: t.state for t in session.query(Ticket)} == {first: "answered", second: "dispatched"}


def test_another_matter_is_not_added(he: He) -> None:
    he.files_a_ticket()
    he.does(my_tickets.status, "补充一下", act="status")
    he.does(requests.begin, "我要换身份证，上周丢了", item="id-card-renewal", kind="consult")
    assert "已经加到" not in he.last().text


def test_after_the_answer_an_addition_asks_whether_it_is_solved(he: He) -> None:
    answered(he, he.files_a_ticket())
    he.does(requests.begin, "补充一下，边上还有个坑")
    assert ticket_of(he).state == "answered" and buttons(he) == {f"unsolved:T{ticket_of(he).id}"}


def test_the_departments_see_what_is_new(he: He) -> None:
    number = he.files_a_ticket()
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    he.does(requests.begin, "补充一下，边上还有个坑")
    with reading() as session:
        assert additions.news(session, [ticket_of(he).id]) == {ticket_of(he).id}
    with transaction() as session:
        assignments.answer(session, number, HANDLER, "都补好了。")
    with reading() as session:
        assert additions.news(session, [ticket_of(he).id]) == set()


def test_nothing_is_shown_or_moved_of_anothers(he: He) -> None:
    number, other = he.files_a_ticket(), He()
    for choice in (f"add:{number}", f"status:{number}"):
        other.does(my_tickets.status, "x", act="status", choice=choice)
        assert number not in other.last().text and not other.last().cards
    other.does(my_tickets.urge, "x", act="urge", choice=f"urge:{number}")
    assert ticket_of(he).urged == 0 and now() > ticket_of(he).received_at


def replies(he: He, service, words: str, to: str, **heard):  # type: ignore[no-untyped-def]
    """His message that answers one of the hotline's, as Telegram knows it."""
    message = he.sends(words, replied_to=to)
    turn = Turn(he.id, message.id, heard=Understanding(words, **heard), draft=he.draft, source=f"t{message.id}")
    with transaction() as session:
        service(session, turn)


def test_a_reply_to_a_tickets_message_is_about_that_ticket(he: He) -> None:
    first = he.files_a_ticket()
    told = he.last().text
    second = he.files_a_ticket("路灯坏了三天了，晚上很黑", "streetlight-out")
    replies(he, requests.begin, "晚上有老人摔过", told)
    assert first in he.last().text and "已经加到" in he.last().text
    replies(he, my_tickets.urge, "快点吧", told, act="urge")
    assert first in he.last().text and "已替您催了" in he.last().text
    replies(he, my_tickets.status, "怎么样了", told, act="status")
    assert [c["title"].split()[0] for c in he.last().cards] == [first]
    answered(he, first)
    replies(he, ratings.reopen, "没解决", told, act="reopen")
    assert first in he.last().text and "退回" in he.last().text and second not in he.last().text
