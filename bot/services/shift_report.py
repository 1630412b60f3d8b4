"""How people were served: waits, breaches and work, read from the history as it was written down.

Counts for the desk's own planning: no operator is ranked, and no citizen appears in it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Over, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.domain.calendar import LOCAL
from bot.domain.handoff import ESCALATE_AFTER_SECONDS, WARN_AFTER_SECONDS
from bot.storage import Change, Handoff, Message, now

TOOK = ("claimed", "taken_over", "transferred")
CLOSED = ("ended", "returned", "merged")
DAYS = 7


@dataclass(frozen=True)
class Wait:
    """One wait for a person: from the question, or from the moment the operator was gone, until somebody came. `how` it
    ended: taken | left (the citizen waits no longer) | closed | waiting (it goes on); `again` after an operator."""

    since: datetime
    seconds: float
    how: str
    again: bool


@dataclass(frozen=True)
class Waits:
    """The waits that began in a stretch of time. `median`: seconds until somebody came; `longest`: seconds, whatever
    became of it; None where there is none. `vanished`: operators whose console fell silent."""

    asked: int = 0
    over_three: int = 0
    over_five: int = 0
    left: int = 0
    vanished: int = 0
    median: float | None = None
    longest: float | None = None


@dataclass
class Work:
    """What one person did. `taken` counts whom a colleague passed to her and calls written up, too; `first_reply` is
    the median of the seconds from taking to the first words."""

    taken: int = 0
    ended: int = 0
    returned: int = 0
    passed_on: int = 0
    first_reply: float | None = None
    _taken: list[tuple[int, datetime]] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Report:
    """Today, its hours in which anything happened, and the last days with today, oldest first."""

    today: Waits
    hours: list[tuple[int, Waits]]
    days: list[tuple[datetime, Waits]]


def report(session: Session, days: int = DAYS) -> Report:
    """As it stands now, by local time."""
    midnight = start_of_day(now())
    first = midnight - timedelta(days=days - 1)
    waits, vanished = waits_since(session, first), vanished_since(session, first)
    by_day: dict[datetime, list[Wait]] = defaultdict(list)
    gone_by_day: dict[datetime, list[datetime]] = defaultdict(list)
    for wait in waits:
        by_day[start_of_day(wait.since)].append(wait)
    for at in vanished:
        gone_by_day[start_of_day(at)].append(at)
    return Report(
        today=tally(by_day[midnight], len(gone_by_day[midnight])),
        hours=_by_hour(by_day[midnight], gone_by_day[midnight]),
        days=[(day, tally(by_day[day], len(gone_by_day[day])))
              for day in (first + timedelta(days=n) for n in range(days))],
    )


def waits_since(session: Session, since: datetime, until: datetime | None = None) -> list[Wait]:
    """Every wait that began since then, and before `until` if that is said, oldest first. What happened later than a
    day after `until` is not looked at."""
    begins = or_(Change.what.in_(("requested", "released")), and_(Change.what == "to_team", Change.before == "active"))
    steps = (
        select(Change.id, Change.at, Change.what, begins.label("begins"),
               _next(Change.at).label("until"), _next(Change.what).label("next"), _next(Change.actor).label("by"))
        .where(Change.subject == "handoff", Change.at >= since, or_(begins, Change.what.in_(TOOK + CLOSED)),
               *([] if until is None else [Change.at < until + timedelta(days=1)]))
        .subquery()
    )
    query = select(steps.c.at, steps.c.what, steps.c.until, steps.c.next, steps.c.by).where(steps.c.begins)
    if until is not None:
        query = query.where(steps.c.at < until)
    moment = min(now(), until + timedelta(days=1)) if until else now()
    return [Wait(at, ((until or moment) - at).total_seconds(), _how(then, by), what != "requested")
            for at, what, until, then, by in session.execute(query.order_by(steps.c.id))]


def vanished_since(session: Session, since: datetime) -> list[datetime]:
    """When operators' consoles fell silent."""
    query = select(Change.at).where(Change.subject == "account", Change.what == "presence", Change.why == "vanished",
                                    Change.at >= since)
    return list(session.scalars(query.order_by(Change.id)))


