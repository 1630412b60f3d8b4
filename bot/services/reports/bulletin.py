"""The day's and the week's bulletin, from what was written down when it happened: made again, it says the same."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, String, and_, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole
from bot.domain.clock import RED, YELLOW, ClockKind
from bot.domain.message import clean_text
from bot.domain.personal import personal_data
from bot.domain.report import SATISFIED_FROM, Tally
from bot.domain.span import Span, day, midnight, week
from bot.errors import BadInput, NotFound
from bot.services.catalogue import catalogue
from bot.services.history import note
from bot.services.reports import hot
from bot.services.reports.counts import Reach, condition
from bot.services.reports.dashboard import category_of
from bot.services.reports.durations import Waiting, until_person
from bot.services.reports.hot import Hot
from bot.storage import Account, Assignment, Change, Setting, Supervision, Ticket, now

LATE_FOR = timedelta(days=60)
"""Deadlines missed longer ago are not looked for among what is still late."""
LONGEST = 1500
NAMED_FROM = 5
"""From this many answers due on, a department is named among the best or the worst."""


@dataclass(frozen=True)
class Unsolved:
    """One "not solved", without words of anybody: the matter, the street, why, and how often by then."""

    item: str
    street: str
    why: str
    number: str
    times: int


@dataclass(frozen=True)
class Bulletin:
    """`name` is 2026-11-25 or 2026-W47. `received` are counts by what they are of; `departments` what each answered;
    `late` those that missed a deadline, `still` those unanswered at the end; `begun` says that it is not over yet."""

    name: str
    span: Span
    begun: bool
    tally: Tally
    before: Tally
    kinds: dict[str, int]
    categories: dict[str, int]
    streets: dict[str, int]
    items: dict[str, int]
    days: list[tuple[datetime, int]]
    hot: list[Hot]
    hot_streets: list[Hot]
    departments: dict[str, Tally]
    late: dict[str, int]
    red: dict[str, int]
    still: dict[str, int]
    emergencies: dict[str, int]
    person: Waiting
    unsolved: list[Unsolved]
    reasons: dict[str, int]
    intro: str

    @property
    def ranked(self) -> list[tuple[str, Tally]]:
        """Departments with enough answers due, best first: on time, then solved, then how many."""
        enough = [(code, t) for code, t in self.departments.items() if code and t.on_time + t.late >= NAMED_FROM]
        return sorted(enough, key=lambda one: (-(one[1].on_time_rate or 0), -(one[1].solved_rate or 0),
                                             -one[1].answered, one[0]))


def of_day(session: Session, words: str, actor: Actor) -> Bulletin:
    """`2026-11-25`. Raises BadInput, NotFound for a day to come, NotAllowed."""
    return _made(session, words, day(words), day(words), actor)


def of_week(session: Session, words: str, actor: Actor) -> Bulletin:
    """`2026-W47`, Monday to Sunday. Raises BadInput, NotFound, NotAllowed."""
    return _made(session, words, *week(words), actor)


def introduce(session: Session, words: str, intro: str, actor: Actor) -> str:
    """The supervisor's own words at its head; none takes them away. Raises BadInput where they hold what looks like
    personal data."""
    actor.must(Right.SUPERVISE)
    week(words) if "W" in words else day(words)
    said = clean_text(intro, LONGEST)[0]
    if found := personal_data(said):
        raise BadInput("report.personal", found="、".join(one.words for one in found))
    session.merge(Setting(key=_key(words), value={"text": said, "by": actor.id}))
    note(session, "setting", _key(words), actor.id, "changed", why=said)
    return said


def _key(words: str) -> str:
    return f"bulletin:{words}"


def _made(session: Session, words: str, first: date, last: date, actor: Actor) -> Bulletin:
    actor.must(Right.SUPERVISE)
    span = Span("custom", first, last, now())
    if span.since > span.now:
        raise NotFound("report.not_yet", day=words)
    since, until = span.since, span.until
    counts, departments = _received(session, since, until), _departments(session, since, until)
    kept = session.get(Setting, _key(words))
    warm, streets = hot.issues(session, until, Reach())
    unsolved = _unsolved(session, since, until)
    return Bulletin(
        name=words, span=span, begun=until < midnight(last + timedelta(days=1)),
        tally=_total(session, since, until, departments), before=_total(session, *span.before()),
        kinds=counts["kind"], categories=counts["category"], streets=counts["street"], items=counts["item"],
        days=_days(session, span), hot=warm, hot_streets=streets, departments=departments,
        late=_papers(session, since, until, YELLOW), red=_papers(session, since, until, RED),
        still=_still(session, until), emergencies=_emergencies(session, since, until),
        person=until_person(session, since, until), unsolved=unsolved,
        reasons=dict(Counter(one.why for one in unsolved).most_common()), intro=kept.value["text"] if kept else "",
    )


def _received(session: Session, since: datetime, until: datetime) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    query = (select(Ticket.kind, Ticket.item, Ticket.street, func.count())
             .where(condition("received", since, until, until)).group_by(Ticket.kind, Ticket.item, Ticket.street))
    for kind, item, street, count in session.execute(query):
        for group, key in (("kind", kind), ("item", item), ("street", street), ("category", category_of(item))):
            found[group][key] += count
    return {group: dict(found[group].most_common()) for group in ("kind", "item", "street", "category")}


def _total(session: Session, since: datetime, until: datetime, known: dict[str, Tally] | None = None) -> Tally:
    """What came in, and all that departments did."""
    received = session.scalar(select(func.count()).select_from(Ticket).where(
        condition("received", since, until, until))) or 0
    whats = dict(session.execute(_events(since, until, "closed", "merged", "withdrawn").with_only_columns(
        Change.what, func.count()).group_by(Change.what)).tuples().all())
    total = Tally(received=received, closed=sum(whats.values()))
    for tally in (_departments(session, since, until) if known is None else known).values():
        total += tally
    return total


def _events(since: datetime, until: datetime, *whats: str) -> Any:
    return select(Change).where(Change.at >= since, Change.at < until, Change.subject == "ticket",
                                Change.what.in_(whats))


def _departments(session: Session, since: datetime, until: datetime) -> dict[str, Tally]:
    """What each answered and what citizens said of it then, by the department of whoever answered."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for department, in_time, count in session.execute(_answers(since, until)):
        found[department or ""]["answered"] += count
        found[department or ""]["on_time"] += count if in_time else 0
    for department, count in _papers(session, since, until, YELLOW).items():
        found[department]["late"] += count
    for department, what, actor, after, count in session.execute(_verdicts(since, until)):
        for field in _said(what, actor, after):
            found[department][field] += count
    return {code: Tally(**counted) for code, counted in found.items()}


