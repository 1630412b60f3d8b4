"""The supervisor's page: who is there, who waits, who is with whom, how the day has gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views import queue as queue_view
from bot.console.views.people import accounts_by_id
from bot.console.views.queue import Row
from bot.domain.access import Actor
from bot.domain.calendar import LOCAL
from bot.domain.presence import Desk, Presence
from bot.i18n import text
from bot.services import presence, shift_report
from bot.services.shift_report import Waits, Work
from bot.storage import now


@dataclass(frozen=True)
class Person:
    """Somebody at a desk. `state` is on | break | off | gone (the console fell silent); `work` is today's."""

    account: int
    name: str
    state: str
    since: datetime | None
    load: int
    capacity: int
    work: Work
    first_reply: str

    @property
    def there(self) -> bool:
        return self.state == "on"


@dataclass(frozen=True)
class Line:
    """Waits of an hour or a day, in words."""

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
    moment = now()
    midnight = moment.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    queue = queue_view.read(session, actor, language)
    hours = shift_report.by_hour(session, midnight)
    days = shift_report.by_day(session, moment)
    most = max((w.asked for _, w in hours), default=0)
    most_days = max((w.asked for _, w in days), default=0)
    return Overview(
        people=_people(session, midnight, language),
        waiting=sorted(queue.unclaimed, key=lambda r: (not r.emergency, r.since)),
        active=sorted([*queue.mine, *queue.others], key=lambda r: (r.holder, r.since)),
        today=_line("", shift_report.waits(session, midnight, moment), 0, language),
        hours=[_line(f"{hour:02d}:00", waits, most, language) for hour, waits in hours],
        days=[_line(words.day(day, language), waits, most_days, language) for day, waits in days],
    )


def _people(session: Session, midnight: datetime, language: str) -> list[Person]:
    desks = presence.desks(session)
    names = accounts_by_id(session, [d.account_id for d in desks])
    work = shift_report.work(session, midnight, midnight + timedelta(days=1))
    people = [_person(d, names[d.account_id].name, work.get(f"account:{d.account_id}", Work()), language)
              for d in desks]
    order = {"on": 0, "break": 1, "gone": 2, "off": 3}
    return sorted(people, key=lambda p: (order[p.state], p.name))


def _person(desk: Desk, name: str, work: Work, language: str) -> Person:
    gone = desk.presence is not Presence.OFF and not desk.alive(now())
    return Person(desk.account_id, name, "gone" if gone else desk.presence.value, desk.since, desk.load, desk.capacity,
                  work, _span(work.first_reply, language))


def _line(name: str, waits: Waits, most: int, language: str) -> Line:
    return Line(name, waits, _span(waits.median, language), _span(waits.longest, language),
                round(100 * waits.asked / most) if most else 0)


def _span(seconds: float | None, language: str) -> str:
    if seconds is None:
        return "–"
    if seconds < words.MINUTE:
        return text("console.seconds", language, n=round(seconds))
    return words.span(seconds, language)
