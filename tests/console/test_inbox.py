"""The inbox: its boxes and counts, filters in the address, several accepted at once, pages, keys."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.console import tickets as routes
from bot.services import assignments, ticket_boxes
from bot.storage import Account, Assignment, Ticket, now, reading, transaction
from tests.console.conftest import Seat, words_of
from tests.support.world import wait_until

Seats = Callable[[str], Seat]
Tickets = Callable[..., str]


def part_state(number: str, state: str) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        ticket.assignments[0].state = state


def state_of(number: str) -> str:
    with reading() as session:
        return session.scalars(select(Ticket.state).where(Ticket.number == number)).one()


def shown(seat: Seat, box: str, **more: str) -> set[str]:
    query = "&".join(f"{k}={v}" for k, v in {"state": box, **more}.items())
    page = seat.page(f"/console/tickets?{query}")
    with reading() as session:
        return {n for n in session.scalars(select(Ticket.number)) if f'href="/console/tickets/{n}"' in page}


def test_each_box_has_its_own_and_says_how_many(seat: Seats, ticket: Tickets) -> None:
    far = now() + timedelta(days=5)
    fresh, at_work = ticket(due_at=far), ticket(state="accepted", due_at=far)
    late, again = ticket(due_at=now() - timedelta(hours=1)), ticket(state="accepted", reopened=1, due_at=far)
    away, over = ticket(state="returned", due_at=far), ticket(state="closed", due_at=far, closed_at=now())
    for number in (at_work, again):
        part_state(number, "accepted")
    part_state(away, "returned")
    zhou = seat("zhoujianguo")
    assert shown(zhou, "to_accept") == {fresh, late}
    assert shown(zhou, "in_hand") == {at_work, again}
    assert shown(zhou, "late") == {late}
    assert shown(zhou, "back") == {again, away}
    assert shown(zhou, "closed") == {over}
    assert "待受理 2" in words_of(zhou.page("/console/tickets"))
    boss = seat("zhaoqiang")
    assert shown(boss, "returned") == {away} and "退单 1" in words_of(boss.page("/console/tickets"))


def test_filters_stand_in_the_address(seat: Seats, ticket: Tickets) -> None:
    vendor = ticket("urban-management", "摊子占了盲道", street="haishu-ximen")
    cooker = ticket("market-regulation", "电饭煲三天就坏了", street="haishu-gulou", kind="consult")
    wang = seat("wangfang")
    for narrowed, found in (
        ({"q": "电饭煲"}, {cooker}), ({"q": vendor}, {vendor}), ({"department": "market-regulation"}, {cooker}),
        ({"street": "haishu-ximen"}, {vendor}), ({"kind": "consult"}, {cooker}), ({"since": "2020-01-01"}, {vendor, cooker}),
        ({"until": "2020-01-01"}, set()), ({"channel": "telegram"}, {vendor, cooker}), ({"channel": "sms"}, set()), ({"since": "yesterday"}, {vendor, cooker}), ({"q": "%"}, set()),
    ):
        assert shown(wang, "open", **narrowed) == found, narrowed
    page = wang.page("/console/tickets?q=电饭煲&department=market-regulation")
    assert 'value="电饭煲"' in page and 'value="market-regulation" selected' in page
    assert "没有找到" in wang.page("/console/tickets?q=没有这种话")
    only = wang.page("/console/tickets?item=street-vending&overdue=1")
    assert "只看“占道经营”" in only and 'name="overdue" value="1" checked' in only
    assert "按单位" in page and "按单位" not in seat("zhoujianguo").page("/console/tickets")


def test_pages_go_on_without_gaps(seat: Seats, ticket: Tickets, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ticket_boxes.page
    monkeypatch.setattr(ticket_boxes, "page", lambda *args: whole(*args, limit=2))
    moment = now()
    numbers = [ticket(due_at=moment) for _ in range(5)]
    zhou, address, seen = seat("zhoujianguo"), "/console/tickets", []
    while address:
        page = zhou.page(address)
        seen += [n for n in numbers if f'href="/console/tickets/{n}"' in page]
        address = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
    assert seen == numbers
    assert zhou.get("/console/tickets?after=rubbish").status_code == 422


def test_several_at_once_and_what_a_colleague_took(seat: Seats, ticket: Tickets) -> None:
    numbers = [ticket() for _ in range(3)]
    strangers = ticket("market-regulation", "电饭煲三天就坏了")
    zhou = seat("zhoujianguo")
    with transaction() as session:
        assignments.accept(session, numbers[1], zhou.actor)
    answer = zhou.post("/console/api/tickets/accept", numbers=[*numbers, numbers[0], strangers]).json()
    assert answer["accepted"] == 2 and [r["number"] for r in answer["refused"]] == [numbers[1], strangers]
    assert answer["refused"][0]["why"] == "已有同事处理，现在是“办理中”。"
    assert "“accepted”" not in str(answer) and state_of(strangers) == "dispatched"
    assert {state_of(n) for n in numbers} == {"accepted"}
    assert zhou.post("/console/api/tickets/accept", numbers=["x"] * 201).status_code == 422


def test_ticked_with_keys_and_accepted_with_one(desk: Callable[..., Page], ticket: Tickets) -> None:
    numbers = [ticket(description=f"第 {n} 处占道") for n in range(3)]
    page = desk("zhoujianguo")
    page.goto(page.url.split("/console")[0] + "/console/tickets?state=to_accept")
    expect(page.locator("#link-state")).to_have_text("实时")
    button = page.locator("[data-accept-many]")
    expect(button).to_be_disabled()
    for key in "jxjx":
        page.keyboard.press(key)
    expect(button).to_contain_text("(2)")
    page.keyboard.press("a")
    expect(page.locator("#notices")).to_contain_text("已受理 2 件")
    expect(page.locator("a.ticket")).to_have_count(1)
    expect(page.locator("[data-count=to_accept]")).to_have_text("1")
    assert [state_of(n) for n in numbers].count("accepted") == 2
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()


def test_a_string_of_them_ticked_with_shift_and_the_keys_shown(desk: Callable[..., Page], ticket: Tickets) -> None:
    for n in range(4):
        ticket(description=f"第 {n} 处占道")
    page = desk("zhoujianguo")
    page.goto(page.url.split("/console")[0] + "/console/tickets?state=to_accept")
    expect(page.locator("#link-state")).to_have_text("实时")
    boxes, button = page.locator("[data-tick]"), page.locator("[data-accept-many]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(button).to_contain_text("(3)")
    boxes.nth(0).click(modifiers=["Shift"])
    expect(button).to_be_disabled()
    for key in ("j", "x", "j", "j", "X"):
        page.keyboard.press(key)
    expect(button).to_contain_text("(3)")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("a")
    expect(button).to_contain_text("(3)")
    page.keyboard.press("Escape")
    page.locator("[data-all]").check()
    expect(button).to_contain_text("(4)")
    button.dblclick()
    expect(page.locator("#notices")).to_contain_text("已受理 4 件。")
    expect(page.locator("a.ticket")).to_have_count(0)
    expect(page.locator("#notices")).not_to_contain_text("没有受理")


def test_the_way_back_leads_where_one_was(desk: Callable[..., Page], ticket: Tickets) -> None:
    ticket(description="第一处占道")
    number = ticket(description="第二处占道")
    page = desk("wangfang")
    place = page.url.split("/console")[0] + "/console/tickets?q=%E5%8D%A0%E9%81%93&kind=complaint"
    page.goto(place)
    expect(page.locator("#link-state")).to_have_text("实时")
    page.locator(f"a.ticket[href$='{number}']").click()
    page.wait_for_url(f"**/{number}")
    expect(page.locator("#link-state")).to_have_text("实时")
    page.locator("[data-back]").click()
    page.wait_for_url(place)
    expect(page.locator(f"a.ticket[href$='{number}']")).to_be_focused()


def test_what_stays_secret_is_marked(seat: Seats, ticket: Tickets) -> None:
    ticket()
    assert "保密" not in seat("zhoujianguo").page("/console/tickets")
    ticket(confidential=True)
    assert "保密" in seat("zhoujianguo").page("/console/tickets")


def test_the_list_is_alive(desk: Callable[..., Page], ticket: Tickets, seat: Seats) -> None:
    first = ticket()
    page = desk("zhoujianguo")
    page.goto(page.url.split("/console")[0] + "/console/tickets?state=to_accept")
    expect(page.locator("#link-state")).to_have_text("实时")
    page.locator("[data-tick]").check()
    second = ticket()
    other = ticket()
    zhou = seat("zhoujianguo").actor
    with transaction() as session:
        assignments.accept(session, other, zhou)
    expect(page.locator("a.ticket")).to_have_count(2)
    assert page.locator(f"[data-tick][value={first}]").is_checked(), "what was ticked stays ticked"
    with transaction() as session:
        assignments.accept(session, first, zhou)
    wait_until(lambda: page.locator("a.ticket").count() == 1, 15, "the accepted one leaves")
    assert second in page.locator("a.ticket").get_attribute("href")


def test_a_handler_of_a_unit_sees_its_tickets_only(seat: Seats, ticket: Tickets) -> None:
    ours, theirs = ticket(), ticket()
    with transaction() as session:
        for part in session.scalars(select(Assignment)):
            number = session.get_one(Ticket, part.ticket_id).number
            part.unit = "haishu-ximen-squad" if number == ours else "haishu-gulou-squad"
    zhou = seat("zhoujianguo")
    assert shown(zhou, "open") == {ours, theirs}
    with transaction() as session:
        session.scalars(select(Account).where(Account.username == "zhoujianguo")).one().unit = "haishu-ximen-squad"
    assert shown(zhou, "open") == {ours} and zhou.get(f"/console/tickets/{theirs}").status_code == 404


def test_days_that_are_none(ticket: Tickets) -> None:
    assert routes._day("2026-13-40") is None and str(routes._day("2026-11-26")) == "2026-11-26"
