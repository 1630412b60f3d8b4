"""Other systems are told of every step: in the step's own transaction, signed, once, again when they were away."""

import asyncio
import base64
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.hooks.delivery import deliver_due
from bot.domain.access import Actor, Role
from bot.errors import BadInput, NotAllowed
from bot.services import assignments, clocks, supervision_papers, webhook_deliveries, webhooks
from bot.storage import Supervision, Ticket, Webhook, WebhookDelivery, reading, transaction
from tests.services.conftest import ADMIN, HANDLER, He, answered
from tests.support.time_machine import pass_time

BOSS = Actor("account:81", "老王", Role.SUPERVISOR, "", 81)


class System:
    """Another system: keeps what arrives, answers with `status`."""

    def __init__(self) -> None:
        self.status, self.got = 204, list[tuple[dict[str, str], bytes]]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"

    def events(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@pytest.fixture
def system(deployment: str) -> Iterator[System]:
    made = System()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def told(system: System, *events: str) -> Webhook:
    with transaction() as session:
        return webhooks.add(session, ADMIN, system.url, list(events))


def deliver() -> int:
    return asyncio.run(deliver_due())


def waiting() -> list[WebhookDelivery]:
    with reading() as session:
        return list(session.scalars(select(WebhookDelivery).where(WebhookDelivery.next_attempt_at.is_not(None))))


def test_every_step_signed_and_without_people(he: He, system: System) -> None:
    hook = told(system)
    number = he.files_a_ticket()
    answered(he, number)
    while deliver():
        pass
    assert sorted(system.events()) == ["ticket.accepted", "ticket.answered", "ticket.dispatched", "ticket.received"]
    for headers, body in system.got:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        own = base64.b64decode(hook.secret.removeprefix("whsec_"))
        assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(own, signed, sha256)).decode()
        data = json.loads(body)["data"]
        assert data["number"] == number and data["department"] == "urban-management"
        assert not {"description", "contact_name", "contact_phone", "place", "answer"} & set(data)
        assert "井盖" not in body.decode() and "13900000010" not in body.decode()
    last = next(json.loads(b)["data"] for _, b in system.got if json.loads(b)["type"] == "ticket.answered")
    assert (last["before"], last["state"], last["by"]) == ("accepted", "answered", "staff")
    with reading() as session:
        assert last["due_at"] == session.scalars(select(Ticket)).one().due_at.isoformat()


def test_only_the_wanted_steps(he: He, system: System) -> None:
    told(system, "ticket.answered")
    answered(he, he.files_a_ticket())
    while deliver():
        pass
    assert system.events() == ["ticket.answered"]


def late(number: str, days: int) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        moment = ticket.due_at + timedelta(days=days)
    clocks.catch_up(moment)


def test_supervision_reaches_other_systems_level_by_level_once(he: He, system: System) -> None:
    told(system, "ticket.overdue", "ticket.supervised", "ticket.escalated")
    number = he.files_a_ticket()
    late(number, 20)
    late(number, 20)
    while deliver():
        pass
    answer = [json.loads(body)["data"] for _, body in system.got if json.loads(body)["data"]["clock"] == "answer"]
    assert sorted((d["level"], d["number"], d["department"]) for d in answer) == [
        (level, number, "urban-management") for level in (1, 2, 3)]
    assert all(number in d["words"] and "井盖少了" not in d["words"] for d in answer)
    with reading() as session:
        papers = session.scalars(select(Supervision).where(Supervision.level > 0)).all()
        assert len(system.got) == len(papers)


def test_what_a_supervisor_wrote_by_hand_stays_in_the_house(he: He, system: System) -> None:
    told(system, "ticket.supervised")
    number = he.files_a_ticket()
    with transaction() as session:
        supervision_papers.write(session, number, BOSS, "陈秀英家门口的井盖三天内补上", 3)
    while deliver():
        pass
    [(_, body)] = system.got
    assert json.loads(body)["data"]["clock"] == "manual" and "陈秀英" not in body.decode()


