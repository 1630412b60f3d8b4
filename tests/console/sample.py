"""One Tuesday morning at the hotline, always the same: what the accessibility test looks at and `make screens` shows.

All people are invented. The clock stands at ten, so that pictures do not change by themselves.
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from bot.domain.access import Actor
from bot.domain.disposal import Form
from bot.domain.handoff import Reason
from bot.services import (
    assignments,
    conversations,
    disposals,
    grid_tasks,
    handoffs,
    part_moves,
    presence,
    second_factor,
    signing_in,
    ticket_notes,
    webhook_deliveries,
    webhooks,
)
from bot.services import desk as desk_service
from bot.services.reports import public
from bot.storage import Account, Conversation, Handoff, Message, base, now, reading, transaction
from tests.console.conftest import PASSWORD, say
from tests.support import fake_api, past
from tests.support.fake_api import FakeHotline, Served, make_app
from tests.support.pages import CITIZEN, SECOND_STEP, Shown

TICKETS = ("HS202611230112", "HS202611240003", "HS202611240007")
HOOK = "https://city.example/hooks/yiboling"
ITEMS = ("catering-fumes", "hood-cleaning", "range-hood-repair")


class Day:
    """The clock of that morning. It is set and does not run: only that no two looks at it are at the same instant."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment, looks = self.of(10, 0), itertools.count()
        day = self

        class Standing(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return (day.moment + timedelta(milliseconds=next(looks))).astimezone(tz)

        for module in (base, fake_api):
            monkeypatch.setattr(module, "datetime", Standing)

    def of(self, hour: int, minute: int, date: int = 24) -> datetime:
        """A moment in Ningbo, eight hours ahead."""
        return datetime(2026, 11, date, hour - 8, minute, tzinfo=UTC)

    def at(self, hour: int, minute: int) -> None:
        self.moment = self.of(hour, minute)


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Day:
    """Ten o'clock; conversations are numbered, as the audit log shows the end of their ids."""
    numbers = itertools.count(1)
    monkeypatch.setattr(conversations, "new_id", lambda: f"{next(numbers):024x}")
    return Day(monkeypatch)


@pytest.fixture
def places(
    day: Day, citizen: Callable[..., tuple[str, int]], ticket: Callable[..., str], account: Callable[[str], Actor]
) -> dict[str, str]:
    """Somebody with 王芳, somebody with 李梅, somebody waiting, an emergency, three tickets, one of them shared by two
    departments, a second factor, another system that is told."""
    day.at(8, 30)
    wangfang, limei = account("wangfang"), account("limei")
    for who in (wangfang, limei, account("zhaoqiang")):
        with transaction() as session:
            presence.arrived(session, session.get_one(Account, who.account_id))
    _second_factor(account(SECOND_STEP))
    _tickets(day, ticket)
    _shared(day, account)
    day.at(9, 31)
    others, number = citizen("张阿姨", "外卖送错了，商家电话打不通，转人工")
    _claimed(number, limei)
    mine = _at_the_desk(day, citizen, wangfang)
    day.at(9, 55)
    waiting, _ = citizen("老周", "路灯坏了三天没人修，转人工")
    day.at(9, 58)
    citizen("小吴", "厨房一股煤气味", Reason.EMERGENCY, "gas-leak")
    day.at(10, 0)
    for who in (wangfang, limei):
        presence.beat(who)
    return {"mine": mine, "waiting": waiting, "others": others, "ticket": TICKETS[2], "shared": TICKETS[1]}


def _tickets(day: Day, ticket: Callable[..., str]) -> None:
    """One late, one urged, one fresh."""
    ticket(number=TICKETS[0], item="night-construction", description="工地半夜还在打桩，孩子睡不着", place={"text": "段塘街道示例路工地"},
           due_at=day.of(9, 30), received_at=day.of(15, 10, date=23))
    ticket(number=TICKETS[1], item="refuse-collection", description="垃圾桶满了两天没人清", place={"text": "白云街道示例新村 3 幢"}, kind="help",
           street="haishu-baiyun",
           due_at=day.of(16, 0), received_at=day.of(8, 12), urged=1, last_urged_at=day.of(9, 5))
    day.at(9, 20)
    ticket(number=TICKETS[2], item="street-vending", due_at=day.of(17, 0, date=26))


def _shared(day: Day, account: Callable[[str], Actor]) -> None:
    """周建国 has the second ticket in hand, 杨雪 has answered her part of it; another system was told of it, in vain."""
    day.at(9, 22)
    lead, co, admin = account("zhoujianguo"), account("yangxue"), account("chenjing")
    with transaction() as session:
        webhooks.ping(session, admin, webhooks.add(session, admin, HOOK, []).id)
    webhook_deliveries.delivered(webhook_deliveries.take_due()[0].id, "204")
    with transaction() as session:
        assignments.accept(session, TICKETS[1], lead)
        part_moves.add_part(session, TICKETS[1], lead, co.department, "菜场的垃圾由市场经营户清运，请一起到场")
    webhook_deliveries.failed(webhook_deliveries.take_due()[0].id, "503 Service Unavailable")
    day.at(9, 26)
    with transaction() as session:
        assignments.accept(session, TICKETS[1], co)
        ticket_notes.add(session, TICKETS[1], co, "经营户说收运车昨天没有来，请您那边核对一下排班。")
    day.at(9, 29)
    worker = account("wangchun").account_id or 0
    with transaction() as session:
        grid_tasks.ask(session, TICKETS[1], lead, worker, "请到 3 幢看看桶还满不满，拍两张照片。")
    done = Form(resolved="partly", account="已督促三家经营户把菜叶装袋，收运车到后即可清走。")
    with transaction() as session:
        disposals.answer(session, TICKETS[1], co, done)


def _at_the_desk(day: Day, citizen: Callable[..., tuple[str, int]], operator: Actor) -> str:
    """陈阿姨 is understood, asks for a human, and talks with her."""
    day.at(9, 40)
    mine, number = citizen("陈阿姨", "楼下烧烤摊每晚炒到一点，油烟全飘进来")
    ranking = [{"item": item, "confidence": sure} for item, sure in zip(ITEMS, (0.91, 0.05, 0.02), strict=True)]
    with transaction() as session:
        heard = session.scalars(select(Message).where(Message.conversation_id == mine)).one()
        heard.understanding = {"text": heard.text, "act": "request", "kind": "complaint", "item": ITEMS[0],
                               "confidence": 0.91, "ranking": ranking}
        session.get_one(Handoff, number).item = ITEMS[0]
    day.at(9, 42)
    _claimed(number, operator)
    with transaction() as session:
        handoffs.reply(session, number, operator, "陈阿姨您好，我是王芳。摊子在哪条路上，您方便说一下吗？", "sample-reply-1")
    day.at(9, 57)
    say(mine, "就在西门街道示例路 110 号楼下，昨晚又是一点才收")
    with transaction() as session:
        desk_service.add_note(session, mine, operator, "上周也来过电话，当时没留地址。")
        for message in session.scalars(select(Message).where(Message.conversation_id == mine)):
            message.state = "handled" if message.sender == "citizen" else message.state
            message.delivery = "sent" if message.delivery == "pending" else message.delivery
        session.get_one(Conversation, mine).seen_by_citizen = 3
    return mine


def _claimed(number: int, operator: Actor) -> None:
    with transaction() as session:
        handoffs.claim(session, number, operator)


def _second_factor(actor: Actor) -> None:
    with transaction() as session:
        second_factor.begin(session, actor, PASSWORD)
    with reading() as session:
        secret = session.get_one(Account, actor.account_id).totp_secret
    with transaction() as session:
        assert second_factor.confirm(session, actor, pyotp.TOTP(secret).at(now()))


@pytest.fixture
def chat_address(day: Day) -> Iterator[str]:
    """The citizen's page in front of scripted answers."""
    with Served(make_app(FakeHotline())) as served:
        yield served.url


@pytest.fixture
def opened(
    request: pytest.FixtureRequest, chromium: Any, address: str, day: Day, account: Callable[[str], Actor]
) -> Iterator[Callable[..., Any]]:
    """Opens one of the pages: (page, language, width, colours) → Playwright's page, with all of it there."""
    contexts, filled = [], []  # type: ignore[var-annotated]

    def open_one(shown: Shown, language: str = "zh", width: int = 1280, height: int = 720, scheme: str = "light") -> Any:
        places = {} if shown.empty or shown.who == CITIZEN else request.getfixturevalue("places")
        if shown.past and not filled:
            public.forget()
            past.fill(day.of(9, 0))
            filled.append(True)
        at = request.getfixturevalue("chat_address") if shown.who == CITIZEN else address
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True,
            locale={"zh": "zh-CN", "en": "en-GB"}[language], timezone_id="Asia/Shanghai", reduced_motion="reduce",
        )
        contexts.append(context)
        context.add_cookies([{"name": name, "value": value, "url": f"{at}/console"}
                             for name, value in _cookies(shown, language, account).items()])
        page = context.new_page()
        page.clock.set_fixed_time(day.moment)
        answer = page.goto(at + shown.path.format(**places, language=language))
        assert answer.status == (404 if shown.name == "nowhere" else 200), f"{shown.name}: {answer.status}"
        _live(page)
        shown.does(page)
        _live(page)
        return page

    yield open_one
    for context in contexts:
        context.close()


def _live(page: Any) -> None:
    """What the page's scripts fetch is there. The admin area has no event stream."""
    for whole, then in (("body:not(.admin) #link-state", "#link-state[data-state=live]"),
                        ("#presence", "#presence [aria-pressed=true]")):
        if page.locator(whole).count():
            page.wait_for_selector(then, state="attached")


def _cookies(shown: Shown, language: str, account: Callable[[str], Actor]) -> dict[str, str]:
    if shown.who in ("", CITIZEN):
        return {"hotline_lang": language}
    account(shown.who)
    with transaction() as session:
        signed = signing_in.sign_in(session, shown.who, PASSWORD)
    assert signed
    return {"hotline_lang": language, "hotline_session": signed[0]}