def tally(waits: Sequence[Wait], vanished: int = 0) -> Waits:
    """Counted."""
    taken = [w.seconds for w in waits if w.how == "taken"]
    return Waits(
        asked=sum(not w.again for w in waits),
        over_three=sum(w.seconds > WARN_AFTER_SECONDS for w in waits),
        over_five=sum(w.seconds > ESCALATE_AFTER_SECONDS for w in waits),
        left=sum(w.how == "left" for w in waits),
        vanished=vanished,
        median=median(taken) if taken else None,
        longest=max((w.seconds for w in waits), default=None),
    )


def work(session: Session, since: datetime) -> dict[str, Work]:
    """What each did since then, by `account:7` or `token:3`."""
    whats = (*TOOK, *CLOSED, "to_team", "call_written")
    query = select(Change.subject_id, Change.at, Change.actor, Change.what, Change.before, Change.why).where(
        Change.subject == "handoff", Change.what.in_(whats), Change.at >= since)
    done: dict[str, Work] = defaultdict(Work)
    for handoff, at, actor, what, before, why in session.execute(query.order_by(Change.id)):
        if not actor.startswith(("account:", "token:")):
            continue
        receiver = why.partition(" ")[0] if what == "transferred" else actor
        if what in TOOK:
            done[receiver]._taken.append((int(handoff), at))
        done[receiver].taken += what in TOOK or what == "call_written"
        done[actor].ended += what in ("ended", "merged")
        done[actor].returned += what == "returned"
        done[actor].passed_on += what in ("transferred", "to_team") and before == "active"
    _put_first_replies(session, done)
    return dict(done)


def start_of_day(moment: datetime) -> datetime:
    """Local midnight before."""
    return moment.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)


def _next(column: InstrumentedAttribute[Any]) -> Over[Any]:
    """What stands there in the following row of the same handoff."""
    return func.lead(column, type_=column.type).over(partition_by=Change.subject_id, order_by=Change.id)


def _how(then: str | None, by: str | None) -> str:
    if then is None:
        return "waiting"
    if then in TOOK:
        return "taken"
    return "left" if by == "citizen" else "closed"


def _by_hour(waits: list[Wait], vanished: list[datetime]) -> list[tuple[int, Waits]]:
    by_hour: dict[int, list[Wait]] = defaultdict(list)
    gone: dict[int, int] = defaultdict(int)
    for wait in waits:
        by_hour[wait.since.astimezone(LOCAL).hour].append(wait)
    for at in vanished:
        gone[at.astimezone(LOCAL).hour] += 1
    return [(hour, tally(by_hour[hour], gone[hour])) for hour in sorted({*by_hour, *gone})]


def _put_first_replies(session: Session, done: dict[str, Work]) -> None:
    """The first words after each taking, of accounts: a token's messages do not say whose they are."""
    taken = {handoff for w in done.values() for handoff, _ in w._taken}
    of = dict(session.execute(select(Handoff.id, Handoff.conversation_id).where(Handoff.id.in_(taken))).tuples().all())
    earliest = min((at for w in done.values() for _, at in w._taken), default=None)
    if earliest is None:
        return
    said: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    query = select(Message.conversation_id, Message.account_id, Message.created_at).where(
        Message.conversation_id.in_(of.values()), Message.sender == "operator", Message.account_id.is_not(None),
        Message.created_at >= earliest)
    for conversation, account, at in session.execute(query.order_by(Message.id)):
        said[f"account:{account}", conversation].append(at)
    for actor, theirs in done.items():
        firsts = [next((m for m in said[actor, of.get(handoff, "")] if m >= at), None) for handoff, at in theirs._taken]
        spans = [(first - at).total_seconds()
                 for first, (_, at) in zip(firsts, theirs._taken, strict=True) if first is not None]
        theirs.first_reply = median(spans) if spans else None
