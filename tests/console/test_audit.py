"""The audit page: 赵强, who supervises, finds out who looked at a citizen's number; an operator does not."""

import ast
import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.config import ROOT
from bot.console.words import what_happened
from bot.domain.access import Actor
from bot.services import accounts
from bot.services.history import note
from bot.storage import Account, Change, now, reading, transaction
from tests.console.conftest import PASSWORD, Seat, changes, words_of
from tests.console.test_login import sign_in

Client = Callable[[], httpx.Client]
ROW = re.compile(r'<tr id="c(\d+)".*?</tr>', re.S)


def rows(page: str) -> list[str]:
    """The rows of the table as words, in order."""
    return [words_of(match.group()).strip() for match in ROW.finditer(page)]


@pytest.mark.parametrize(("username", "status"), [
    ("wangfang", 403), ("zhoujianguo", 403), ("zhaoqiang", 200), ("chenjing", 200),
])
def test_supervisors_and_admins_only(username: str, status: int, seat: Callable[[str], Seat]) -> None:
    who = seat(username)
    for path in ("/console/audit", "/console/audit.csv"):
        assert who.get(path).status_code == status
    assert ('href="/console/audit"' in who.page("/console/tickets")) == (status == 200)


def test_who_looked_at_a_number(
    seat: Callable[[str], Seat], ticket: Callable[..., str], citizen: Callable[..., tuple[str, int]]
) -> None:
    number, (conversation, _) = ticket(), citizen("陈阿姨", "转人工")
    wang, zhou, zhao = seat("wangfang"), seat("zhoujianguo"), seat("zhaoqiang")
    wang.post(f"/console/api/conversations/{conversation}/contact")
    zhou.post(f"/console/api/tickets/{number}/contact")
    found = zhao.page("/console/audit?group=looks")
    first, second = rows(found)
    assert "周建国" in first and "查看了联系方式" in first and number in first
    assert "王芳" in second and f"…{conversation[-4:]}" in second
    assert f'href="/console/tickets/{number}"' in found and f'href="/console/conversations/{conversation}"' in found
    assert len(rows(zhao.page(f"/console/audit?group=looks&q={number[-6:]}"))) == 1
    assert len(rows(zhao.page(f"/console/audit?group=looks&actor={wang.actor.id}"))) == 1
    assert rows(zhao.page("/console/audit?group=looks&subject=referral")) == []


def test_signing_in_and_failing_to(browser_client: Client, account: Callable[[str], Actor],
                                   seat: Callable[[str], Seat]) -> None:
    account("wangfang")
    zhao = seat("zhaoqiang")
    client = browser_client()
    for _ in range(accounts.MAX_FAILURES):
        sign_in(client, "wangfang", "wrong-password")
    sign_in(client, "nobody", "wrong-password")
    found = rows(zhao.page("/console/audit?group=sign_ins"))
    assert "登录失败" in found[0] and "没有的账号" in found[0] and "127.0.0.1" in found[0]
    assert "锁定十分钟" in found[1] and "王芳 (wangfang)" in found[1] and "登录页上的人" in found[1]
    assert sum("登录失败" in row for row in found) == accounts.MAX_FAILURES + 1
    assert "登录" in found[-1] and "赵强" in found[-1]
    assert all("王芳" in row for row in rows(zhao.page("/console/audit?what=sign_in_failed&q=wangfang")))
    assert rows(zhao.page("/console/audit?group=sign_ins&actor=clock")) == []


def test_by_day(seat: Callable[[str], Seat]) -> None:
    zhao = seat("zhaoqiang")
    with transaction() as session:
        for days, why in ((9, "nine"), (3, "three"), (0, "today")):
            note(session, "setting", "assignment", zhao.actor.id, "changed", why=why).at = now() - timedelta(days=days)
    day = f"{now() - timedelta(days=3) + timedelta(hours=8):%Y-%m-%d}"
    assert ["three" in row for row in rows(zhao.page(f"/console/audit?since={day}&until={day}"))] == [True]
    since = rows(zhao.page(f"/console/audit?subject=setting&since={day}"))
    assert ["today" in since[0], "three" in since[1], len(since)] == [True, True, 2]
    bad = zhao.get("/console/audit?since=yesterday", headers={"Accept": "text/html"})
    assert bad.status_code == 422 and "不是日期" in bad.text


def test_the_newest_first_a_page_at_a_time(seat: Callable[[str], Seat]) -> None:
    zhao = seat("zhaoqiang")
    with transaction() as session:
        for n in range(120):
            note(session, "team", f"t{n}", zhao.actor.id, "changed")
    path, seen = "/console/audit?subject=team", []
    while path:
        page = zhao.page(path)
        seen += [int(re.search(r"t(\d+)", row.partition("话务小组")[2]).group(1)) for row in rows(page)]  # type: ignore[union-attr]
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older.group(1).replace("&amp;", "&") if older else ""
    assert seen == list(range(119, -1, -1))


