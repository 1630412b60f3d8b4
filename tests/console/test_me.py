"""One's own account: the password, the browsers, and how long a session lasts."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from bot.console import events
from bot.console.deps import Visitor
from bot.domain.access import Actor
from bot.domain.login import browser_name
from bot.domain.token import hash_of
from bot.errors import NotSignedIn
from bot.services import accounts, signing_in
from bot.storage import Account, Change, Login, now, reading, transaction
from tests.console.conftest import PASSWORD, Seat, changes, words_of
from tests.console.test_login import sign_in

Client = Callable[[], httpx.Client]
NEW = "another-horse-81890"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"


def form(who: Seat, path: str, **fields: str) -> httpx.Response:
    return who.client.post(path, data={"csrf": who.csrf, **fields}, headers={"Accept": "text/html"})


def login_of(token: str) -> Login:
    with reading() as session:
        return session.get_one(Login, hash_of(token))


def earlier(token: str, **columns: timedelta) -> None:
    """As if that had happened so much earlier."""
    with transaction() as session:
        row = session.get_one(Login, hash_of(token))
        for name, amount in columns.items():
            setattr(row, name, getattr(row, name) - amount)


def test_the_page_says_who_one_is_and_everybody_has_it(seat: Callable[[str], Seat]) -> None:
    for username, name, role in (("wangfang", "王芳", "话务员"), ("zhoujianguo", "周建国", "承办")):
        who = seat(username)
        words = words_of(who.page("/console/me"))
        assert name in words and role in words and f"用户名 {username}" in words
        assert 'href="/console/me"' in who.page("/console/tickets")


def test_a_new_password_signs_the_other_browsers_out(seat: Callable[[str], Seat], browser_client: Client) -> None:
    wang, at_home = seat("wangfang"), seat("wangfang")
    done = form(wang, "/console/me/password", old=PASSWORD, new=NEW, again=NEW)
    assert done.status_code == 303 and "密码已改" in wang.page(done.headers["location"])
    assert at_home.get("/console/api/queue").status_code == 401
    assert "密码已更换，请用新密码登录" in at_home.get("/console/login").text
    assert sign_in(browser_client(), "wangfang", PASSWORD).status_code == 401
    assert sign_in(browser_client(), "wangfang", NEW).status_code == 303
    assert (wang.actor.id, "password_changed") in changes("account")


@pytest.mark.parametrize(("old", "new", "again", "told"), [
    ("not-her-password", NEW, NEW, "原来的密码不对"), (PASSWORD, NEW, NEW + "x", "两次输入的新密码不一样"),
    (PASSWORD, "short", "short", "至少 10 位"), (PASSWORD, PASSWORD, PASSWORD, "和原来的一样"),
])
def test_passwords_that_will_not_do(old: str, new: str, again: str, told: str, seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    refused = form(wang, "/console/me/password", old=old, new=new, again=again)
    assert refused.status_code == 422 and told in refused.text
    assert "password_changed" not in [what for _, what in changes("account")]


def test_a_password_is_not_the_username(deployment: str) -> None:
    with pytest.raises(accounts.BadInput, match="password_is_name"), transaction() as session:
        accounts.create(session, "liuyangyang", "operator", password="LiuYangYang")


def test_guessing_the_password_at_an_unlocked_desk_locks_too(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    for _ in range(accounts.MAX_FAILURES):
        assert form(wang, "/console/me/password", old="a-guess", new=NEW, again=NEW).status_code == 422
    locked = form(wang, "/console/me/password", old=PASSWORD, new=NEW, again=NEW)
    assert locked.status_code == 429 and "十分钟" in locked.text
    assert changes("account")[-1] == (wang.actor.id, "locked")


def test_one_sees_where_one_is_signed_in_and_ends_the_others(
    seat: Callable[[str], Seat], browser_client: Client, citizen: Callable[..., tuple[str, int]]
) -> None:
    wang = seat("wangfang")
    _, handoff = citizen("陈阿姨", "转人工")
    wang.post(f"/console/api/handoffs/{handoff}/claim")
    other = browser_client()
    other.headers["User-Agent"] = EDGE
    sign_in(other, "wangfang", PASSWORD)
    limei = seat("limei")
    page = words_of(wang.page("/console/me"))
    assert "Edge · Windows" in page and page.count("本机") == 1
    assert form(wang, "/console/me/browsers").status_code == 303
    assert wang.get("/console/api/queue").status_code == 200 and limei.get("/console/api/queue").status_code == 200
    assert other.get("/console/queue").status_code == 303
    assert "另一个浏览器" in other.get("/console/login").text
    assert "Edge" not in wang.page("/console/me")
    assert (wang.actor.id, "signed_out_others") in changes("account")
    assert changes("handoff")[-1][1] == "claimed", "she goes on serving whom she serves"


def test_two_hours_without_a_sign_end_a_session_and_the_page_says_why(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    token = wang.client.cookies["hotline_session"]
    earlier(token, last_seen=timedelta(hours=1, minutes=59))
    assert wang.get("/console/api/queue").status_code == 200
    assert now() - login_of(token).last_seen < timedelta(minutes=1), "looking is a sign"
    earlier(token, last_seen=timedelta(hours=2))
    refused = wang.get("/console/api/queue")
    assert refused.status_code == 401 and "两小时没有操作" in refused.json()["error"]["message"]
    assert "两小时没有操作" in wang.get("/console/login").text
    with transaction() as session:
        assert signing_in.end_idle(session) == 1
    with transaction() as session:
        assert signing_in.end_idle(session) == 0, "told once"
    assert changes("account")[-1] == ("clock", "signed_out")
    assert "两小时没有操作" in wang.get("/console/login").text


def test_an_open_console_counts_as_a_sign(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    token = wang.client.cookies["hotline_session"]
    earlier(token, last_seen=timedelta(hours=1))
    events.beat(Visitor(wang.actor, wang.csrf, "zh", token))
    assert now() - login_of(token).last_seen < timedelta(minutes=1)


def test_twelve_hours_are_the_most_even_with_an_open_console(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    token = wang.client.cookies["hotline_session"]
    assert login_of(token).expires_at - now() > timedelta(hours=11, minutes=59)
    earlier(token, expires_at=timedelta(hours=12))
    with pytest.raises(NotSignedIn, match="ended_expired"):
        events.beat(Visitor(wang.actor, wang.csrf, "zh", token))
    told = [event.event for event in asyncio.run(_first_events(Visitor(wang.actor, wang.csrf, "zh", token)))]
    assert told == ["hello", "signed_out"]
    assert "满十二小时" in wang.get("/console/login").text


async def _first_events(who: Visitor) -> list:  # type: ignore[type-arg]
    return [event async for event in events.stream(who)]


def test_what_is_long_over_is_forgotten(seat: Callable[[str], Seat]) -> None:
    token = seat("wangfang").client.cookies["hotline_session"]
    earlier(token, expires_at=timedelta(hours=37))
    with transaction() as session:
        signing_in.end_idle(session)
    with reading() as session:
        assert session.scalars(select(Login)).all() == []


def test_signing_in_again_gives_a_new_token_and_ends_the_old(
    browser_client: Client, account: Callable[[str], Actor]
) -> None:
    account("wangfang")
    account("limei")
    client = browser_client()
    sign_in(client, "wangfang", PASSWORD)
    first = client.cookies["hotline_session"]
    sign_in(client, "wangfang", PASSWORD)
    second = client.cookies["hotline_session"]
    assert first != second
    with reading() as session:
        assert session.get(Login, hash_of(first)) is None
    sign_in(client, "limei", PASSWORD)
    assert login_of(second).ended == "signed_out", "her colleague took over the desk"
    with reading() as session:
        assert session.scalars(select(Account.presence).where(Account.username == "wangfang")).one() == "off"


def test_signing_out_says_so_and_is_written_down(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    answer = wang.client.post("/console/logout", data={"csrf": wang.csrf})
    assert "您已退出" in wang.client.get(answer.headers["location"]).text
    assert (wang.actor.id, "signed_out") in changes("account")


def test_everything_of_signing_in_is_in_the_history_but_no_password(
    browser_client: Client, account: Callable[[str], Actor]
) -> None:
    wang = account("wangfang")
    client = browser_client()
    sign_in(client, "my-Secret-typed-here", "hunter2-hunter2")
    sign_in(client, "wangfang", "hunter2-hunter2")
    with transaction() as session:
        session.execute(update(Account).values(disabled=True))
    sign_in(client, "wangfang", PASSWORD)
    with transaction() as session:
        accounts.create_token(session, "operator", "呼叫中心", by=wang.id)
    with reading() as session:
        rows = session.scalars(select(Change).order_by(Change.id)).all()
    failed = [(row.actor, row.subject_id) for row in rows if row.what == "sign_in_failed"]
    number = str(wang.account_id)
    assert failed == [("visitor", "unknown"), ("visitor", number), ("visitor", number)]
    assert all("127.0.0.1" in row.why for row in rows if row.what == "sign_in_failed")
    assert changes("token") == [(wang.id, "created")]
    everything = " ".join(f"{row.subject_id} {row.before} {row.after} {row.why}" for row in rows)
    assert "hunter2" not in everything and "Secret" not in everything


@pytest.mark.parametrize(("agent", "name"), [
    (EDGE, "Edge · Windows"), ("python-httpx/0.28", "python-httpx"), ("", ""),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari · iPhone"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox · Linux"),
])
def test_browsers_are_named(agent: str, name: str) -> None:
    assert browser_name(agent) == name
