"""How people were served: waits, breaches and work of a day, from the history.

Counts for the desk's own planning; nobody is ranked, and no citizen appears in it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.calendar import LOCAL
from bot.storage import Change, Handoff, Message


@dataclass
class Waits:
    """Citizens who asked for a person within a stretch of time. Seconds; `median` and `longest` are None where nobody
    was taken yet. `left`: gone from the queue before anybody came; `vanished`: lost their operator."""

    asked: int = 0
    warned: int = 0
    escalated: int = 0
    left: int = 0
    vanished: int = 0
    median: float | None = None
    longest: float | None = None


@dataclass
class Work:
    """One operator's day. `first_reply`: median seconds from claim to the first words."""

    taken: int = 0
    ended: int = 0
    returned: int = 0
    passed_on: int = 0
    first_reply: float | None = None


@dataclass
class _Story:
    asked: datetime | None = None
    claimed: datetime | None = None
    whats: list[tuple[str, str, str]] = field(default_factory=list)


def waits(session: Session, since: datetime, until: datetime) -> Waits:
    """What became of those who asked in [since, until)."""
    return _waits(_stories(session, since, until).values())


def by_hour(session: Session, day: datetime) -> list[tuple[int, Waits]]:
    """The hours of a local day in which anybody asked."""
    return _grouped(session, day, day + timedelta(days=1), lambda moment: moment.hour)


def by_day(session: Session, until: datetime, days: int = 7) -> list[tuple[datetime, Waits]]:
    """The days before and including that of `until`, oldest first; days without anybody too."""
    first = _midnight(until) - timedelta(days=days - 1)
    return [(day, waits(session, day, day + timedelta(days=1)))
            for day in (first + timedelta(days=n) for n in range(days))]


def work(session: Session, since: datetime, until: datetime) -> dict[str, Work]:
    """What each actor did in [since, until), by `account:7`."""
    done: dict[str, Work] = defaultdict(Work)
    claims: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    counted = {"claimed": "taken", "taken_over": "taken", "ended": "ended", "returned": "returned",
               "transferred": "passed_on", "to_team": "passed_on"}
    for change in _changes(session, since, until):
        name = counted.get(change.what)
        if not name or not change.actor.startswith("account:"):
            continue
        setattr(done[change.actor], name, getattr(done[change.actor], name) + 1)
        if name == "taken":
            claims[change.actor].append((change.subject_id, change.at))
    for actor, taken in claims.items():
        done[actor].first_reply = _first_reply(session, actor, taken)
    return dict(done)


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)


def _changes(session: Session, since: datetime, until: datetime) -> list[Change]:
    query = select(Change).where(Change.subject == "handoff", Change.at >= since, Change.at < until)
    return list(session.scalars(query.order_by(Change.id)))


def _stories(session: Session, since: datetime, until: datetime) -> dict[str, _Story]:
    """What happened to each handoff asked for in that time, also after it."""
    asked = {c.subject_id: c.at for c in _changes(session, since, until) if c.what == "requested"}
    found: dict[str, _Story] = {id_: _Story(at) for id_, at in asked.items()}
    if not asked:
        return found
    for change in _changes(session, min(asked.values()), until + timedelta(days=1)):
        story = found.get(change.subject_id)
        if story is None:
            continue
        story.whats.append((change.what, change.actor, change.why))
        if change.what in ("claimed", "taken_over", "transferred") and story.claimed is None:
            story.claimed = change.at
    return found


def _waits(stories: Iterable[_Story]) -> Waits:
    made, spans = Waits(), []
    for story in stories:
        whats = [what for what, _, _ in story.whats]
        made.asked += 1
        made.warned += "warned" in whats
        made.escalated += "escalated" in whats
        made.left += story.claimed is None and "ended" in whats
        made.vanished += any(what == "released" and why == "vanished" for what, _, why in story.whats)
        if story.claimed is not None and story.asked is not None:
            spans.append((story.claimed - story.asked).total_seconds())
    if spans:
        made.median, made.longest = median(spans), max(spans)
    return made


def _grouped(
    session: Session, since: datetime, until: datetime, key: Callable[[datetime], int]
) -> list[tuple[int, Waits]]:
    groups: dict[int, list[_Story]] = defaultdict(list)
    for story in _stories(session, since, until).values():
        if story.asked is not None:
            groups[key(story.asked.astimezone(LOCAL))].append(story)
    return [(name, _waits(found)) for name, found in sorted(groups.items())]


def _first_reply(session: Session, actor: str, taken: list[tuple[str, datetime]]) -> float | None:
    ids = [int(id_) for id_, _ in taken]
    of = dict(session.execute(select(Handoff.id, Handoff.conversation_id).where(Handoff.id.in_(ids))).tuples().all())
    account = int(actor.partition(":")[2])
    spans = []
    for id_, at in taken:
        first = session.scalar(
            select(Message.created_at)
            .where(Message.conversation_id == of.get(int(id_), ""), Message.sender == "operator",
                   Message.account_id == account, Message.created_at >= at)
            .order_by(Message.seq).limit(1))
        if first is not None:
            spans.append((first - at).total_seconds())
    return median(spans) if spans else None
