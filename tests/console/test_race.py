"""Two operators press at the same moment, fifty times: one has the citizen, the other is told."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.domain.handoff import Reason
from bot.services import handoffs
from bot.storage import Change, Handoff, reading, transaction
from tests.support.world import wait_until

ROUNDS = 50
PRESS_AT = """([handoff, at]) => new Promise((done) => setTimeout(async () => {
  const csrf = document.querySelector('meta[name="yb-csrf"]').content
  const answer = await fetch(`/console/api/handoffs/${handoff}/claim`, {
    method: "POST", headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" }, body: "{}" })
  window.raced = { status: answer.status, body: await answer.json() }
  done()
}, at - Date.now()))"""


@pytest.mark.parametrize("deployment", ["postgresql"], indirect=True)
def test_fifty_races_have_fifty_winners(desk: Callable[..., Page], citizen: Callable[..., Any]) -> None:
    one, other = desk("wangfang"), desk("limei")
    conversation, first = citizen("陈阿姨", "转人工")
    numbers = [first]
    won = {"wangfang": 0, "limei": 0}
    for _ in range(ROUNDS):
        number = numbers[-1]
        at = one.evaluate("Date.now()") + 120
        for page in (one, other):
            page.evaluate("window.raced = null")
            page.evaluate(f"(facts) => {{ ({PRESS_AT})(facts) }}", [number, at])
        results = [wait_until(lambda p=page: p.evaluate("window.raced"), 10, "an answer") for page in (one, other)]
        assert sorted(r["status"] for r in results) == [200, 409]
        loser = next(r for r in results if r["status"] == 409)
        winner = "王芳" if results[0]["status"] == 200 else "李梅"
        assert winner in loser["body"]["error"]["message"]
        won["wangfang" if winner == "王芳" else "limei"] += 1
        with reading() as session:
            claims = session.scalars(select(Change.id).where(
                Change.subject == "handoff", Change.subject_id == str(number), Change.what == "claimed")).all()
            handoff = session.get_one(Handoff, number)
            assert len(claims) == 1 and handoff.state == "active"
        with transaction() as session:
            session.get_one(Handoff, number).state = "ended"
        with transaction() as session:
            numbers.append(handoffs.request(session, conversation, Reason.ASKED).id)
    assert sum(won.values()) == ROUNDS
    expect(one.locator(".row", has_text="陈阿姨")).to_be_visible()
