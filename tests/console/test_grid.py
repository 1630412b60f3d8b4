"""A community worker's page: tasks of their grid with pictures, a code for the chat; nothing else of the console."""

import io
import re
from collections.abc import Callable
from types import ModuleType

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot import console
from bot.console import public
from bot.services import chat_links, grid_tasks
from bot.storage import Attachment, ChatLink, GridTask, reading, transaction
from tests.console.conftest import Seat, words_of

Seats = Callable[[str], Seat]
Tickets = Callable[..., str]
STREET = "haishu-baiyun"


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


def sends(who: Seat, task: int, then: str, text: str = "", *pictures: bytes) -> object:
    files = [("photo", (f"{n}.jpg", content, "image/jpeg")) for n, content in enumerate(pictures)]
    return who.client.post(f"/console/grid/tasks/{task}", data={"csrf": who.csrf, "text": text, "then": then},
                           files=files or [("photo", ("", b"", "application/octet-stream"))])


@pytest.fixture
def task(seat: Seats, ticket: Tickets) -> tuple[int, str]:
    """A task on a ticket of her street: (its number, the ticket's)."""
    number = ticket(street=STREET, description="我叫陈秀英，摊子占了盲道")
    boss, worker = seat("wangfang"), seat("wangchun").actor
    made = boss.post(f"/console/api/tickets/{number}/grid-tasks", worker=worker.account_id, text="请去拍两张照片")
    assert made.status_code == 200, made.text
    return made.json()["id"], number


def test_she_sees_her_tasks_and_no_citizen(seat: Seats, task: tuple[int, str]) -> None:
    chun = seat("wangchun")
    shown = words_of(chun.page("/console/grid"))
    assert "请去拍两张照片" in shown and "摊子占了盲道" in shown and "待办任务（1）" in shown
    assert "陈秀英" not in shown and "13900000010" not in shown
    number = task[1]
    for path in ("/console/tickets", f"/console/tickets/{number}", "/console/queue", "/console/supervision",
                 "/console/reports", f"/console/api/tickets/{number}"):
        assert chun.get(path).status_code in (403, 404), path
    assert chun.get("/console").headers["location"] == "/console/grid"


def test_others_have_no_such_page(seat: Seats, task: tuple[int, str]) -> None:
    for name in ("wangfang", "zhoujianguo", "chenjing"):
        assert seat(name).get("/console/grid").status_code == 403
    assert sends(seat("zhoujianguo"), task[0], "done", "我来").status_code == 403  # type: ignore[attr-defined]


def test_done_with_words_and_pictures(seat: Seats, task: tuple[int, str]) -> None:
    chun, number = seat("wangchun"), task[1]
    answer = sends(chun, task[0], "done", "盲道已通", picture(), picture("blue"))
    assert answer.status_code == 303 and "done=done" in answer.headers["location"]  # type: ignore[attr-defined]
    with reading() as session:
        done = session.get_one(GridTask, task[0])
        kept = session.scalars(select(Attachment)).all()
    assert (done.state, done.report) == ("done", "盲道已通") and done.reported_at is not None
    assert {(a.by, a.internal) for a in kept} == {(chun.actor.id, True)} and len(kept) == 2
    zhou = seat("zhoujianguo").page(f"/console/tickets/{number}")
    assert "盲道已通" in zhou and kept[0].key in zhou and "网格员已办" in zhou
    assert chun.get(f"/console/files/{kept[0].key}").status_code == 200
    assert "近期办过的（1）" in chun.page("/console/grid")


def test_what_is_wrong_is_said_and_nothing_is_lost(seat: Seats, task: tuple[int, str]) -> None:
    chun = seat("wangchun")
    empty = sends(chun, task[0], "done")
    assert empty.status_code == 422 and "请写一句现场情况" in empty.text  # type: ignore[attr-defined]
    no_picture = sends(chun, task[0], "done", "盲道已通", b"not a picture")
    assert no_picture.status_code == 422 and "盲道已通</textarea>" in no_picture.text  # type: ignore[attr-defined]
    with reading() as session:
        assert session.get_one(GridTask, task[0]).state == "asked" and not session.scalars(select(Attachment)).all()
    many = sends(chun, task[0], "done", "六张", *[picture()] * 6)
    assert many.status_code == 422 and "六张</textarea>" in many.text  # type: ignore[attr-defined]
    assert sends(chun, task[0], "declined", "门锁着").status_code == 303  # type: ignore[attr-defined]
    again = sends(chun, task[0], "done", "好了")
    assert again.status_code == 409  # type: ignore[attr-defined]


def test_what_she_wrote_on_a_task_taken_back_meanwhile_is_shown_again(seat: Seats, task: tuple[int, str]) -> None:
    assert seat("wangfang").post(f"/console/api/tickets/{task[1]}/grid-recall", task=task[0]).status_code == 200
    answer = sends(seat("wangchun"), task[0], "done", "摊子已经走了")
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "已经结束" in answer.text and "摊子已经走了" in answer.text  # type: ignore[attr-defined]


