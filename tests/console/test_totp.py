"""Two-step sign-in: 王芳 sets it up, uses it, loses her telephone; somebody who knows her password does not get in."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import select

from bot import cli
from bot.domain.access import Actor
from bot.services import accounts, second_factor
from bot.storage import Account, Login, RecoveryCode, now, reading, transaction
from tests.console.conftest import PASSWORD, Seat, changes, words_of
from tests.console.test_login import sign_in
from tests.support.world import wait_until

Client = Callable[[], httpx.Client]
MOMENT = now()
"""When everything here happens, for codes: none changes between the telephone and the server."""
CODE = re.compile(r"<li>([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})</li>")


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_factor, "now", lambda: MOMENT)


def digits(steps: int = 0) -> str:
    """What 王芳's telephone shows, or showed or will show, `steps` half minutes from now."""
    with reading() as session:
        secret = session.scalars(select(Account.totp_secret).where(Account.username == "wangfang")).one()
    return pyotp.TOTP(secret).at(MOMENT, counter_offset=steps)


def form(who: Seat, path: str, **fields: str) -> httpx.Response:
    return who.client.post(path, data={"csrf": who.csrf, **fields}, headers={"Accept": "text/html"})


def set_up(who: Seat) -> list[str]:
    """Two-step sign-in is on, with the code before this one, so that this one is still to be used. Recovery codes."""
    assert form(who, "/console/me/totp", password=PASSWORD).headers["location"] == "/console/me/totp"
    shown = form(who, "/console/me/totp/confirm", code=digits(-1))
    assert shown.status_code == 200, shown.text
    return CODE.findall(shown.text)


def second_step(client: httpx.Client, code: str, **more: str) -> httpx.Response:
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/console/login/code").text)
    assert token
    return client.post("/console/login/code", data={"csrf": token.group(1), "code": code, **more})


def test_set_up_with_a_qr_code_and_the_first_code(seat: Callable[[str], Seat]) -> None:
    wang = seat("wangfang")
    wrong = form(wang, "/console/me/totp", password="not-her-password")
    assert wrong.status_code == 422 and "密码不对" in wrong.text
    assert wang.get("/console/me/totp.svg").status_code == 404
    form(wang, "/console/me/totp", password=PASSWORD)
    page = wang.page("/console/me/totp")
    with reading() as session:
        secret = session.scalars(select(Account.totp_secret).where(Account.username == "wangfang")).one()
    assert secret in re.sub(r"\s", "", words_of(page)) and 'src="/console/me/totp.svg"' in page
    picture = wang.get("/console/me/totp.svg")
    assert picture.headers["content-type"] == "image/svg+xml" and picture.text.lstrip().startswith("<?xml")
    assert picture.headers["cache-control"] == "no-store"
    refused = form(wang, "/console/me/totp/confirm", code="验证码")
    assert refused.status_code == 422 and "验证码不对" in refused.text
    shown = form(wang, "/console/me/totp/confirm", code=digits())
    assert len(set(CODE.findall(shown.text))) == 10
    assert "已打开" in wang.page("/console/me") and "还有 10 个恢复码" in wang.page("/console/me")
    assert wang.get("/console/me/totp.svg").status_code == 404, "the secret is not shown again"


def test_recovery_codes_are_stored_as_hashes_only(seat: Callable[[str], Seat]) -> None:
    codes = set_up(seat("wangfang"))
    with reading() as session:
        stored = session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(stored) == 10 and all(len(one) == 64 for one in stored)
    assert not any(code.replace("-", "") in one.upper() for code in codes for one in stored)


