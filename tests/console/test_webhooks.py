"""陈静 lets another system be told of tickets' steps."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.storage import Webhook, WebhookDelivery, reading, transaction
from tests.console.conftest import Seat

BASE = "/console/admin/webhooks"
URL = "https://city.example/hooks"


@pytest.fixture
def admin(seat: Callable[[str], Seat]) -> Seat:
    chenjing = seat("chenjing")
    chenjing.client.headers["Accept"] = "text/html"
    return chenjing


def hooks() -> list[Webhook]:
    with reading() as session:
        return list(session.scalars(select(Webhook)))


def press(seat: Seat, path: str, **form: object) -> int:
    return seat.client.post(f"{BASE}{path}", data={"csrf": seat.csrf, **form}).status_code


def test_from_the_first_to_the_last(admin: Seat) -> None:
    assert "还没有" in admin.page(BASE)
    assert press(admin, "", url=URL, events=["ticket.answered", "ticket.closed"]) == 303
    (hook,) = hooks()
    shown = admin.page(BASE)
    assert URL in shown and hook.secret in shown and "正在通知" in shown
    assert press(admin, f"/{hook.id}/ping") == 303
    with transaction() as session:
        delivery = session.scalars(select(WebhookDelivery)).one()
        assert delivery.event == "ping"
        delivery.next_attempt_at, delivery.failed_at, delivery.response = None, delivery.created_at, "503"
    assert "放弃了" in admin.page(BASE)
    assert press(admin, f"/deliveries/{delivery.id}/again") == 303
    assert "放弃了" not in admin.page(BASE) and "还会再试" in admin.page(BASE)
    assert press(admin, f"/{hook.id}/secret") == 303 and hooks()[0].secret != hook.secret
    assert press(admin, f"/{hook.id}/off") == 303 and not hooks()[0].active and "已停用" in admin.page(BASE)
    assert press(admin, f"/{hook.id}/remove") == 303 and hooks() == []


def test_a_bad_address_is_said_at_the_field_and_kept(admin: Seat) -> None:
    answer = admin.client.post(BASE, data={"csrf": admin.csrf, "url": "ftp://nowhere", "events": ["ticket.closed"]})
    assert answer.status_code == 422 and "以 http://" in answer.text and 'value="ftp://nowhere"' in answer.text
    assert 'value="ticket.closed" checked' in answer.text and hooks() == []


@pytest.mark.parametrize("path", ["", "/1/ping", "/1/remove", "/deliveries/1/again"])
def test_not_without_the_token(admin: Seat, path: str) -> None:
    assert admin.client.post(f"{BASE}{path}", data={"url": URL, "csrf": "x"}).status_code == 403


@pytest.mark.parametrize("who", ["wangfang", "zhaoqiang", "zhoujianguo"])
def test_only_admins_come_in(seat: Callable[[str], Seat], who: str) -> None:
    stranger = seat(who)
    assert stranger.client.get(BASE).status_code == 403
    assert stranger.client.post(BASE, data={"url": URL, "csrf": stranger.csrf}).status_code == 403
    assert hooks() == []