def test_her_page_changes_nothing_without_the_token(seat: Seats, task: tuple[int, str]) -> None:
    chun = seat("wangchun")
    chun.csrf = "guessed"
    assert sends(chun, task[0], "done", "好了").status_code == 403  # type: ignore[attr-defined]


def test_pictures_of_tickets_she_has_nothing_to_do_with(seat: Seats, task: tuple[int, str], ticket: Tickets) -> None:
    other = ticket(street=STREET)
    with transaction() as session:
        found = {t.number: t for t in session.scalars(select(grid_tasks.Ticket))}
        for number, key in ((task[1], "mine"), (other, "theirs")):
            session.add(Attachment(key=key, conversation_id=found[number].conversation_id, ticket_id=found[number].id,
                                   media_type="image/jpeg", size=1, path=f"{key}.jpg"))
    from bot.services.files import uploads

    for key in ("mine", "theirs"):
        (uploads() / f"{key}.jpg").parent.mkdir(parents=True, exist_ok=True)
        (uploads() / f"{key}.jpg").write_bytes(picture())
    chun = seat("wangchun")
    assert [chun.get(f"/console/files/{key}").status_code for key in ("mine", "theirs")] == [200, 404]


def test_the_code_is_shown_once(seat: Seats) -> None:
    chun = seat("wangchun")
    shown = chun.client.post("/console/grid/code", data={"csrf": chun.csrf})
    with reading() as session:
        link = session.scalars(select(ChatLink)).one()
    assert "绑定 " in shown.text and link.code_hash not in shown.text
    assert "link-code" not in chun.page("/console/grid")


def test_linked_and_unlinked(seat: Seats, citizen: Callable[..., tuple[str, int]]) -> None:
    chun = seat("wangchun")
    conversation, _ = citizen("王春", "你好")
    with transaction() as session:
        code = chat_links.new_code(session, chun.actor)
    with transaction() as session:
        assert chat_links.use(session, conversation, code)
    assert "已绑定：Telegram" in chun.page("/console/grid")
    assert chun.client.post("/console/grid/unlink", data={"csrf": chun.csrf}).status_code == 303
    with reading() as session:
        assert chat_links.worker(session, conversation) is None


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_asked_and_answered_in_the_browser(desk: Callable[..., Page], ticket: Tickets, seat: Seats) -> None:
    number = ticket(street=STREET)
    seat("wangchun")
    page = desk("zhoujianguo")
    page.goto(page.url.partition("/console")[0] + f"/console/tickets/{number}")
    page.locator("summary", has_text="请网格员到场").click()
    page.locator("[data-move=grid-tasks] [type=submit]").click()
    expect(page.locator("[data-move=grid-tasks] .problem")).to_have_text("请写明要网格员做什么。")
    page.fill("#grid-text", "请看看摊子还在不在")
    page.locator("[data-move=grid-tasks] [type=submit]").click()
    expect(page.locator("section", has_text="请看看摊子还在不在").first).to_be_visible()
    page.get_by_role("button", name="收回派给").click()
    expect(page.locator(".given", has_text="已收回")).to_be_visible()
    expect(page.get_by_role("button", name="收回派给")).to_have_count(0)
    page.locator("summary", has_text="请网格员到场").click()
    page.fill("#grid-text", "请看看摊子走了没有")
    page.locator("[data-move=grid-tasks] [type=submit]").click()
    expect(page.locator(".given", has_text="请看看摊子走了没有")).to_be_visible()
    hers = desk("wangchun")
    expect(hers.locator("section .grid-task .wanted")).to_have_text("请看看摊子走了没有")
    hers.locator(".grid-task textarea").fill("摊子走了")
    hers.set_input_files("[name=photo]", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}])
    hers.locator("[name=then][value=done]").click()
    expect(hers.locator(".done-note")).to_contain_text("已报告办结")
    page.reload()
    expect(page.locator(".said", has_text="摊子走了")).to_be_visible()


def test_nothing_else_of_the_console_opens(seat: Seats, task: tuple[int, str]) -> None:
    """Every page and every fetch there is, with numbers that exist."""
    own = {"/grid", "/me", "/me/totp", "/me/totp.svg", "", "/", "/login", "/login/code", "/language/{language}",
           "/events"}
    parts = (value for value in vars(console).values() if isinstance(value, ModuleType) and hasattr(value, "router"))
    paths = {route.path for part in parts if part is not public for route in part.router.routes
             if "GET" in route.methods} - own
    chun, number = seat("wangchun"), task[1]
    with reading() as session:
        conversation = session.scalars(select(grid_tasks.Ticket.conversation_id)).one()
    known = {"number": number, "conversation_id": conversation}
    opened = []
    for path in sorted(paths):
        filled = re.sub(r"{(\w+)(?::\w+)?}", lambda name: str(known.get(name.group(1), 1)), path)
        if chun.get(f"/console{filled}").status_code < 400:
            opened.append(path)
    assert opened == [] and len(paths) > 30
    assert chun.get("/console/admin/").status_code >= 300
