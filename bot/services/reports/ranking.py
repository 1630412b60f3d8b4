"""Departments of a month compared: the inputs counted here, the formula in `bot/domain/report.py`."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from bot.domain.clock import ClockKind
from bot.domain.report import Ranked, Tally, Times, Work, ranking
from bot.domain.span import Span, month
from bot.services import supervision
from bot.services.catalogue import catalogue
from bot.services.reports.counts import Reach, tallies
from bot.services.reports.durations import until_accepted
from bot.services.settings import value
from bot.storage import Change, Supervision, now

OVERDUE = 1
"""The level of supervision at which a deadline has passed."""


def of_month(session: Session, first: date) -> list[Ranked]:
    """Every department of the catalogue that had a ticket in the month, best first. All see the same list."""
    moment = now()
    span = Span("month", *month(f"{first:%Y-%m}", moment.date()), moment)
    weights = value(session, "ranking")
    return ranking(works(session, span.since, span.until), weights, weights["least"])


def works(session: Session, since: datetime, until: datetime) -> list[Work]:
    """What each department did."""
    counted = tallies(session, since, until, Reach(), ("department",)).get("department", {})
    accepted, late = until_accepted(session, since, until, Reach(), by_department=True), _late(session, since, until)
    refused, cards = _refused(session, since, until), supervision.cards(session, since, until)
    found = []
    for code in catalogue().departments:
        tally, card = counted.get(code, Tally()), cards.get(code, supervision.Cards())
        tickets = max(tally.received, tally.on_time + tally.late)
        if not tickets:
            continue
        found.append(Work(code, tickets, tally, late.get(code, 0), refused.get(code, 0), card.yellow, card.red,
                          accepted.get(code, Times())))
    return found


def _late(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """Tickets that were not accepted in time, by the department that owed it."""
    query = _papers(since, until).where(Supervision.kind == ClockKind.ACCEPT.value, Supervision.level == OVERDUE)
    return dict(session.execute(query).tuples().all())


def _papers(since: datetime, until: datetime) -> Any:
    return (select(Supervision.department, func.count(distinct(Supervision.ticket_id)))
            .where(Supervision.department != "", Supervision.due_at >= since, Supervision.due_at < until)
            .group_by(Supervision.department))


def _refused(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """Returns that the hotline did not approve."""
    query = (select(Change.after, func.count()).where(
        Change.at >= since, Change.at < until, Change.subject == "ticket", Change.what == "return_refused")
        .group_by(Change.after))
    by_start = {code[:24]: code for code in catalogue().departments}  # as the history keeps it
    return {by_start.get(start, start): count for start, count in session.execute(query)}