def test_the_export_is_what_was_found_and_is_itself_written_down(seat: Callable[[str], Seat]) -> None:
    zhao = seat("zhaoqiang")
    with transaction() as session:
        note(session, "setting", "assignment", zhao.actor.id, "changed", "offer", "manual", '=HYPERLINK("http://x")')
        note(session, "team", "electric", zhao.actor.id, "created")
    answer = zhao.get("/console/audit.csv?subject=setting")
    assert answer.headers["content-type"].startswith("text/csv") and "attachment" in answer.headers["content-disposition"]
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(table) == 1
    assert (table[0]["actor"], table[0]["what"], table[0]["what_in_words"]) == ("赵强", "changed", "修改")
    assert table[0]["before"] == "offer" and table[0]["why"].startswith("'="), "no spreadsheet runs it"
    assert changes("audit") == [(zhao.actor.id, "exported")]
    assert "subject setting" in rows(zhao.page("/console/audit?subject=audit"))[0]


def test_numbers_citizens_said_stay_masked(seat: Callable[[str], Seat], ticket: Callable[..., str]) -> None:
    ticket()
    with transaction() as session:
        note(session, "ticket", 1, "citizen", "added", why="改打 13900000010 或 0574-87654321，HS202611220001")
        note(session, "provider", "p1", "cli", "changed", why='{"phone": ["", "0574-87654321"], "lat": [1, 2]}')
    zhao = seat("zhaoqiang")
    page = zhao.page("/console/audit?actor=citizen&what=added")
    assert "139****0010" in page and "87654321" not in page and "HS202611220001" in page
    assert "13900000010" not in zhao.get("/console/audit.csv").text
    kept = rows(zhao.page("/console/audit?subject=provider"))[0]
    assert "电话：— → 0574-87654321" in kept and "纬度：1 → 2" in kept, "a vendor's number is public"


def test_the_clock_the_shell_and_programs_act_too(seat: Callable[[str], Seat]) -> None:
    zhao = seat("zhaoqiang")
    with transaction() as session:
        accounts.create_token(session, "operator", "呼叫中心")
        accounts.reset(session, "zhaoqiang", PASSWORD)
    zhao = seat("zhaoqiang")
    with transaction() as session:
        number = session.scalars(select(Change.subject_id).where(Change.subject == "token")).one()
        note(session, "handoff", 1, f"token:{number}", "claimed", "waiting", "active")
    found = rows(zhao.page("/console/audit?group=accounts"))
    assert any("令牌 呼叫中心" in row and "新建" in row and "话务员" in row for row in found)
    assert any("换了密码" in row and "系统" in row for row in found)
    by_program = rows(zhao.page(f"/console/audit?actor=token:{number}"))
    assert "外部系统 呼叫中心" in by_program[0] and "等待 → 接待中" in by_program[0]


def test_in_english(seat: Callable[[str], Seat]) -> None:
    zhao = seat("zhaoqiang")
    zhao.client.cookies.set("hotline_lang", "en")
    page = zhao.page("/console/audit?group=sign_ins")
    assert "Audit log" in page and "signed in" in page and not re.search("[\u4e00-\u9fff]", words_of(
        page.replace("中文", "").replace("赵强", "").replace("一拨灵", "")))


def test_whatever_the_code_notes_has_words() -> None:
    noted = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                noted |= _noted(ast.unparse(call.func).rpartition(".")[2], call.args)
    assert {("account", "second_step_failed"), ("ticket", "urged"), ("conversation", "looked_at_contact")} <= noted
    assert {(s, w) for s, w in noted if what_happened(s, w, "zh") == w} == set()


def _noted(function: str, args: list[ast.expr]) -> set[tuple[str, str]]:
    """(subject, what) of a call of `note`, or of `failed`, which notes about an account."""
    given = [arg.value if isinstance(arg, ast.Constant) else None for arg in args]
    if function == "note" and len(given) > 4:
        given = [given[1], given[4]]
    elif function == "failed" and len(given) > 3:
        given = ["account", given[3]]
    else:
        return set()
    return {(str(given[0]), str(given[1]))} if all(given) else set()


def test_nobody_is_shown_by_number_alone(seat: Callable[[str], Seat]) -> None:
    zhao = seat("zhaoqiang")
    with reading() as session:
        number = session.scalars(select(Account.id).where(Account.username == "zhaoqiang")).one()
    assert f"account:{number}<" not in zhao.page("/console/audit")
