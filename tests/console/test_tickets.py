"""The departments' side."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.services.history import note
from bot.storage import Assignment, Attachment, Message, Ticket, now, reading, transaction
from tests.console.conftest import Seat, changes, words_of

Seats = Callable[[str], Seat]
Tickets = Callable[..., str]
CHANGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("accept", {}), ("answer", {"answer": "已处理", "resolved": "yes"}), ("return", {"why": "不归我们"}),
)
DISPOSAL = {"upheld": "yes", "resolved": "yes", "account": "到场劝离，未留电话", "answer": "已劝离摊贩，盲道已恢复"}
DISPATCH = {"department": "market-regulation", "why": "无照经营归市场监管"}


def the(number: str) -> Ticket:
    with reading() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def told(number: str) -> list[str]:
    with reading() as session:
        query = select(Message.text).where(Message.conversation_id == the(number).conversation_id)
        return list(session.scalars(query.order_by(Message.seq)))


def test_a_department_sees_its_own_tickets_and_no_other(seat: Seats, ticket: Tickets) -> None:
    ours, theirs = ticket("urban-management"), ticket("market-regulation", "电饭煲三天就坏了")
    zhou = seat("zhoujianguo")
    page = zhou.page("/console/tickets")
    assert ours in page and theirs not in page
    assert zhou.get(f"/console/tickets/{ours}").status_code == 200
    hidden = zhou.get(f"/console/tickets/{theirs}", headers={"Accept": "text/html"})
    assert hidden.status_code == 404 and "您无权查看" in hidden.text
    for verb, body in (*CHANGES, ("contact", {})):
        assert zhou.post(f"/console/api/tickets/{theirs}/{verb}", **body).status_code == 404, verb
    assert the(theirs).state == "dispatched" and the(theirs).answer == ""


def test_what_is_due_first_stands_first_with_its_clock_in_words(seat: Seats, ticket: Tickets) -> None:
    later = ticket(due_at=now() + timedelta(hours=3, minutes=30, seconds=30))
    late = ticket(due_at=now() - timedelta(hours=2, seconds=5))
    words = words_of(seat("zhoujianguo").page("/console/tickets"))
    assert words.index(late) < words.index(later)
    assert "超时 2 小时" in words and "还剩 3 小时 30 分钟" in words


def test_what_a_citizen_added_is_marked_until_somebody_does_something(seat: Seats, ticket: Tickets) -> None:
    number, zhou = ticket(), seat("zhoujianguo")
    assert "有新补充" not in zhou.page("/console/tickets")
    with transaction() as session:
        note(session, "ticket", the(number).id, "citizen", "added", why="边上还有个坑")
    assert "有新补充" in zhou.page("/console/tickets") and "有新补充" in zhou.page(f"/console/tickets/{number}")
    zhou.post(f"/console/api/tickets/{number}/accept")
    assert "有新补充" not in zhou.page("/console/tickets")


@pytest.mark.parametrize(("chosen", "states"), [
    ("open", ["accepted", "dispatched"]), ("answered", ["answered", "confirmed"]), ("closed", ["closed", "withdrawn"]),
])
def test_filters(chosen: str, states: list[str], seat: Seats, ticket: Tickets) -> None:
    every = ["dispatched", "accepted", "answered", "confirmed", "closed", "withdrawn"]
    numbers = {state: ticket(state=state) for state in every}
    page = seat("zhoujianguo").page(f"/console/tickets?state={chosen}")
    assert sorted(s for s, number in numbers.items() if number in page) == states


def test_urged_and_reopened_are_plain_to_see(seat: Seats, ticket: Tickets) -> None:
    number = ticket(urged=2, last_urged_at=now(), reopened=1)
    zhou = seat("zhoujianguo")
    assert "催办 2 次" in zhou.page("/console/tickets") and "重办 1 次" in zhou.page("/console/tickets")
    words = words_of(zhou.page(f"/console/tickets/{number}"))
    assert "市民催办 2 次" in words and "市民说没解决，第 1 次重办" in words


def test_a_ticket_shows_everything_needed_to_work_on_it(seat: Seats, ticket: Tickets) -> None:
    place = {"text": "中山西路公交站", "street": "haishu-ximen", "lat": 29.87, "lon": 121.53}
    number = ticket(place=place, occurred_at="每天早上六点")
    words = words_of(seat("zhoujianguo").page(f"/console/tickets/{number}"))
    for expected in ("摊子占了盲道", "西门街道", "中山西路公交站", "29.87000, 121.53000", "每天早上六点", "投诉",
                     "市民 登记工单", number):
        assert expected in words, expected


def test_accept_then_answer_with_an_outcome_reaches_the_citizen(seat: Seats, ticket: Tickets) -> None:
    number = ticket()
    zhou = seat("zhoujianguo")
    path, form = f"/console/api/tickets/{number}/answer", DISPOSAL
    assert zhou.post(path, **form).status_code == 409
    assert zhou.post(f"/console/api/tickets/{number}/accept").json() == {"state": "accepted"}
    assert "区综合行政执法局（城管）已经受理" in told(number)[-1]
    assert zhou.post(path, **{**form, "resolved": ""}).json()["error"]["fields"] == {"resolved": "请选择是否解决。"}
    assert zhou.post(path, **{**form, "answer": " "}).json()["error"]["fields"] == {
        "answer": "请写给市民的答复，至少一句话。"}
    assert the(number).state == "accepted"
    assert zhou.post(path, **form).json() == {"state": "answered"}
    assert "盲道已恢复" in told(number)[-1]
    assert (the(number).outcome, the(number).answer) == ("solved", "已劝离摊贩，盲道已恢复")
    words = words_of(zhou.page(f"/console/tickets/{number}"))
    assert "周建国 受理" in words and "周建国 答复" in words and "提交答复" not in words


def test_returning_needs_a_reason_that_the_history_keeps(seat: Seats, ticket: Tickets) -> None:
    number = ticket()
    zhou = seat("zhoujianguo")
    refused = zhou.post(f"/console/api/tickets/{number}/return", why=" ")
    assert refused.status_code == 422 and refused.json()["error"]["message"] == "请写退单理由。"
    assert zhou.post(f"/console/api/tickets/{number}/return", why="属于市场监管").json() == {"state": "returned"}
    words = words_of(zhou.page(f"/console/tickets/{number}"))
    assert "周建国 退单 属于市场监管" in words
    assert number in seat("wangfang").page("/console/tickets?state=returned")


def test_a_returned_ticket_is_marked_and_dispatched_anew(seat: Seats, ticket: Tickets) -> None:
    number = ticket()
    zhou, wang, yang = seat("zhoujianguo"), seat("wangfang"), seat("yangxue")
    assert "data-dispatch" not in wang.page(f"/console/tickets/{number}")
    zhou.post(f"/console/api/tickets/{number}/return", why="属于市场监管")
    assert "待改派" in wang.page("/console/tickets") and "待改派" not in zhou.page("/console/tickets")
    assert "data-dispatch" in wang.page(f"/console/tickets/{number}")
    assert "data-dispatch" not in zhou.page(f"/console/tickets/{number}")
    path = f"/console/api/tickets/{number}/dispatch"
    assert zhou.post(path, **DISPATCH).status_code == 403 and yang.post(path, **DISPATCH).status_code == 403
    assert wang.post(path, **DISPATCH | {"department": ""}).status_code == 422
    assert wang.post(path, **DISPATCH | {"why": ""}).json()["error"]["message"] == "请写改派理由。"
    assert wang.post(path, **DISPATCH).json() == {"state": "dispatched"}
    assert wang.post(path, **DISPATCH).status_code == 409
    assert "现在由区市场监督管理局办理" in told(number)[-1]
    words = words_of(yang.page(f"/console/tickets/{number}"))
    assert "王芳 派单 区市场监督管理局 无照经营归市场监管" in words and "原主办 · 已退单 属于市场监管" in words
    assert "待改派" not in wang.page("/console/tickets") and number in yang.page("/console/tickets")
    assert zhou.get(f"/console/tickets/{number}").status_code == 404 and number not in zhou.page("/console/tickets")


def test_operators_see_all_tickets_and_change_none(seat: Seats, ticket: Tickets) -> None:
    numbers = [ticket("urban-management"), ticket("market-regulation")]
    wang = seat("wangfang")
    page = wang.page("/console/tickets")
    assert all(number in page for number in numbers)
    sheet = wang.page(f"/console/tickets/{numbers[0]}")
    assert "data-accept" not in sheet and "data-return" not in sheet and "/console/conversations/" in sheet
    for verb, body in CHANGES:
        assert wang.post(f"/console/api/tickets/{numbers[0]}/{verb}", **body).status_code == 403
    assert the(numbers[0]).state == "dispatched"


def test_a_co_handler_answers_the_lead_not_the_citizen(seat: Seats, ticket: Tickets) -> None:
    number = ticket()
    with transaction() as session:
        session.add(Assignment(ticket_id=the(number).id, department="market-regulation", role="co"))
    yang = seat("yangxue")
    sheet = yang.page(f"/console/tickets/{number}")
    assert "答复主办单位" in sheet
    yang.post(f"/console/api/tickets/{number}/answer", account="摊贩无照，已立案", resolved="partly")
    assert the(number).state == "dispatched" and told(number) == []
    assert "摊贩无照，已立案" in seat("zhoujianguo").page(f"/console/tickets/{number}")


def test_the_contact_is_masked_until_shown_and_every_look_is_written_down(seat: Seats, ticket: Tickets) -> None:
    number = ticket()
    zhou = seat("zhoujianguo")
    page = zhou.page(f"/console/tickets/{number}")
    assert "139****0010" in page and "13900000010" not in page and "陈秀英" not in page
    assert "13900000010" not in zhou.page("/console/tickets")
    shown = zhou.post(f"/console/api/tickets/{number}/contact").json()["html"]
    assert "13900000010" in shown and "陈秀英" in shown
    assert (zhou.actor.id, "looked_at_contact") in changes("ticket")
    assert "周建国 查看了联系方式" in words_of(zhou.page(f"/console/tickets/{number}"))


def test_an_anonymous_citizen_stays_so(seat: Seats, ticket: Tickets) -> None:
    page = seat("zhoujianguo").page(f"/console/tickets/{ticket(phone='', name='')}")
    assert "没有留联系方式" in page and "show-contact" not in page


def test_a_department_opens_the_photos_of_its_tickets_only(seat: Seats, ticket: Tickets) -> None:
    from bot.services import files
    from tests.support.citizen import photo

    number = ticket()
    key = files.keep_photo(the(number).conversation_id, photo())
    with transaction() as session:
        session.execute(update(Attachment).where(Attachment.key == key).values(ticket_id=the(number).id))
    zhou = seat("zhoujianguo")
    assert f"/console/files/{key}" in zhou.page(f"/console/tickets/{number}")
    assert zhou.get(f"/console/files/{key}").headers["content-type"] == "image/jpeg"
    yang, wang = seat("yangxue"), seat("wangfang")
    assert yang.get(f"/console/files/{key}").status_code == 404
    zhou.post(f"/console/api/tickets/{number}/return", why="属于市场监管")
    wang.post(f"/console/api/tickets/{number}/dispatch", **DISPATCH)
    assert yang.get(f"/console/files/{key}").status_code == 200
    assert zhou.get(f"/console/files/{key}").status_code == 404
