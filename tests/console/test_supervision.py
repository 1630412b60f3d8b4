"""督办: a department answers for what is late, a supervisor decides, writes and settles; nobody sees another's."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.services import assignments, extensions
from bot.services.history import note
from bot.storage import Change, Provider, Supervision, Ticket, now, reading, touch, transaction
from tests.console.conftest import Seat, words_of
from tests.support.directory import put_back

Seats = Callable[[str], Seat]
Tickets = Callable[..., str]
BASE = "/console/supervision"


def the(number: str) -> Ticket:
    with reading() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def overdue(number: str, department: str = "urban-management", level: int = 2) -> int:
    with transaction() as session:
        paper = Supervision(ticket_id=the_id(session, number), department=department, kind="answer", level=level,
                            due_at=now(), words="督办单：请立即办理。")
        session.add(paper)
        session.flush()
        return paper.id


def the_id(session, number: str) -> int:  # type: ignore[no-untyped-def]
    return session.scalars(select(Ticket.id).where(Ticket.number == number)).one()


def paper(number: int) -> Supervision:
    with reading() as session:
        return session.get_one(Supervision, number)


def test_a_department_answers_in_writing_once(seat: Seats, ticket: Tickets) -> None:
    order = overdue(ticket())
    zhou, boss = seat("zhoujianguo"), seat("zhaoqiang")
    assert "请签收并说明" in zhou.page(BASE)
    path = f"/console/api/supervision/{order}/acknowledge"
    assert zhou.post(path, text=" ").status_code == 422 and paper(order).acknowledged_at is None
    assert zhou.post(path, text="配件今天到，明天换好").json() == {"first": True}
    assert zhou.post(path, text="又一次").json() == {"first": False}
    assert boss.post(path).json() == {"first": False}
    assert paper(order).reply == "配件今天到，明天换好"
    assert "周建国" in words_of(boss.page(BASE)) and "配件今天到，明天换好" in boss.page(BASE)


def test_nobody_sees_another_s(seat: Seats, ticket: Tickets) -> None:
    order = overdue(ticket())
    yang = seat("yangxue")
    assert "请立即办理" not in yang.page(BASE)
    assert yang.get(f"{BASE}/{order}").status_code == 404
    assert yang.post(f"/console/api/supervision/{order}/acknowledge", text="我来").status_code == 404
    assert seat("wangfang").get(BASE).status_code == 403, "operators have nothing to do with it"


def test_what_waits_for_a_supervisor(seat: Seats, ticket: Tickets) -> None:
    zhou, boss = seat("zhoujianguo"), seat("zhaoqiang")
    call, away = ticket(needs_call=True), ticket(state="returned")
    more = ticket(due_at=now() + timedelta(days=2))
    with transaction() as session:
        assignments.accept(session, more, zhou.actor)
        extensions.ask(session, more, zhou.actor, 3, "要等配件到货")
    order = overdue(ticket(due_at=now() - timedelta(days=1)))
    page = words_of(boss.page(BASE))
    for shown in (call, away, more, "要等配件到货", "请立即办理", "要打电话的市民", "等热线处理的退单"):
        assert shown in page, shown
    assert boss.get("/console/api/supervision").json()["owed"] == 4
    assert boss.post(f"/console/api/supervision/{order}/acknowledge").json() == {"first": True}, "a supervisor needs no words"
    assert "区综合行政执法局（城管）" in page and "督办单" in boss.page(f"{BASE}/{order}")
    own = words_of(zhou.page(BASE))
    assert call not in own and away not in own and "区综合行政执法局" in own


def test_by_hand_and_answered_in_the_browser(
    desk: Callable[..., Page], seat: Seats, ticket: Tickets
) -> None:
    number = ticket(due_at=now() + timedelta(days=2))
    boss = desk("zhaoqiang")
    boss.goto(boss.url.split("/console")[0] + f"/console/tickets/{number}")
    expect(boss.locator("#link-state")).to_have_text("实时")
    boss.locator("summary", has_text="发督办单").click()
    boss.locator("[data-move=supervise] [type=submit]").click()
    expect(boss.locator("[data-move=supervise] .problem")).to_have_text("请写几个字。")
    boss.fill("#supervise-text", "市民三次来电，请今天到场。")
    boss.locator("[data-move=supervise] [type=submit]").click()
    expect(boss.locator(".order")).to_contain_text("请今天到场")
    zhou = desk("zhoujianguo")
    zhou.goto(zhou.url.split("/console")[0] + BASE)
    expect(zhou.locator("#link-state")).to_have_text("实时")
    form = zhou.locator("[data-acknowledge]")
    form.locator("[type=submit]").click()
    expect(form.locator(".problem")).to_have_text("请写明原因、措施和办结时间。")
    form.locator("textarea").fill("已派人，下午三点前到场")
    form.locator("[type=submit]").click()
    expect(zhou.locator("#supervision")).to_contain_text("现在没有要处理的")
    with reading() as session:
        kept = session.scalars(select(Supervision)).one()
        whats = session.scalars(select(Change.what).where(Change.subject == "ticket")).all()
    assert (kept.kind, kept.reply) == ("manual", "已派人，下午三点前到场") and kept.reply_due_at > now()
    assert whats.count("supervised") == whats.count("acknowledged") == 1


def test_only_supervisors_write_and_only_on_what_is_open(seat: Seats, ticket: Tickets) -> None:
    number, over = ticket(), ticket(state="closed", closed_at=now())
    path = "/console/api/tickets/{}/supervise"
    assert seat("zhoujianguo").post(path.format(number), text="请到场", days=1).status_code == 403
    boss = seat("zhaoqiang")
    assert boss.post(path.format(over), text="请到场", days=1).status_code == 409
    for days in (0, 11):
        assert boss.post(path.format(number), text="请到场", days=days).status_code == 422
    assert boss.post(path.format(number), text="", days=1).status_code == 422


def test_a_reply_is_left_alone_from_the_first_touch_on(desk: Callable[..., Page], ticket: Tickets) -> None:
    overdue(ticket())
    zhou = desk("zhoujianguo")
    zhou.goto(zhou.url.split("/console")[0] + BASE)
    expect(zhou.locator("#link-state")).to_have_text("实时")
    reply = zhou.locator("[data-acknowledge] textarea").last  # the newest paper stands first
    reply.focus()
    reply.evaluate("field => { field.dataset.mine = 'yes' }")
    for words in ("", "还在写"):
        zhou.keyboard.insert_text(words)
        with zhou.expect_response("**/console/api/supervision/owed"):
            another_order(ticket())
        expect(reply).to_have_attribute("data-mine", "yes")
        expect(reply).to_have_value(words)
    expect(zhou.locator(".papers .paper")).to_have_count(1)
    reply.fill("")
    reply.blur()
    expect(zhou.locator(".papers .paper")).to_have_count(3)


def another_order(number: str) -> None:
    overdue(number)
    with transaction() as session:
        note(session, "ticket", the_id(session, number), "bot", "opened")
        touch(session, "tickets")


def test_a_suspended_provider_is_named_again_with_a_reason(seat: Seats, deployment: str) -> None:
    with put_back():
        with transaction() as session:
            provider = session.scalars(select(Provider).where(Provider.kind == "vendor")).first()
            assert provider is not None
            provider.standing, provider.suspended_at, provider.suspended_why = "suspended", now(), "3"
            number, name = provider.id, provider.name_zh
        boss = seat("zhaoqiang")
        assert name in boss.page(BASE) and "3 位市民差评" in boss.page(BASE)
        path = f"/console/api/providers/{number}/reinstate"
        assert boss.post(path, text="").status_code == 422
        assert seat("zhoujianguo").post(path, text="没事").status_code == 403
        assert boss.post(path, text="已约谈，换了师傅").json() == {"standing": "active"}
        assert boss.post(path, text="又一次").status_code == 409 and name not in boss.page(BASE)


def test_how_much_waits_stands_in_the_bar(seat: Seats, ticket: Tickets) -> None:
    def owed(who: Seat) -> int:
        return int(who.get("/console/api/supervision/owed").json()["owed"])

    zhou, yang, boss = seat("zhoujianguo"), seat("yangxue"), seat("zhaoqiang")
    assert [owed(who) for who in (zhou, yang, boss)] == [0, 0, 0]
    order = overdue(ticket())
    overdue(ticket(), level=1)
    ticket(needs_call=True), ticket(state="returned")
    assert [owed(who) for who in (zhou, yang, boss)] == [1, 0, 3]
    zhou.post(f"/console/api/supervision/{order}/acknowledge", text="今天办")
    assert [owed(who) for who in (zhou, boss)] == [0, 2]
    assert seat("wangfang").get("/console/api/supervision/owed").status_code == 403


def test_the_bar_follows_in_the_browser(desk: Callable[..., Page], ticket: Tickets) -> None:
    page = desk("zhoujianguo")
    expect(page.locator("#owed")).to_be_hidden()
    overdue(ticket())
    with transaction() as session:
        touch(session, "tickets")
    expect(page.locator("#owed")).to_contain_text("1")
    expect(page.locator("nav.places a", has_text="督办")).to_have_accessible_name("督办 ，1 件等您处理")
