"""Times, people and events in words."""

from datetime import datetime

from bot.domain.calendar import LOCAL
from bot.domain.contact import local_form, masked
from bot.domain.handoff import ESCALATE_AFTER_SECONDS, WARN_AFTER_SECONDS
from bot.errors import HotlineError
from bot.i18n import messages, text
from bot.storage import Account, Conversation, now

MINUTE, HOUR, DAY = 60, 3600, 86400
STATES = {"ticket.cannot_move": "ticket", "ticket.not_in_hand": "ticket", "ticket.not_resting": "ticket",
          "assignment.cannot_move": "part"}
"""Errors that tell states, and how the console's words for these begin."""


def span(seconds: float, language: str) -> str:
    """A stretch of time: `不到 1 分钟`, `4 分钟`, `1 小时 5 分钟`, `3 天`. `static/js/clock.js` says the same."""
    left = int(abs(seconds))
    if left < MINUTE:
        return text("console.under_minute", language)
    if left < HOUR:
        return text("console.minutes", language, n=left // MINUTE)
    if left < 10 * HOUR and left % HOUR >= MINUTE:
        return text("console.hours_minutes", language, h=left // HOUR, m=left % HOUR // MINUTE)
    if left < 2 * DAY:
        return text("console.hours", language, n=left // HOUR)
    return text("console.days", language, n=left // DAY)


def waited(since: datetime, language: str) -> str:
    """`刚来`, `等了 4 分钟`."""
    seconds = (now() - since).total_seconds()
    if seconds < MINUTE:
        return text("console.waited_no_time", language)
    return text("console.waited", language, span=span(seconds, language))


def level(since: datetime) -> int:
    """How much a wait presses: 0, 1 after three minutes, 2 after five."""
    seconds = (now() - since).total_seconds()
    return int(seconds >= WARN_AFTER_SECONDS) + int(seconds >= ESCALATE_AFTER_SECONDS)


def due(moment: datetime, language: str) -> str:
    """`还剩 3 小时` or `超时 2 小时`."""
    left = (moment - now()).total_seconds()
    return text("console.due_left" if left >= 0 else "console.due_over", language, span=span(left, language))


def clock(moment: datetime) -> str:
    """`09:05`, local."""
    return f"{moment.astimezone(LOCAL):%H:%M}"


def to_the_second(moment: datetime) -> str:
    """`2026-11-22 09:05:33`, local; spreadsheets read it as a time."""
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"


def dated(moment: datetime) -> str:
    """`2026-11-22 09:05`, local: for paper, on which "today" is soon wrong."""
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def stamp(moment: datetime, language: str) -> str:
    """`今天 09:05` or `11月22日 09:05`."""
    return f"{day(moment, language)} {clock(moment)}"


def day(moment: datetime, language: str) -> str:
    """`今天`, `昨天`, `11月20日`."""
    local, today = moment.astimezone(LOCAL).date(), now().astimezone(LOCAL).date()
    if local == today:
        return text("console.today", language)
    if (today - local).days == 1:
        return text("console.yesterday", language)
    year = "" if local.year == today.year else text("console.year", language, year=local.year)
    if language == "en":
        return f"{local.day} {local:%b}{year}"
    return f"{year}{local.month}月{local.day}日"


def citizen(conversation: Conversation, language: str) -> str:
    """The citizen's name, or what to call somebody without one: `网页市民 3f2a`."""
    if conversation.display_name:
        return conversation.display_name
    return text("console.nameless", language, channel=channel(conversation.channel, language),
                tail=conversation.id[-4:])


def channel(code: str, language: str) -> str:
    """`网页`, `Telegram`, …; an unknown channel by its code."""
    return messages(language).get(f"console.channel_{code}", code)


def what_happened(subject: str, what: str, language: str) -> str:
    """A history row's verb; one nobody put into words yet is shown as it is."""
    known = messages(language)
    return (known.get(f"console.did_{subject}_{what}") or known.get(f"console.did_{what}")
            or known.get(f"admin.did_{what}", what))


def problem(error: HotlineError, language: str) -> str:
    """What went wrong. States are said as they are on the page; a step already taken was a colleague's."""
    facts = dict(error.facts)
    if error.key in STATES:
        if facts.get("now") == facts.get("then"):
            return text("errors.ticket.overtaken", language, now=_state(error, facts["now"], language))
        facts |= {k: _state(error, facts[k], language) for k in ("now", "then") if k in facts}
    return text(f"errors.{error.key}", language, **facts)


def _state(error: HotlineError, code: str, language: str) -> str:
    return messages(language).get(f"console.{STATES[error.key]}_{code}", code)


def who(actor: str, accounts: dict[int, Account], language: str) -> str:
    """`市民`, `机器人`, or the name behind `account:7`."""
    kind, _, number = actor.partition(":")
    if kind == "account" and number.isdigit() and int(number) in accounts:
        return accounts[int(number)].name
    return messages(language).get(f"console.actor_{kind}", actor)


def phone_shown(number: str, in_full: bool) -> str:
    """A phone number as dialled here, or masked."""
    return local_form(number) if in_full else masked(number)