def test_the_password_alone_opens_nothing(seat: Callable[[str], Seat], browser_client: Client) -> None:
    set_up(seat("wangfang"))
    client = browser_client()
    answer = sign_in(client, "wangfang", PASSWORD, wanted="/console/tickets")
    assert answer.headers["location"] == "/console/login/code?next=%2Fconsole%2Ftickets"
    assert "hotline_session" not in client.cookies
    client.cookies.set("hotline_session", client.cookies["hotline_second_step"])
    assert client.get("/console/queue").status_code == 303, "the token of the first step is no session"
    assert client.get("/console/events", headers={"Accept": "*/*"}).status_code == 401
    client.cookies.delete("hotline_session")
    page = client.get("/console/login/code?next=/console/tickets").text
    assert 'autocomplete="one-time-code"' in page and 'value="/console/tickets"' in page
    answer = second_step(client, f" {digits()[:3]} {digits()[3:]} ", next="/console/tickets")
    assert answer.status_code == 303 and answer.headers["location"] == "/console/tickets"
    assert client.get("/console/tickets").status_code == 200
    assert client.cookies["hotline_session"] and "hotline_second_step" not in client.cookies


def test_a_code_is_taken_once_and_only_of_now_or_beside_it(
    seat: Callable[[str], Seat], browser_client: Client
) -> None:
    set_up(seat("wangfang"))
    used, this = digits(-1), digits()
    for code in (used, digits(-3), digits(3), "000000" if this != "000000" else "111111"):
        client = browser_client()
        sign_in(client, "wangfang", PASSWORD)
        answer = second_step(client, code)
        assert answer.status_code == 401 and "验证码不对，或刚刚用过" in answer.text
    first, second = browser_client(), browser_client()
    for client in (first, second):
        sign_in(client, "wangfang", PASSWORD)
    fullwidth = str.maketrans("0123456789", "０１２３４５６７８９")
    assert second_step(first, this.translate(fullwidth)).status_code == 303, "as a Chinese keyboard types it"
    assert second_step(second, this).status_code == 401, "somebody who looked over her shoulder"
    assert second_step(second, digits(1)).status_code == 303, "her telephone's clock is half a minute ahead"


def test_of_many_at_the_same_moment_with_one_code_one_gets_in(
    seat: Callable[[str], Seat], browser_client: Client
) -> None:
    set_up(seat("wangfang"))
    clients = [browser_client() for _ in range(6)]
    for client in clients:
        sign_in(client, "wangfang", PASSWORD)
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: second_step(client, digits()).status_code, clients))
    assert sorted(answers) == [303, 401, 401, 401, 401, 401]


def test_wrong_codes_lock_like_wrong_passwords_however_often_the_password_is_right(
    seat: Callable[[str], Seat], browser_client: Client
) -> None:
    set_up(seat("wangfang"))
    wrong = next(code for code in ("000000", "111111", "222222", "333333")
                 if code not in {digits(n) for n in range(-2, 3)})
    client = browser_client()
    for _ in range(accounts.MAX_FAILURES):
        assert sign_in(client, "wangfang", PASSWORD).status_code == 303
        assert second_step(client, wrong).status_code == 401
    locked = second_step(client, digits())
    assert locked.status_code == 429 and "十分钟" in locked.text
    assert sign_in(client, "wangfang", PASSWORD).status_code == 429
    done = [what for actor, what in changes("account") if actor == "visitor"]
    assert done == ["second_step_failed"] * accounts.MAX_FAILURES + ["locked"]


def test_the_code_must_follow_the_password_within_five_minutes(
    seat: Callable[[str], Seat], browser_client: Client
) -> None:
    set_up(seat("wangfang"))
    client = browser_client()
    sign_in(client, "wangfang", PASSWORD)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/console/login/code").text)
    assert token
    with transaction() as session:
        row = session.scalars(select(Login).where(Login.pending)).one()
        assert timedelta(minutes=4) < row.expires_at - now() <= timedelta(minutes=5)
        row.expires_at -= timedelta(minutes=5)
    late = client.post("/console/login/code", data={"csrf": token.group(1), "code": digits()})
    assert late.status_code == 401 and "五分钟内" in late.text and 'id="password"' in late.text
    assert client.get("/console/login/code").headers["location"] == "/console/login?next="


def test_a_code_from_elsewhere_does_not_sign_in(seat: Callable[[str], Seat], browser_client: Client) -> None:
    set_up(seat("wangfang"))
    client = browser_client()
    sign_in(client, "wangfang", PASSWORD)
    for csrf in ("", "0" * 32):
        assert client.post("/console/login/code", data={"csrf": csrf, "code": digits()}).status_code == 403


