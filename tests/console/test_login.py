"""Getting in, staying out."""

import re
from collections.abc import Callable

import httpx
import pytest

from bot.console import audit, conversations, me, queue, session, tickets
from bot.domain.access import Actor
from bot.services import accounts
from tests.console.conftest import PASSWORD, Seat, changes

Client = Callable[[], httpx.Client]


def sign_in(client: httpx.Client, username: str, password: str, wanted: str = "", csrf: str = ""):  # type: ignore[no-untyped-def]
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/console/login").text)
    assert token
    form = {"username": username, "password": password, "csrf": csrf or token.group(1), "next": wanted}
    return client.post("/console/login", data=form)


@pytest.mark.parametrize(("username", "start"), [
    ("wangfang", "/console/queue"), ("zhaoqiang", "/console/queue"), ("zhoujianguo", "/console/tickets"),
])
def test_each_role_begins_on_its_own_page(
    username: str, start: str, browser_client: Client, account: Callable[[str], Actor]
) -> None:
    account(username)
    client = browser_client()
    answer = sign_in(client, username, PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert client.get("/console").headers["location"] == start
    assert client.get(start).status_code == 200


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_from_elsewhere(
    browser_client: Client, account: Callable[[str], Actor]
) -> None:
    account("wangfang")
    plain = sign_in(browser_client(), "wangfang", PASSWORD).headers["set-cookie"]
    assert "HttpOnly" in plain and "SameSite=lax" in plain and "Secure" not in plain
    behind_proxy = browser_client()
    form = behind_proxy.get("/console/login", headers={"X-Forwarded-Proto": "https"})
    token = re.search(r'name="csrf" value="(\w+)"', form.text)
    assert token
    behind_proxy.cookies.set("hotline_login", token.group(1))
    sent = {"username": "wangfang", "password": PASSWORD, "csrf": token.group(1)}
    answer = behind_proxy.post("/console/login", data=sent, headers={"X-Forwarded-Proto": "https"})
    assert "; Secure" in form.headers["set-cookie"]
    assert "; Secure" in answer.headers["set-cookie"].split(", hotline_login")[0]


def test_a_wrong_password_is_told_and_the_name_kept(browser_client: Client, account: Callable[[str], Actor]) -> None:
    account("wangfang")
    answer = sign_in(browser_client(), "wangfang", "wrong-password")
    assert answer.status_code == 401
    assert "用户名或密码不对" in answer.text and 'value="wangfang"' in answer.text
    assert "hotline_session" not in answer.headers["set-cookie"]


def test_too_many_failures_lock_the_account_even_for_the_right_password(
    browser_client: Client, account: Callable[[str], Actor]
) -> None:
    account("wangfang")
    client = browser_client()
    for _ in range(accounts.MAX_FAILURES):
        assert sign_in(client, "wangfang", "wrong-password").status_code == 401
    answer = sign_in(client, "wangfang", PASSWORD)
    assert answer.status_code == 429 and "十分钟" in answer.text


def test_guessing_many_names_from_one_address_is_slowed_down(
    browser_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LOGINS_PER_MINUTE", 3)
    client = browser_client()
    answers = [sign_in(client, f"nobody{n}", "x").status_code for n in range(8)]  # a new minute may begin meanwhile
    assert answers[:3] == [401, 401, 401] and 429 in answers


def test_a_form_from_elsewhere_does_not_sign_in(browser_client: Client, account: Callable[[str], Actor]) -> None:
    account("wangfang")
    assert sign_in(browser_client(), "wangfang", PASSWORD, csrf="0" * 32).status_code == 403
    bare = browser_client().post("/console/login", data={"username": "wangfang", "password": PASSWORD})
    assert bare.status_code == 403


def test_nothing_changes_without_the_csrf_token(seat: Callable[[str], Seat], citizen) -> None:  # type: ignore[no-untyped-def]
    wang = seat("wangfang")
    _, handoff = citizen("陈阿姨", "转人工")
    path = f"/console/api/handoffs/{handoff}/claim"
    assert wang.client.post(path).status_code == 403
    assert wang.client.post(path, headers={"X-CSRF-Token": "0" * 32}).status_code == 403
    assert wang.client.post(path, data={"csrf": "0" * 32}).status_code == 403
    assert wang.client.post("/console/logout", data={}).status_code == 403
    assert changes("handoff") == [("bot", "requested")]
    assert wang.client.post(path, data={"csrf": wang.csrf}).status_code == 200


def test_every_route_that_changes_something_needs_the_token(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    routes = [r for part in (audit, conversations, me, queue, session, tickets) for r in part.router.routes]
    posts = [r.path for r in routes if "POST" in r.methods and not r.path.startswith("/login")]
    assert len(posts) >= 15
    for path in posts:
        answer = wang.client.post("/console" + re.sub(r"\{\w+\}", "1", path), json={})
        assert answer.status_code == 403, path
        assert answer.json()["error"]["key"] == "form.csrf", path


def test_signed_out_pages_lead_to_the_login_and_back(browser_client: Client, account: Callable[[str], Actor]) -> None:
    account("wangfang")
    client = browser_client()
    sent = client.get("/console/conversations/abc?x=1")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/console/login?next=%2Fconsole%2Fconversations%2Fabc%3Fx%3D1"
    answer = sign_in(client, "wangfang", PASSWORD, wanted="/console/conversations/abc?x=1")
    assert answer.headers["location"] == "/console/conversations/abc?x=1"


@pytest.mark.parametrize("path", ["/console/api/queue", "/console/events", "/console/api/tickets"])
def test_signed_out_scripts_get_401_in_words(path: str, browser_client: Client) -> None:
    answer = browser_client().get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 401 and answer.json()["error"]["message"] == "请先登录。"


@pytest.mark.parametrize("wanted", [
    "https://evil.example", "//evil.example", "/\\evil.example", "/console\\@evil", "/other",
])
def test_the_login_leads_nowhere_else(wanted: str, browser_client: Client, account: Callable[[str], Actor]) -> None:
    account("wangfang")
    assert sign_in(browser_client(), "wangfang", PASSWORD, wanted=wanted).headers["location"] == "/console"


def test_signing_out_ends_the_session(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    token = wang.client.cookies["hotline_session"]
    assert wang.client.post("/console/logout", data={"csrf": wang.csrf}).status_code == 303
    wang.client.cookies.set("hotline_session", token)
    assert wang.get("/console/api/queue").status_code == 401


def test_pages_for_others_and_pages_that_are_not_there_say_so(seat: Callable[[str], Seat]) -> None:
    zhou = seat("zhoujianguo")
    forbidden = zhou.get("/console/queue", headers={"Accept": "text/html"})
    assert forbidden.status_code == 403 and "您没有这个权限" in forbidden.text
    missing = zhou.get("/console/nowhere", headers={"Accept": "text/html"})
    assert missing.status_code == 404 and "没有这一页" in missing.text


def test_everything_also_in_english(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    assert "话务台" in wang.page("/console/queue")
    wang.client.cookies.set("hotline_lang", "en")
    page = wang.page("/console/queue")
    assert "Nobody is waiting." in page and 'lang="en"' in page


def test_the_browser_is_kept_strict(seat: Callable[[str], Seat]) -> None:
    answer = seat("wangfang").get("/console/queue")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["cache-control"] == "no-store"
    assert "<script>" not in answer.text and " style=" not in answer.text and "onclick" not in answer.text
