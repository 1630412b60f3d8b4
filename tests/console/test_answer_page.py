"""A department answers in a real browser: the form asks only what it must, loses nothing, and prints."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.domain.disposal import Form
from bot.services import assignments, disposals, papers, part_moves, ticket_notes
from bot.storage import AnswerTemplate, Attachment, Disposal, Ticket, TicketNote, now, reading, transaction
from tests.console.conftest import Seat
from tests.support.citizen import photo

Seats = Callable[[str], Seat]
Tickets = Callable[..., str]


def the(number: str) -> Ticket:
    with reading() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


@pytest.fixture
def opened(desk: Callable[..., Page], seat: Seats, ticket: Tickets) -> tuple[Page, str]:
    """周建国's page of a ticket he has accepted."""
    number, actor = ticket(due_at=now() + timedelta(days=3)), seat("zhoujianguo").actor
    with transaction() as session:
        assignments.accept(session, number, actor)
    page = desk("zhoujianguo")
    show(page, number)
    return page, number


def show(page: Page, number: str) -> None:
    page.goto(page.url.split("/console")[0] + f"/console/tickets/{number}")
    expect(page.locator("#link-state")).to_have_text("实时")


def send(page: Page) -> None:
    page.locator("[data-answer] [type=submit]").click()


def test_it_asks_only_what_it_must_and_says_what_is_missing(opened: tuple[Page, str]) -> None:
    page, number = opened
    expect(page.locator("[data-reason]")).to_be_hidden()
    send(page)
    for field in ("upheld", "resolved", "account", "answer"):
        expect(page.locator(f"#problem-{field}")).to_be_visible()
    page.check("[name=upheld][value=partly]")
    page.check("[name=resolved][value=no]")
    expect(page.locator("#reason")).to_be_visible()
    page.check("[name=out_of_remit]")
    expect(page.locator("[data-remit]")).to_be_visible()
    expect(page.locator("[data-resolved]")).to_be_hidden()
    page.uncheck("[name=out_of_remit]")
    page.check("[name=resolved][value=no]")
    page.fill("#reason", "配件要等两周")
    page.fill("#account", "已到现场，电话没有人接")
    page.fill("#answer-text", "配件到货后马上更换，预计十二月十日。")
    send(page)
    expect(page.locator(".standing")).to_contain_text("已答复")
    assert (the(number).outcome, the(number).state) == ("explained", "answered")
    with reading() as session:
        assert session.scalars(select(Disposal.unresolved_reason)).all() == ["配件要等两周"]


def test_nothing_typed_is_lost_with_the_tab(opened: tuple[Page, str]) -> None:
    page, number = opened
    page.check("[name=upheld][value=yes]")
    page.fill("#answer-text", "已经劝离，今后每天早上巡查。")
    page.fill("#note", "请派出所一起")
    page.reload()
    expect(page.locator("#answer-text")).to_have_value("已经劝离，今后每天早上巡查。")
    expect(page.locator("#note")).to_have_value("请派出所一起")
    assert page.locator("[name=upheld][value=yes]").is_checked()


def test_a_name_in_the_answer_is_pointed_out_and_may_stay(opened: tuple[Page, str]) -> None:
    page, _ = opened
    page.fill("#answer-text", "已与陈女士 13812345678 核实，摊贩已劝离。")
    page.locator("#note").focus()
    expect(page.locator("[data-found]")).to_contain_text("陈女士、13812345678")
    page.fill("#answer-text", "摊贩已劝离，盲道恢复畅通。")
    page.locator("#note").focus()
    expect(page.locator("[data-found]")).to_be_hidden()


