"""The supervisor's page: who is there, who waits, who is with whom, how the day has gone."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views import queue as queue_view
from bot.console.views.people import accounts_by_id
from bot.console.views.queue import Row
from bot.domain.access import Actor
from bot.domain.handoff import HandoffState
from bot.domain.presence import Desk, Presence
from bot.i18n import text
from bot.services import presence, shift_report
from bot.services.shift_report import Waits, Work
from bot.storage import Conversation, Handoff, now

ORDER = {"on": 0, "break": 1, "gone": 2, "off": 3}


@dataclass(frozen=True)
class Person:
    """Somebody at a desk. `state` is on | break | off | gone (the console fell silent); `work` is today's."""

    account: int
    name: str
    state: str
    since: str
    load: int
    capacity: int
    work: Work
    first_reply: str

    @property
    def there(self) -> bool:
        return self.state == "on"


@dataclass(frozen=True)
class Line:
    """Waits of an hour or a day, in words; `share` is how many asked, in percent of the busiest."""

    name: str
    waits: Waits
    median: str
    longest: str
    share: int


@dataclass(frozen=True)
class Overview:
    """All the page shows."""

    people: list[Person]
    waiting: list[Row]
    active: list[Row]
    today: Line
    hours: list[Line]
    days: list[Line]


def read(session: Session, actor: Actor, language: str) -> Overview:
    """As it is now."""
    rows = queue_view.in_order(session, actor, language)
    report = shift_report.report(session)
    return Overview(
        people=_people(session, language),
        waiting=[r for r in rows if r.waiting],
        active=sorted((r for r in rows if not r.waiting), key=lambda r: (r.holder, r.since)),
        today=_line("", report.today, 0, language),
        hours=_lines([(f"{hour:02d}:00", w) for hour, w in report.hours], language),
        days=_lines([(words.day(day, language), w) for day, w in report.days], language),
    )


def overdue(session: Session, language: str) -> list[dict[str, str]]:
    """Whom nobody has taken in five minutes: {handoff, conversation, name, span}."""
    query = select(Handoff, Conversation).join(Conversation, Conversation.id == Handoff.conversation_id).where(
        Handoff.state == HandoffState.WAITING, Handoff.escalated_at.is_not(None))
    return [{"handoff": str(handoff.id), "conversation": conversation.id, "name": words.citizen(conversation, language),
             "span": words.span((now() - handoff.waiting_since).total_seconds(), language)}
            for handoff, conversation in session.execute(query.order_by(Handoff.waiting_since))]


def _people(session: Session, language: str) -> list[Person]:
    desks = presence.desks(session)
    names = accounts_by_id(session, [d.account_id for d in desks])
    work = shift_report.work(session, shift_report.start_of_day(now()))
    people = [_person(d, names[d.account_id].name, work.get(f"account:{d.account_id}", Work()), language)
              for d in desks]
    return sorted(people, key=lambda p: (ORDER[p.state], p.name))


def _person(desk: Desk, name: str, work: Work, language: str) -> Person:
    gone = desk.presence is not Presence.OFF and not desk.alive(now())
    today = desk.since is not None and desk.since >= shift_report.start_of_day(now())
    since = "" if desk.since is None else words.clock(desk.since) if today else words.stamp(desk.since, language)
    return Person(desk.account_id, name, "gone" if gone else desk.presence.value, since, desk.load, desk.capacity,
                  work, _span(work.first_reply, language))


def _lines(counted: list[tuple[str, Waits]], language: str) -> list[Line]:
    most = max((waits.asked for _, waits in counted), default=0)
    return [_line(name, waits, most, language) for name, waits in counted]


def _line(name: str, waits: Waits, most: int, language: str) -> Line:
    return Line(name, waits, _span(waits.median, language), _span(waits.longest, language),
                round(100 * waits.asked / most) if most else 0)


def _span(seconds: float | None, language: str) -> str:
    if seconds is None:
        return "–"
    if seconds < words.MINUTE:
        return text("console.seconds", language, n=round(seconds))
    return words.span(seconds, language)