def test_a_step_that_is_rolled_back_tells_nobody(he: He, system: System) -> None:
    told(system)
    number = he.files_a_ticket()
    before = len(waiting())
    with pytest.raises(RuntimeError), transaction() as session:
        assignments.accept(session, number, HANDLER)
        raise RuntimeError
    assert len(waiting()) == before


def test_one_that_was_away_is_told_later_with_the_same_key(he: He, system: System) -> None:
    told(system, "ticket.dispatched")
    he.files_a_ticket()
    system.status = 503
    assert deliver() == 1
    assert deliver() == 0, "not at once again"
    (later,) = waiting()
    assert later.attempts == 1 and later.response == "503"
    with reading() as session:
        assert session.scalars(select(Webhook)).one().failing_since is not None
    system.status = 200
    pass_time(timedelta(seconds=6))
    assert deliver() == 1 and waiting() == []
    assert len({headers["webhook-id"] for headers, _ in system.got}) == 1
    with reading() as session:
        assert session.scalars(select(Webhook)).one().failing_since is None


def test_redirects_are_not_followed_and_nobody_there_is_a_failure(he: He, system: System) -> None:
    told(system, "ticket.dispatched")
    he.files_a_ticket()
    system.status = 302
    deliver()
    assert len(system.got) == 1 and waiting()[0].response == "302"
    with transaction() as session:
        session.scalars(select(Webhook)).one().url = "http://127.0.0.1:1/"
    pass_time(timedelta(seconds=6))
    deliver()
    assert waiting()[0].response == "ConnectError"


def test_after_the_last_try_it_is_given_up_until_somebody_asks(he: He, system: System) -> None:
    told(system, "ticket.dispatched")
    he.files_a_ticket()
    system.status = 500
    for _ in range(12):
        deliver()
        pass_time(timedelta(days=1, seconds=1))
    assert len(system.got) == 10 and waiting() == []
    system.status = 200
    with transaction() as session:
        webhooks.again(session, ADMIN, session.scalars(select(WebhookDelivery.id)).one())
    assert deliver() == 1
    with reading() as session:
        assert session.scalars(select(WebhookDelivery)).one().delivered_at is not None


def test_gone_switches_it_off_and_off_waits(he: He, system: System) -> None:
    hook = told(system)
    he.files_a_ticket()
    system.status = 410
    while deliver():
        pass
    count = len(system.got)
    with reading() as session:
        assert session.get_one(Webhook, hook.id).active is False
    he.files_a_ticket("新典路口路灯坏了", "streetlight-out")
    assert deliver() == 0 and len(system.got) == count


def test_of_two_workers_one_takes_it(he: He, system: System) -> None:
    told(system, "ticket.dispatched")
    he.files_a_ticket()
    assert (len(webhook_deliveries.take_due()), len(webhook_deliveries.take_due())) == (1, 0)
    pass_time(timedelta(seconds=61))
    assert len(webhook_deliveries.take_due()) == 1, "that of one that died is due again"


def test_what_is_over_is_forgotten_after_thirty_days(he: He, system: System) -> None:
    told(system, "ticket.dispatched")
    he.files_a_ticket()
    deliver()
    webhook_deliveries.forget_old()
    pass_time(timedelta(days=31))
    he.files_a_ticket("新典路口路灯坏了", "streetlight-out")
    webhook_deliveries.forget_old()
    with reading() as session:
        assert len(session.scalars(select(WebhookDelivery)).all()) == 1


def test_only_admins_and_no_more_than_twenty(deployment: str) -> None:
    with transaction() as session, pytest.raises(NotAllowed):
        webhooks.add(session, HANDLER, "https://city.example/", [])
    with transaction() as session:
        for n in range(webhooks.MOST):
            webhooks.add(session, ADMIN, f"https://city.example/{n}", [])
        with pytest.raises(BadInput):
            webhooks.add(session, ADMIN, "https://city.example/more", [])