def _answers(since: datetime, until: datetime) -> Any:
    """(department, in time, how many) of the answers given, by whose handler gave it or else who leads it now. Late is
    one before which, in this round, supervision had been written."""
    back = aliased(Change)
    begun = (select(func.coalesce(func.max(back.at), datetime(2000, 1, 1, tzinfo=since.tzinfo)))
             .where(back.subject == "ticket", back.subject_id == Change.subject_id, back.what == "reopened",
                    back.at <= Change.at).correlate(Change).scalar_subquery())
    late = exists().where(Supervision.ticket_id == cast(Change.subject_id, Integer), Supervision.level == YELLOW,
                          Supervision.kind == ClockKind.ANSWER.value, Supervision.due_at <= Change.at,
                          Supervision.due_at > begun).correlate(Change)
    events = _events(since, until, "answered").with_only_columns(
        Change.subject_id, Change.actor, (~late).label("in_time")).subquery()
    whose = func.coalesce(func.nullif(Account.department, ""), Assignment.department)
    return (select(whose, events.c.in_time, func.count()).select_from(events).join(Assignment, _lead_of(events))
            .outerjoin(Account, events.c.actor == "account:" + cast(Account.id, String))
            .group_by(whose, events.c.in_time))


def _verdicts(since: datetime, until: datetime) -> Any:
    """(department that leads, what, actor, after, how many): stars, solved, not solved, nothing said."""
    events = _events(since, until, "rated", "confirmed", "reopened").with_only_columns(
        Change.subject_id, Change.what, Change.actor, Change.after).subquery()
    keys = (Assignment.department, events.c.what, events.c.actor, events.c.after)
    return select(*keys, func.count()).select_from(events).join(Assignment, _lead_of(events)).group_by(*keys)