def test_a_template_is_kept_and_begun_with(opened: tuple[Page, str]) -> None:
    page, number = opened
    page.fill("#answer-text", "您反映的工单{number}已处理，盲道恢复畅通。")
    page.locator("[data-keep-template]").click()
    page.fill("#template-title", "占道")
    page.locator("#template-dialog [type=submit]").click()
    expect(page.locator("[data-begin] option", has_text="占道")).to_have_count(1)
    expect(page.locator(".doing[inert]")).to_have_count(0)
    page.fill("#answer-text", "")
    page.select_option("[data-begin]", label="占道")
    expect(page.locator("#answer-text")).to_have_value(f"您反映的工单{number}已处理，盲道恢复畅通。")
    with reading() as session:
        assert session.scalars(select(AnswerTemplate.text)).one() == "您反映的工单{number}已处理，盲道恢复畅通。"
    page.locator("[data-drop-template]").click()
    expect(page.locator("[data-begin] option", has_text="占道")).to_have_count(0)


def test_without_co_handlers_only_when_said(opened: tuple[Page, str], seat: Seats) -> None:
    page, number = opened
    operator = seat("wangfang").actor
    with transaction() as session:
        part_moves.add_part(session, number, operator, "market-regulation", "要查执照")
    page.reload()
    page.check("[name=upheld][value=yes]")
    page.check("[name=resolved][value=yes]")
    page.fill("#account", "市民电话没有人接")
    page.fill("#answer-text", "摊贩已劝离，盲道恢复畅通。")
    send(page)
    expect(page.locator("[data-answer] [data-problem='']")).to_contain_text("还没有答复")
    page.check("[name=without]")
    send(page)
    expect(page.locator(".standing")).to_contain_text("已答复")