def test_the_lost_telephone(seat: Callable[[str], Seat], browser_client: Client) -> None:
    wang = seat("wangfang")
    codes = set_up(wang)
    client = browser_client()
    sign_in(client, "wangfang", PASSWORD)
    assert 'name="recovery"' in client.get("/console/login/code?recovery=1").text
    assert second_step(client, codes[0].lower().replace("-", " "), recovery="true").status_code == 303
    assert ("account:" + str(wang.actor.account_id), "recovery_used") in changes("account")
    sign_in(client, "wangfang", PASSWORD)
    again = second_step(client, codes[0], recovery="true")
    assert again.status_code == 401 and "恢复码不对，或已经用过" in again.text
    assert "还有 9 个恢复码" in wang.page("/console/me")
    new = CODE.findall(form(wang, "/console/me/totp/codes", password=PASSWORD, code=codes[1]).text)
    assert len(new) == 10 and not set(new) & set(codes)
    assert second_step(client, codes[2], recovery="true").status_code == 401, "the old ones are gone"
    assert second_step(client, new[0], recovery="true").status_code == 303


def test_switching_off_needs_both_password_and_code(seat: Callable[[str], Seat], browser_client: Client) -> None:
    wang = seat("wangfang")
    codes = set_up(wang)
    for password, code in ((PASSWORD, "000000"), ("not-her-password", digits()), (PASSWORD, "")):
        refused = form(wang, "/console/me/totp/off", password=password, code=code)
        assert refused.status_code == 422 and "密码或验证码不对" in refused.text
    assert form(wang, "/console/me/totp/off", password=PASSWORD, code=codes[0]).status_code == 303
    assert "未打开" in wang.page("/console/me?done=totp_off")
    assert sign_in(browser_client(), "wangfang", PASSWORD).headers["location"] == "/console"
    with reading() as session:
        assert session.scalars(select(RecoveryCode)).all() == []
        assert session.scalars(select(Account.totp_secret)).one() == ""
    mine = [what for _, what in changes("account")]
    assert mine.count("proof_failed") == 3 and "totp_on" in mine and "totp_off" in mine


def test_a_shell_resets_it_and_the_first_step_ends_with_it(
    seat: Callable[[str], Seat], browser_client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    wang = seat("wangfang")
    set_up(wang)
    client = browser_client()
    sign_in(client, "wangfang", PASSWORD)
    with pytest.raises(SystemExit) as done:
        cli.app(["account", "reset-totp", "wangfang"])
    assert done.value.code == 0 and "wangfang" in capsys.readouterr().out
    assert client.get("/console/login/code").headers["location"] == "/console/login?next="
    assert wang.get("/console/api/queue").status_code == 401
    assert "管理员重置了您的两步验证" in wang.get("/console/login").text
    assert sign_in(client, "wangfang", PASSWORD).headers["location"] == "/console"
    assert ("cli", "totp_reset") in changes("account")


def test_only_the_owner_is_asked(account: Callable[[str], Actor], seat: Callable[[str], Seat],
                                 browser_client: Client) -> None:
    set_up(seat("wangfang"))
    account("limei")
    assert sign_in(browser_client(), "limei", PASSWORD).headers["location"] == "/console"


def test_in_a_browser_from_set_up_to_sign_in(desk: Callable[..., Any]) -> None:
    page = desk("wangfang")
    page.click(".me")
    page.fill("#totp-password", PASSWORD)
    page.press("#totp-password", "Enter")
    page.wait_for_selector(".scan img")
    wait_until(lambda: page.evaluate("document.querySelector('.scan img').naturalWidth > 0"), what="the code is drawn")
    page.fill("#code", digits(-1))
    page.press("#code", "Enter")
    page.wait_for_selector(".codes li")
    page.click("#logout button")
    page.wait_for_selector("text=您已退出")
    page.fill("#username", "wangfang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.fill("#code", digits())
    page.press("#code", "Enter")
    page.wait_for_selector("#link-state[data-state=live]")
