"""The head of a ticket's page: whose turn it is, clocks that run or rest, cards, the order of co-handlers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.clock import ClockKind
from bot.services import assignments, clocks, duplicates, part_moves, ticket_moves
from bot.storage import Supervision, Ticket, now, reading, transaction
from tests.console.conftest import Seat, words_of

Seats = Callable[[str], Seat]
Tickets = Callable[..., str]
CITY, MARKET = "区综合行政执法局（城管）", "区市场监督管理局"


def the(number: str) -> Ticket:
    with reading() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def ticking(ticket: Tickets, **columns: object) -> str:
    """A dispatched ticket whose clocks run."""
    number = ticket(**columns)
    with transaction() as session:
        found = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        clocks.start(session, found, ClockKind.ANSWER)
        clocks.start(session, found, ClockKind.ACCEPT)
    return number


def turn(seat: Seat, number: str) -> str:
    return words_of(seat.page(f"/console/tickets/{number}").split('class="turn">')[1].split("</p>")[0])


def test_whose_turn_it_is_in_one_sentence_through_a_life(seat: Seats, ticket: Tickets) -> None:
    zhou, wang = seat("zhoujianguo"), seat("wangfang")
    number = ticking(ticket)
    path = f"/console/api/tickets/{number}"
    assert turn(zhou, number).startswith(f"轮到{CITY}受理，截止 ")
    zhou.post(f"{path}/accept")
    assert turn(zhou, number).startswith(f"轮到{CITY}答复，截止 ")
    zhou.post(f"{path}/ask", text="请发一张照片")
    assert turn(zhou, number).startswith("等市民补充材料，时钟停着；") and turn(wang, number).endswith("前没有回音就结案。")
    zhou.post(f"{path}/resume")
    wang.post(f"{path}/suspend", days=3, why="等配件到货")
    assert turn(zhou, number).startswith("挂起到 ") and turn(zhou, number).endswith("时钟停着，到时自动接着办。")
    wang.post(f"{path}/resume")
    zhou.post(f"{path}/return", why="不归我们", proposed="market-regulation")
    assert turn(wang, number) == f"{CITY}退单了，轮到热线决定：改派，或不同意。"
    wang.post(f"{path}/dispatch", department="market-regulation", why="归他们")
    assert turn(wang, number).startswith(f"轮到{MARKET}受理")
    wang.post(f"{path}/withdraw", text="不用了")
    assert turn(wang, number) == "市民不要办了，已经撤回。"


@pytest.mark.parametrize(("columns", "said"), [
    ({"state": "dispatched", "due_at": timedelta(hours=-2)}, "已到期。"), ({"state": "suspended"}, "已挂起，时钟停着。"),
    ({"state": "answered"}, "已答复，等市民评价。"), ({"state": "closed", "outcome": "explained"}, "已办结：已解释说明。"),
    ({"state": "closed"}, "已办结。"), ({"state": "confirmed"}, "市民已评价。"), ({"state": "received"}, "还没有派单。"),
    ({"state": "reopened"}, "重办。"),
])
def test_also_where_no_clock_is_stored(seat: Seats, ticket: Tickets, columns: dict[str, object], said: str) -> None:
    if "due_at" in columns:
        columns = {**columns, "due_at": now() + columns["due_at"]}
    assert turn(seat("wangfang"), ticket(**columns)).endswith(said)


def test_one_that_was_merged_names_the_other(seat: Seats, ticket: Tickets) -> None:
    wang, number, other = seat("wangfang"), ticket(), ticket()
    with transaction() as session:
        duplicates.merge(session, number, other, wang.actor)
    assert turn(wang, number) == f"已并入 {other}，在那里接着办。"


def test_a_clock_that_stands_still_neither_counts_nor_is_late(seat: Seats, ticket: Tickets) -> None:
    zhou, number = seat("zhoujianguo"), ticking(ticket)
    with transaction() as session:
        assignments.accept(session, number, zhou.actor)
        ticket_moves.ask_citizen(session, number, zhou.actor, "请发一张照片")
    page = zhou.page(f"/console/tickets/{number}")
    assert "时钟停着 还有" in words_of(page) and "data-due" not in page
    with transaction() as session:
        session.scalars(select(Ticket).where(Ticket.number == number)).one().due_at = now() - timedelta(days=1)
    row = zhou.page("/console/tickets")
    assert "时钟停着" in row and "data-due" not in row and "快到期和超时 0" in words_of(row)
    assert number not in zhou.page("/console/tickets?state=late")
    assert number not in seat("wangfang").page("/console/tickets?overdue=1")


def test_cards_are_seen_by_whom_they_were_given_to_and_by_the_desk(seat: Seats, ticket: Tickets) -> None:
    zhou, yang, wang = seat("zhoujianguo"), seat("yangxue"), seat("wangfang")
    number = ticket()
    with transaction() as session:
        assignments.accept(session, number, zhou.actor)
        part_moves.add_part(session, number, wang.actor, "market-regulation", "要查执照")
        for level, kind in ((1, "answer"), (1, "accept"), (2, "manual")):
            session.add(Supervision(ticket_id=the(number).id, department="urban-management", kind=kind, level=level,
                                    due_at=now(), words="超时"))
    for who, seen in ((zhou, True), (wang, True), (yang, False)):
        sheet, row = who.page(f"/console/tickets/{number}"), who.page("/console/tickets")
        assert (f"黄牌 {CITY}" in words_of(sheet), "黄牌" in row) == (seen, seen), who.actor.name
        assert "红牌" not in sheet + row, "a supervisor's own words are no card"
    assert zhou.page(f"/console/tickets/{number}").count('class="penalty') == 1, "counted once for each colour"
    with transaction() as session:
        session.add(Supervision(ticket_id=the(number).id, department="urban-management", kind="answer", level=2,
                                due_at=now(), words="超时"))
    assert "红牌" in zhou.page("/console/tickets")


def test_the_order_of_co_handlers_and_what_each_owes_next(seat: Seats, ticket: Tickets) -> None:
    zhou, yang, number = seat("zhoujianguo"), seat("yangxue"), ticking(ticket)
    with transaction() as session:
        assignments.accept(session, number, zhou.actor)
        part_moves.add_part(session, number, zhou.actor, "market-regulation", "要查执照")
    assert "联" not in words_of(zhou.page(f"/console/tickets/{number}").split("承办单位</h2>")[-1])
    with transaction() as session:
        part_moves.add_part(session, number, zhou.actor, "transport", "路面归他们")
    assert words_of(zhou.page(f"/console/tickets/{number}")).count("待受理 · 并联") == 2
    with transaction() as session:
        part_moves.add_part(session, number, zhou.actor, "fire-rescue", "最后一起去", after=True)
    page = zhou.page(f"/console/tickets/{number}")
    assert words_of(page).count("串联第 1 步，并联") == 2
    assert "等前面的单位答复 · 串联第 2 步" in words_of(page)
    owed = words_of(page.split('class="clocks"')[1].split("</ul>")[0])
    assert owed.count("答复") == 1 and owed.count(f"{MARKET} 受理") == 1
    yang.post(f"/console/api/tickets/{number}/accept")
    owed = words_of(zhou.page(f"/console/tickets/{number}").split('class="clocks"')[1].split("</ul>")[0])
    assert f"{MARKET} 答复" in owed and f"{MARKET} 受理" not in owed


def test_the_desk_sees_whose_it_is_in_the_eyes_of_who_gave_it_back(seat: Seats, ticket: Tickets) -> None:
    zhou, wang, number = seat("zhoujianguo"), seat("wangfang"), ticket()
    zhou.post(f"/console/api/tickets/{number}/return", why="无照经营", proposed="market-regulation")
    page = wang.page(f"/console/tickets/{number}")
    assert f"建议转给{MARKET} 无照经营" in words_of(page)
    assert 'value="market-regulation" selected' in page and "已按退单单位的建议选好" in page
    silent = ticket()
    zhou.post(f"/console/api/tickets/{silent}/return", why="不归我们")
    assert " selected" not in wang.page(f"/console/tickets/{silent}").split("data-dispatch")[1].split("</select>")[0]


def test_the_story_names_departments_and_not_their_codes(seat: Seats, ticket: Tickets) -> None:
    zhou, wang, number = seat("zhoujianguo"), seat("wangfang"), ticket()
    with transaction() as session:
        assignments.accept(session, number, zhou.actor)
        part_moves.add_part(session, number, wang.actor, "market-regulation", "要查执照")
        part_moves.drop_part(session, number, wang.actor, "market-regulation", "不用了")
        part_moves.reassign(session, number, wang.actor, "transport", "路段归他们")
    story = words_of(wang.page(f"/console/tickets/{number}").split('class="history"')[1].split("</ol>")[0])
    assert f"加派协办 {MARKET} 要查执照" in story and "区交通运输局 路段归他们" in story
    assert "market-regulation" not in story and "transport" not in story