def test_files_and_discussion(opened: tuple[Page, str], desk: Callable[..., Page]) -> None:
    page, number = opened
    page.set_input_files("#paper", {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.check("[name=for_citizen]")
    page.locator("[data-file] [type=submit]").click()
    expect(page.locator("#papers")).to_contain_text("现场.jpg")
    expect(page.locator("#papers")).to_contain_text("随答复给市民")
    page.set_input_files("#paper", {"name": "a.docx", "mimeType": "x/y", "buffer": b"no paper"})
    page.locator("[data-file] [type=submit]").click()
    expect(page.locator("[data-file] .problem")).to_contain_text("只能上传")
    page.fill("#note", "请热线转告市民明天到场")
    page.locator("[data-note] [type=submit]").click()
    expect(page.locator(".talk")).to_contain_text("请热线转告市民明天到场")
    other = desk("wangfang")
    show(other, number)
    expect(other.locator(".talk")).to_contain_text("周建国")
    with reading() as session:
        assert len(session.scalars(select(TicketNote)).all()) == 1
        assert session.scalars(select(Attachment.internal)).all() == [False]
    page.locator("[data-remove-file]").click()
    expect(page.locator("#papers")).not_to_contain_text("现场.jpg")


def test_it_prints_on_a_page_without_the_number(opened: tuple[Page, str]) -> None:
    page, number = opened
    page.goto(page.url + "/print")
    expect(page.locator("main")).to_contain_text(number)
    expect(page.locator("main")).not_to_contain_text("13900000010")
    pdf = page.pdf(prefer_css_page_size=True)
    number_in_utf16 = number.encode("utf-16-be")
    assert number_in_utf16 in pdf or number_in_utf16.hex().upper().encode() in pdf, "the paper's title names it"
    assert pdf.startswith(b"%PDF") and 1 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 2


def test_what_a_co_handler_wrote_stands_above_the_form_and_is_taken_over(opened: tuple[Page, str], seat: Seats) -> None:
    page, number = opened
    operator, yang = seat("wangfang").actor, seat("yangxue").actor
    with transaction() as session:
        part_moves.add_part(session, number, operator, "market-regulation", "要查执照")
    with transaction() as session:
        disposals.answer(session, number, yang, Form(resolved="partly", account="摊贩无照，已立案。"))
    page.reload()
    expect(page.locator(".from-co")).to_contain_text("摊贩无照，已立案。")
    expect(page.locator(".from-co")).to_contain_text("部分解决")
    page.fill("#answer-text", "摊贩已劝离。")
    page.locator("[data-take]").click()
    expect(page.locator("#answer-text")).to_have_value("摊贩已劝离。\n摊贩无照，已立案。")


def test_a_warning_is_seen_before_it_is_sent_and_does_not_stop_it(opened: tuple[Page, str]) -> None:
    page, number = opened
    page.check("[name=upheld][value=yes]")
    page.check("[name=resolved][value=yes]")
    page.fill("#account", "市民电话没有人接")
    page.fill("#answer-text", "已与陈女士办好。")
    send(page)
    expect(page.locator("[data-found]")).to_contain_text("陈女士")
    expect(page.locator("[data-found]")).to_contain_text("答复很短")
    expect(page.locator("[data-found]")).to_contain_text("再按一次")
    assert the(number).state == "accepted"
    send(page)
    expect(page.locator(".standing")).to_contain_text("已答复")


def test_a_template_is_changed_as_it_was_kept(opened: tuple[Page, str]) -> None:
    page, number = opened
    with transaction() as session:
        session.add(AnswerTemplate(department="urban-management", item=the(number).item, title="占道",
                                   text="工单{number}已处理。"))
    page.reload()
    page.select_option("[data-begin]", label="占道")
    page.locator("[data-edit-template]").click()
    expect(page.locator("#template-text")).to_have_value("工单{number}已处理。")
    page.fill("#template-title", "占道经营")
    page.fill("#template-text", "工单{number}已处理，{today}。")
    page.locator("#template-dialog [type=submit]").click()
    expect(page.locator("[data-begin] option", has_text="占道经营")).to_have_count(1)
    expect(page.locator("#answer-text")).to_have_value(f"工单{number}已处理。")
    with reading() as session:
        kept = session.scalars(select(AnswerTemplate)).one()
        assert (kept.title, kept.text) == ("占道经营", "工单{number}已处理，{today}。")


def test_what_colleagues_wrote_is_flagged_in_the_inbox(opened: tuple[Page, str], seat: Seats) -> None:
    page, number = opened
    operator, handler = seat("wangfang").actor, seat("zhoujianguo").actor
    page.goto(page.url.split("/console")[0] + "/console/tickets")
    expect(page.locator(".tickets")).not_to_contain_text("同事有话")
    with transaction() as session:
        ticket_notes.add(session, number, operator, "市民说明天上午在家")
    expect(page.locator(".tickets")).to_contain_text("同事有话")
    with transaction() as session:
        ticket_notes.add(session, number, handler, "好的")
    expect(page.locator(".tickets")).not_to_contain_text("同事有话")


def test_the_contact_is_printed_for_a_reason_only(opened: tuple[Page, str]) -> None:
    page, number = opened
    page.goto(page.url + "/print")
    page.locator("[data-contact-form] button").click()
    expect(page.locator("#contact-problem")).to_contain_text("原因")
    expect(page.locator("[data-contact]")).to_contain_text("****")
    page.fill("#why", "上门时要用")
    page.locator("[data-contact-form] button").click()
    expect(page.locator("[data-contact]")).to_contain_text("13900000010")
    expect(page.locator("[data-contact]")).to_contain_text("陈秀英")
    page.reload()
    expect(page.locator("main ol")).to_contain_text("上门时要用")
    expect(page.locator("main")).not_to_contain_text("13900000010")


def test_papers_are_downloaded_and_no_sound(opened: tuple[Page, str], seat: Seats) -> None:
    page, number = opened
    zhou = seat("zhoujianguo")
    with transaction() as session:
        paper = papers.add(session, number, zhou.actor, "现场 记录.pdf", b"%PDF-1.4 paper", True)
        picture = papers.add(session, number, zhou.actor, "现场.jpg", photo(), True)
    page.reload()
    expect(page.locator("#papers li")).to_have_count(2)
    expect(page.locator(".matter audio, .matter img")).to_have_count(0)
    got = {one.name: zhou.client.get(f"/console/files/{one.key}").headers for one in (paper, picture)}
    assert got["现场 记录.pdf"]["content-disposition"].startswith("attachment; filename*=utf-8''")
    assert got["现场.jpg"]["content-disposition"].startswith("inline")
    assert all(h["x-content-type-options"] == "nosniff" and "sandbox" in h["content-security-policy"] for h in got.values())
