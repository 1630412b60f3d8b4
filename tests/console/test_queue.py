"""The queue and the handoffs in it."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.console.views import queue as view
from bot.domain.handoff import Reason
from bot.storage import Handoff, Message, now, reading, transaction
from tests.console.conftest import Seat, changes, say, words_of

Seats = Callable[[str], Seat]
Citizens = Callable[..., tuple[str, int]]


def messages(conversation: str, sender: str) -> list[str]:
    with reading() as session:
        query = select(Message.text).where(Message.conversation_id == conversation, Message.sender == sender)
        return list(session.scalars(query.order_by(Message.seq)))


def order(seat: Seat) -> list[str]:
    return list(seat.get("/console/api/queue").json()["conversations"])


def test_the_emergency_stands_on_top_and_then_who_waits_longest(seat: Seats, citizen: Citizens) -> None:
    first, _ = citizen("陈阿姨", "转人工")
    second, _ = citizen("老周", "转人工")
    gas, _ = citizen("小吴", "闻到煤气味", Reason.EMERGENCY, "gas-leak")
    wang = seat("wangfang")
    assert order(wang) == [gas, first, second]
    words = words_of(wang.page("/console/queue"))
    assert "紧急 燃气泄漏" in words and words.index("小吴") < words.index("陈阿姨") < words.index("老周")


def test_waiting_is_told_in_words_and_presses_after_three_and_five_minutes(seat: Seats, citizen: Citizens) -> None:
    from datetime import timedelta

    for name, minutes in (("甲", 1), ("乙", 4), ("丙", 6)):
        _, handoff = citizen(name, "转人工")
        with transaction() as session:
            session.get_one(Handoff, handoff).waiting_since = now() - timedelta(minutes=minutes, seconds=2)
    words = words_of(seat("wangfang").page("/console/queue"))
    rows = {name: words[words.index(f" {name} "):][:120] for name in "甲乙丙"}
    assert "等了 1 分钟" in rows["甲"]
    assert "等了 4 分钟 已过 3 分钟，请尽快接起" in rows["乙"]
    assert "等了 6 分钟 已过 5 分钟" in rows["丙"]


def test_a_citizen_who_left_no_name_can_still_be_told_apart(seat: Seats) -> None:
    from bot.services import conversations, handoffs

    ids = [conversations.start()[0] for _ in range(2)]
    for conversation in ids:
        say(conversation, "转人工")
        with transaction() as session:
            handoffs.request(session, conversation, Reason.ASKED)
    words = words_of(seat("wangfang").page("/console/queue"))
    assert all(f"网页市民 {c[-4:]}" in words for c in ids)


def test_of_two_operators_who_claim_at_once_one_wins_and_the_other_is_told_who(seat: Seats, citizen: Citizens) -> None:
    for _ in range(5):
        _, handoff = citizen("陈阿姨", "转人工")
        seats = [seat("wangfang"), seat("limei")]
        together, answers = threading.Barrier(2), {}

        def claim(one: Seat, handoff: int = handoff, together=together, answers=answers) -> None:  # type: ignore[no-untyped-def]
            together.wait()
            answers[one.actor.name] = one.post(f"/console/api/handoffs/{handoff}/claim")

        threads = [threading.Thread(target=claim, args=(s,)) for s in seats]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert sorted(a.status_code for a in answers.values()) == [200, 409]
        winner = next(name for name, a in answers.items() if a.status_code == 200)
        told = next(a for a in answers.values() if a.status_code == 409).json()["error"]
        assert told == {"key": "handoff.taken", "message": f"{winner}已经先接起了这位市民。"}


def test_claiming_twice_oneself_is_no_error(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    _, handoff = citizen("陈阿姨", "转人工")
    assert [wang.post(f"/console/api/handoffs/{handoff}/claim").status_code for _ in range(2)] == [200, 200]
    assert changes("handoff").count((wang.actor.id, "claimed")) == 1


def test_only_the_holder_replies(seat: Seats, citizen: Citizens) -> None:
    wang, li = seat("wangfang"), seat("limei")
    conversation, handoff = citizen("陈阿姨", "转人工")
    reply = f"/console/api/handoffs/{handoff}/reply"
    assert wang.post(reply, text="您好").json()["error"]["message"] == "这位市民又回到了队列，现在没有人接待。"
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    assert wang.post(reply, text="您好，我是王芳", client_id="a1").status_code == 200
    refused = li.post(reply, text="我也来")
    assert refused.status_code == 409 and "王芳" in refused.json()["error"]["message"]
    assert messages(conversation, "operator") == ["您好，我是王芳"]


def test_a_retried_reply_is_sent_once(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    conversation, handoff = citizen("陈阿姨", "转人工")
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    reply = f"/console/api/handoffs/{handoff}/reply"
    answers = [wang.post(reply, text="马上给您查", client_id="b2").json() for _ in range(3)]
    assert [a["repeated"] for a in answers] == [False, True, True]
    assert messages(conversation, "operator") == ["马上给您查"]


def test_an_empty_reply_is_refused_in_words(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    _, handoff = citizen("陈阿姨", "转人工")
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    answer = wang.post(f"/console/api/handoffs/{handoff}/reply", text=" \n ")
    assert answer.status_code == 422 and answer.json()["error"]["message"] == "消息是空的。"


@pytest.mark.parametrize(("verb", "state", "told"), [
    ("return", "returned", "话务员已处理完"), ("end", "ended", "人工服务已结束"),
])
def test_the_holder_returns_or_ends_and_the_citizen_is_told(
    verb: str, state: str, told: str, seat: Seats, citizen: Citizens
) -> None:
    wang, li = seat("wangfang"), seat("limei")
    conversation, handoff = citizen("陈阿姨", "转人工")
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    assert li.post(f"/console/api/handoffs/{handoff}/{verb}").status_code == 409
    assert wang.post(f"/console/api/handoffs/{handoff}/{verb}").json() == {"state": state}
    assert told in messages(conversation, "bot")[-1]
    assert order(wang) == []
    late = wang.post(f"/console/api/handoffs/{handoff}/reply", text="还有一件事")
    assert late.status_code == 409 and "王芳" in late.json()["error"]["message"]


def test_what_the_holder_has_not_answered_is_counted(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    conversation, handoff = citizen("陈阿姨", "转人工")
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    wang.post(f"/console/api/handoffs/{handoff}/reply", text="您好")
    say(conversation, "我家水管爆了")
    say(conversation, "在吗")
    with reading() as session:
        [row] = view.read(session, wang.actor, "zh").mine
    assert (row.unanswered, row.last_words) == (2, "在吗")
    wang.post(f"/console/api/handoffs/{handoff}/reply", text="在的")
    assert "已回复" in words_of(wang.page("/console/queue"))


def test_the_conversation_shows_all_sides_what_was_done_and_nothing_is_html(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    conversation, handoff = citizen("<b>陈</b>", "<script>alert(1)</script> 转人工")
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    wang.post(f"/console/api/handoffs/{handoff}/reply", text="您好<i>")
    page = wang.page(f"/console/conversations/{conversation}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 转人工" in page and "<script>alert" not in page and "<i>" not in page
    words = words_of(page)
    for expected in ("机器人转人工：要求人工", "王芳接起", "话务员王芳来为您服务", "您好&lt;i&gt;", "您在接待"):
        assert expected in words


def test_only_what_is_new_is_fetched_and_days_are_not_repeated(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    conversation, _ = citizen("陈阿姨", "转人工")
    path = f"/console/api/conversations/{conversation}"
    first = wang.get(path).json()
    assert "转人工" in first["lines"] and "data-new-day" in first["lines"]
    say(conversation, "还在吗")
    more = wang.get(path, params={"after": first["seq"], "event": first["event"]}).json()
    assert more["seq"] == first["seq"] + 1
    assert "还在吗" in more["lines"] and 'id="m1"' not in more["lines"]
    assert "data-new-day" not in more["lines"].split('id="m')[-1]


def test_long_conversations_open_at_the_end_and_earlier_messages_can_be_fetched(seat: Seats, citizen: Citizens) -> None:
    wang = seat("wangfang")
    conversation, _ = citizen("陈阿姨", "第1句")
    for n in range(2, 231):
        say(conversation, f"第{n}句")
    first = wang.get(f"/console/api/conversations/{conversation}").json()
    assert (first["first"], first["seq"], first["earlier"]) == (31, 230, True)
    older = wang.get(f"/console/api/conversations/{conversation}/earlier", params={"before": 31}).json()
    assert "第30句" in older["lines"] and "第31句" not in older["lines"] and not older["earlier"]


def test_departments_see_no_conversation(seat: Seats, citizen: Citizens) -> None:
    zhou = seat("zhoujianguo")
    conversation, handoff = citizen("陈阿姨", "转人工")
    for path in ("/console/api/queue", f"/console/api/conversations/{conversation}", "/console/queue"):
        assert zhou.get(path).status_code == 403, path
    assert zhou.post(f"/console/api/handoffs/{handoff}/claim").status_code == 403
    assert zhou.post(f"/console/api/conversations/{conversation}/contact").status_code == 403


def test_the_contact_is_masked_until_shown_and_the_look_is_written_down(seat: Seats, citizen: Citizens, ticket) -> None:  # type: ignore[no-untyped-def]
    wang = seat("wangfang")
    conversation, _ = citizen("陈阿姨", "转人工")
    ticket(conversation=conversation)
    page = wang.page(f"/console/conversations/{conversation}")
    assert "139****0010" in page and "13900000010" not in page and "陈秀英" not in page
    assert changes("conversation") == []
    shown = wang.post(f"/console/api/conversations/{conversation}/contact").json()["html"]
    assert "13900000010" in shown and "陈秀英" in shown
    assert changes("conversation") == [(wang.actor.id, "looked_at_contact")]


def test_a_file_is_shown_to_operators_and_to_nobody_signed_out(seat: Seats, citizen: Citizens, browser_client) -> None:  # type: ignore[no-untyped-def]
    from bot.services import files
    from tests.support.citizen import photo

    conversation, _ = citizen("陈阿姨", "转人工")
    key = files.keep_photo(conversation, photo())
    say(conversation, "", kind="photo", attachment=key)
    wang, path = seat("wangfang"), f"/console/files/{key}"
    assert path in wang.page(f"/console/conversations/{conversation}")
    answer = wang.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["content-disposition"].startswith("inline") and answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    assert seat("zhoujianguo").get(path).status_code == 404
    assert browser_client().get(path).status_code == 303
    assert wang.get("/console/files/0123").status_code == 404