def _lead_of(events: Any) -> Any:
    return and_(Assignment.ticket_id == cast(events.c.subject_id, Integer), Assignment.role == AssignmentRole.LEAD)


def _said(what: str, actor: str, after: str) -> list[str]:
    if what == "rated":
        return (["rated", "satisfied"] if int(after) >= SATISFIED_FROM else ["rated"]) if after.isdecimal() else []
    if what == "reopened":
        return ["not_solved"]
    return ["silent" if actor == "clock" else "solved"]


def _papers(session: Session, since: datetime, until: datetime, level: int) -> dict[str, int]:
    """Tickets that missed the answer's deadline (yellow) or were supervised in writing (red), by department."""
    query = (select(Supervision.department, func.count(Supervision.ticket_id.distinct()))
             .where(Supervision.level == level, Supervision.kind == ClockKind.ANSWER.value,
                    Supervision.due_at >= since, Supervision.due_at < until).group_by(Supervision.department))
    return dict(sorted(session.execute(query).tuples(), key=lambda one: (-one[1], one[0])))


def _still(session: Session, until: datetime) -> dict[str, int]:
    """Late and without an answer at the end, by department."""
    done = exists().where(Change.subject == "ticket", Change.subject_id == cast(Supervision.ticket_id, String),
                          Change.what.in_(("answered", "closed", "merged", "withdrawn")),
                          Change.at > Supervision.due_at, Change.at < until)
    query = (select(Supervision.department, func.count(Supervision.ticket_id.distinct()))
             .where(Supervision.level == YELLOW, Supervision.kind == ClockKind.ANSWER.value, ~done,
                    Supervision.due_at >= until - LATE_FOR, Supervision.due_at < until)
             .group_by(Supervision.department))
    return dict(sorted(session.execute(query).tuples(), key=lambda one: (-one[1], one[0])))


def _emergencies(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """Alarms raised, by emergency."""
    query = (select(Change.why, func.count()).where(
        Change.at >= since, Change.at < until, Change.subject == "handoff", Change.what.in_(("requested", "raised")),
        Change.why.in_(list(catalogue().emergencies))).group_by(Change.why))
    return dict(sorted(session.execute(query).tuples(), key=lambda one: (-one[1], one[0])))


def _unsolved(session: Session, since: datetime, until: datetime) -> list[Unsolved]:
    """Tickets that citizens sent back, those sent back most often first."""
    back, said = aliased(Change), aliased(Change)
    times = (select(func.count()).where(back.subject == "ticket", back.subject_id == Change.subject_id,
                                        back.what == "reopened", back.at < until).scalar_subquery())
    why = (select(func.max(said.after)).where(said.subject == "ticket", said.subject_id == Change.subject_id,
                                              said.what == "complained", said.at >= Change.at, said.at < until)
           .scalar_subquery())
    query = (_events(since, until, "reopened").with_only_columns(Ticket.item, Ticket.street, why, Ticket.number, times)
             .select_from(Change).join(Ticket, Ticket.id == cast(Change.subject_id, Integer)).order_by(Change.id))
    latest = {row[3]: Unsolved(row[0], row[1], row[2] or "", row[3], row[4]) for row in session.execute(query)}
    return sorted(latest.values(), key=lambda one: (-one.times, one.number))


def _days(session: Session, span: Span) -> list[tuple[datetime, int]]:
    """How many came in on each of the days, and before them as many as make fourteen."""
    first = midnight(span.last - timedelta(days=13))
    found = []
    for n in range(14):
        at = first + timedelta(days=n)
        end = min(at + timedelta(days=1), span.until)
        query = select(func.count()).select_from(Ticket).where(condition("received", at, max(at, end), end))
        found.append((at, session.scalar(query) or 0))
    return found
