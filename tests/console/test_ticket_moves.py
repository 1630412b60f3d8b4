"""The rarer moves on a ticket's page: who is offered which, that they do it, and what goes wrong is said at the form."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.services import assignments, part_moves
from bot.storage import Assignment, Extension, Message, Ticket, Unit, now, reading, transaction
from tests.console.conftest import Seat

Seats = Callable[[str], Seat]
Tickets = Callable[..., str]
LEAD = {"ask", "extension", "add-part"}
DESK = {"suspend", "reassign", "add-part", "merge", "secret", "withdraw"}


def the(number: str) -> Ticket:
    with reading() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def offered(seat: Seat, number: str) -> set[str]:
    page = seat.page(f"/console/tickets/{number}")
    return {part.split('"')[0] for part in page.split('data-move="')[1:]}


def taken(seat: Seat, ticket: Tickets, **columns: object) -> str:
    number = ticket(**{"due_at": now() + timedelta(days=3), **columns})
    with transaction() as session:
        assignments.accept(session, number, seat.actor)
    return number


def test_who_is_offered_what(seat: Seats, ticket: Tickets) -> None:
    zhou, wang = seat("zhoujianguo"), seat("wangfang")
    fresh, number = ticket(), taken(zhou, ticket)
    assert offered(zhou, fresh) == {"add-part"} and offered(zhou, number) == LEAD
    assert offered(wang, number) == DESK and offered(wang, fresh) == DESK - {"suspend"}
    over = ticket(state="closed", closed_at=now())
    assert offered(zhou, over) == set() == offered(wang, over)
    zhou.post(f"/console/api/tickets/{number}/return", why="不归我们", proposed="transport")
    assert offered(wang, number) == {"refuse-return", "out-of-remit", "secret", "withdraw"}


@pytest.mark.parametrize(("verb", "body"), [
    ("suspend", {"days": 3, "why": "等配件到货"}), ("reassign", {"department": "transport", "why": "路段归他们"}),
    ("secret", {"on": True}), ("withdraw", {"text": "市民说不用了"}), ("out-of-remit", {"text": "归江北区管"}),
    ("refuse-return", {"why": "归你们"}), ("extension/decide", {"id": 1, "granted": True}), ("called", {"text": "打过了"}),
    ("merge", {"into": "HS202611220001"}),
])
def test_what_is_the_desk_s_is_no_department_s(seat: Seats, ticket: Tickets, verb: str, body: dict[str, object]) -> None:
    zhou = seat("zhoujianguo")
    number = taken(zhou, ticket)
    assert zhou.post(f"/console/api/tickets/{number}/{verb}", **body).status_code in (403, 404)
    assert the(number).state == "accepted"


def test_the_lead_s_moves(seat: Seats, ticket: Tickets) -> None:
    zhou, wang = seat("zhoujianguo"), seat("wangfang")
    number = taken(zhou, ticket)
    path = f"/console/api/tickets/{number}"
    assert zhou.post(f"{path}/ask", text="请发一张照片").json() == {"state": "waiting_for_citizen"}
    assert offered(zhou, number) >= {"resume"}
    assert zhou.post(f"{path}/resume").json() == {"state": "accepted"}
    asked = zhou.post(f"{path}/extension", days=5, why="要等配件").json()["id"]
    assert "extension" not in offered(zhou, number) and "extension/decide" in offered(wang, number)
    before = the(number).due_at
    assert wang.post(f"{path}/extension/decide", id=asked, granted=False).status_code == 422, "a refusal needs words"
    assert wang.post(f"{path}/extension/decide", id=asked, granted=True).status_code == 200
    assert the(number).due_at >= before
    assert wang.post(f"{path}/extension/decide", id=asked, granted=True).status_code == 409
    assert zhou.post(f"{path}/extension", days=99, why="很久").status_code == 422
    assert zhou.post(f"{path}/add-part", department="market-regulation", why="要查执照").json() == {"state": "dispatched"}
    assert number in seat("yangxue").page("/console/tickets")
    assert zhou.post(f"{path}/drop-part", department="market-regulation", why="不用了").status_code == 200


def test_the_desk_s_moves(seat: Seats, ticket: Tickets) -> None:
    zhou, wang = seat("zhoujianguo"), seat("wangfang")
    number, other = taken(zhou, ticket), taken(zhou, ticket)
    path = f"/console/api/tickets/{number}"
    assert wang.post(f"{path}/suspend", days=3, why="等配件到货").json() == {"state": "suspended"}
    assert wang.post(f"{path}/resume").json() == {"state": "accepted"}
    assert wang.post(f"{path}/secret", on=True).json() == {"confidential": True}
    assert wang.post(f"{path}/reassign", department="market-regulation", why="无照经营").json() == {"state": "dispatched"}
    assert zhou.get(f"/console/tickets/{number}").status_code == 404
    assert wang.post(f"{path}/merge", into=other.lower()).json() == {"into": other}
    assert the(number).state == "merged"
    gone = taken(zhou, ticket)
    assert wang.post(f"/console/api/tickets/{gone}/withdraw", text="市民来电说不用了").json() == {"state": "withdrawn"}


def test_a_confidential_citizen_is_not_shown_to_a_department(seat: Seats, ticket: Tickets) -> None:
    zhou, wang = seat("zhoujianguo"), seat("wangfang")
    number = taken(zhou, ticket)
    page = zhou.page(f"/console/tickets/{number}")
    assert "陈**" in page and "139****0010" in page
    with transaction() as session:
        part_moves.keep_secret(session, number, wang.actor, True)
    page = zhou.page(f"/console/tickets/{number}")
    assert "陈*" not in page and "陈秀英" not in page and "****0010" not in page and "13900000010" not in page
    assert "保密" in page
    assert zhou.post(f"/console/api/tickets/{number}/contact").status_code == 403
    assert wang.post(f"/console/api/tickets/{number}/contact").status_code == 200


def test_more_time_is_not_offered_once_it_is_late(seat: Seats, ticket: Tickets) -> None:
    zhou = seat("zhoujianguo")
    assert offered(zhou, taken(zhou, ticket, due_at=now() - timedelta(hours=1))) == LEAD - {"extension"}


def test_overtaken_by_a_colleague_the_words_are_kept(desk: Callable[..., Page], seat: Seats, ticket: Tickets) -> None:
    zhou = seat("zhoujianguo")
    number = taken(zhou, ticket)
    page = desk("wangfang")
    page.goto(page.url.split("/console")[0] + f"/console/tickets/{number}")
    expect(page.locator("#link-state")).to_have_text("实时")
    page.locator("summary", has_text="更多操作").click()
    page.locator("summary", has_text="改派给其他单位").click()
    page.select_option("#reassign-department", "transport")
    page.fill("#reassign-why", "路段归他们")
    zhou.post(f"/console/api/tickets/{number}/return", why="不归我们")
    form = page.locator("[data-move=reassign]")
    form.locator("[type=submit]").click()
    expect(form.locator(".problem")).to_contain_text("已退单")
    expect(page.locator("#reassign-why")).to_have_value("路段归他们")
    form.locator(".problem a", has_text="刷新").click()
    expect(page.locator(".turn")).to_contain_text("轮到热线决定")
    wang = seat("wangfang")
    wang.post(f"/console/api/tickets/{number}/refuse-return", why="归你们")
    page.reload()
    expect(page.locator("#reassign-why")).to_be_visible()
    expect(page.locator("#reassign-why")).to_have_value("路段归他们")
    page.locator("[data-move=reassign] [type=submit]").click()
    expect(page.locator(".turn")).to_contain_text("轮到区交通运输局受理")
    assert not page.evaluate("Object.keys(sessionStorage).some((key) => key.includes(':move:'))")


def test_a_form_says_what_is_missing_and_does_it_once(desk: Callable[..., Page], seat: Seats, ticket: Tickets) -> None:
    number = taken(seat("zhoujianguo"), ticket)
    page = desk("zhoujianguo")
    page.goto(page.url.split("/console")[0] + f"/console/tickets/{number}")
    expect(page.locator("#link-state")).to_have_text("实时")
    page.locator("summary", has_text="请市民补充材料").click()
    form = page.locator("[data-move=ask]")
    form.locator("[type=submit]").click()
    expect(form.locator(".problem")).to_have_text("请写几个字。")
    expect(page.locator("#ask-text")).to_be_focused()
    expect(page.locator("#ask-text")).to_have_attribute("aria-describedby", "ask-text-problem")
    expect(page.locator("#ask-text")).to_have_accessible_description("请写几个字。")
    page.fill("#ask-text", "请发一张现场照片")
    form.locator("[type=submit]").dblclick()
    expect(page.locator(".standing")).to_contain_text("等市民补充")
    with reading() as session:
        told = session.scalars(select(Message.text).where(Message.conversation_id == the(number).conversation_id)).all()
    assert sum("请发一张现场照片" in words for words in told) == 1


def test_more_time_from_both_sides_in_the_browser(desk: Callable[..., Page], seat: Seats, ticket: Tickets) -> None:
    number = taken(seat("zhoujianguo"), ticket)
    page = desk("zhoujianguo")
    page.goto(page.url.split("/console")[0] + f"/console/tickets/{number}")
    expect(page.locator("#link-state")).to_have_text("实时")
    page.locator("summary", has_text="更多操作").click()
    page.locator("summary", has_text="申请延期").click()
    page.fill("#extension-days", "40")
    page.fill("#extension-why", "要等配件到货")
    page.locator("[data-move=extension] [type=submit]").click()
    expect(page.locator("[data-move=extension] .problem")).to_have_text("请填 1 到 30 之间的天数。")
    page.fill("#extension-days", "3")
    page.locator("[data-move=extension] [type=submit]").click()
    expect(page.locator(".extensions")).to_contain_text("待批复")
    boss = desk("wangfang")
    boss.goto(page.url)
    expect(boss.locator("#link-state")).to_have_text("实时")
    boss.locator("button", has_text="不同意").click()
    expect(boss.locator("[data-move='extension/decide'] .problem")).not_to_be_empty()
    boss.fill("#decide-text", "按期办结")
    boss.locator("button", has_text="不同意").click()
    expect(boss.locator(".extensions")).to_contain_text("未同意")
    with reading() as session:
        assert session.scalars(select(Extension)).one().granted is False


def test_a_pick_among_similar_ones_fills_the_number(desk: Callable[..., Page], seat: Seats, ticket: Tickets) -> None:
    zhou = seat("zhoujianguo")
    number, other = taken(zhou, ticket), taken(zhou, ticket)
    page = desk("wangfang")
    page.goto(page.url.split("/console")[0] + f"/console/tickets/{number}")
    expect(page.locator("#link-state")).to_have_text("实时")
    page.locator("summary", has_text="更多操作").click()
    page.locator("summary", has_text="并入另一件工单").click()
    page.locator(f"input[name=pick][value={other}]").check()
    expect(page.locator("#merge-into")).to_have_value(other)
    page.locator("[data-move=merge] [type=submit]").click()
    expect(page.locator(".standing")).to_contain_text("已合并")
    with reading() as session:
        assert session.scalars(select(Assignment.role).where(Assignment.ticket_id == the(number).id)).all() == ["lead"]


def test_the_order_of_co_handlers_is_changed_by_the_lead_and_units_are_shown(seat: Seats, ticket: Tickets) -> None:
    zhou = seat("zhoujianguo")
    number = taken(zhou, ticket)
    path = f"/console/api/tickets/{number}"
    zhou.post(f"{path}/add-part", department="market-regulation", why="要查执照")
    assert "order" not in offered(zhou, number), "one alone has no order"
    zhou.post(f"{path}/add-part", department="transport", why="随后撤牌", after=True)
    assert {"order", "drop-part"} <= offered(zhou, number)
    assert zhou.post(f"{path}/order", department="market-regulation", after=True).json() == {"state": "accepted"}
    with transaction() as session:
        parts = {p.department: p for p in session.scalars(select(Assignment))}
        assert (parts["market-regulation"].state, parts["transport"].state) == ("queued", "dispatched")
        parts["market-regulation"].unit = "haishu-ximen-market"
        unit = session.get(Unit, "haishu-ximen-market")
        shown = unit.name_zh if unit else ""
    page = zhou.page(f"/console/tickets/{number}")
    assert shown and shown in page
    assert seat("yangxue").post(f"{path}/order", department="transport", after=False).status_code in (403, 404)
