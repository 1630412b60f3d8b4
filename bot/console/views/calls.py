"""Phone calls: the page, what the bot makes of words being typed, and what is known of a number."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.items import owner
from bot.console.views.people import accounts_by_id
from bot.domain.access import Actor
from bot.domain.calendar import LOCAL
from bot.domain.contact import masked, without_numbers
from bot.i18n import messages, text
from bot.services import callbacks, calls
from bot.services.catalogue import catalogue
from bot.storage import Conversation, Handoff, now

LIKELIEST = 5


@dataclass(frozen=True)
class Row:
    """A call in a list; the number is masked."""

    conversation: str
    at: datetime
    name: str
    phone: str
    item: str
    operator: str
    state: str
    open: bool


@dataclass(frozen=True)
class ToCall:
    """Somebody to ask how it went; the number is masked, `say` is what to tell."""

    what: str
    id: int
    conversation: str
    name: str
    phone: str
    english: bool
    item: str
    since: datetime
    number: str
    say: str


@dataclass(frozen=True)
class Suggestion:
    """An item the words may mean. `percent` 0 to 100."""

    code: str
    name: str
    owner: str
    percent: int


@dataclass(frozen=True)
class Guess:
    """What the bot makes of the words so far. The emergency's texts are in the caller's language, to be read out."""

    away: bool
    emergency: str
    instruction: str
    numbers: list[str]
    items: list[Suggestion]
    facts: list[str]


@dataclass(frozen=True)
class Past:
    """Something earlier of a number, in words; numbers named in them are masked."""

    what: str
    at: datetime
    href: str
    title: str
    state: str
    said: str


def today(session: Session, language: str) -> list[Row]:
    """The calls of the local day."""
    midnight = now().astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return _rows(session, calls.today(session, midnight), language)


def found(session: Session, wanted: str, actor: Actor, language: str) -> list[Row]:
    """The calls of a number or a name."""
    return _rows(session, calls.search(session, wanted, actor), language)


def to_make(session: Session, language: str) -> list[ToCall]:
    """Who is to be called now."""
    return [ToCall(
        c.what, c.id, c.conversation.id, c.contact.name or words.citizen(c.conversation, language),
        masked(c.contact.phone), c.conversation.language == "en", _item(c.item, language), c.since, c.number,
        _say(c, c.conversation.language)) for c in callbacks.due(session, now())]


def guess(heard: calls.Heard, language: str, caller: str) -> Guess:
    """For the dialog. `caller` is the language spoken on the phone."""
    known, understood = catalogue(), heard.understanding
    emergency = known.emergencies.get(understood.emergency or "")
    ranked = [r for r in understood.ranking if r.item in known.items][:LIKELIEST]
    return Guess(
        away=heard.away, emergency=emergency.name(language) if emergency else "",
        instruction=emergency.instruction(caller) if emergency else "",
        numbers=list(emergency.numbers) if emergency else [],
        items=[Suggestion(r.item, _item(r.item, language), owner(known.items[r.item], language),
                          round(r.confidence * 100)) for r in ranked],
        facts=list(dict.fromkeys(str(e.get("text") or e["value"]) for e in understood.entities
                                 if e.get("value") and e.get("type") != "relation")),
    )


def next_form(code: str) -> str:
    """The form that serves an item: a life service is referred, the rest becomes a ticket; empty without an item."""
    item = catalogue().items.get(code)
    return "" if item is None else "referral" if item.life else "ticket"


def history(session: Session, actor: Actor, number: str, language: str) -> list[Past]:
    """What is known of a number (E.164); the look is written down."""
    return [_past(p, language) for p in calls.history(session, actor, number)]


def _past(past: calls.Past, language: str) -> Past:
    known = messages(language)
    states = {"ticket": f"state.{past.state}", "referral": f"console.referral_{past.state}"}
    outcome = known.get(f"console.outcome_{past.outcome}", "")
    state = known.get(states.get(past.what, f"console.state_{past.state}"), "")
    href = f"/console/tickets/{past.ticket}" if past.ticket else f"/console/conversations/{past.conversation}"
    title = " ".join(filter(None, (past.ticket, _item(past.item, language))))
    return Past(text(f"console.call_past_{past.what}", language), past.at, href, title, outcome or state,
                without_numbers(past.words)[:120])


def _rows(session: Session, pairs: list[tuple[Conversation, Handoff]], language: str) -> list[Row]:
    people = accounts_by_id(session, [h.account_id for _, h in pairs])
    return [_row(c, h, people[h.account_id].name if h.account_id in people else "", language) for c, h in pairs]


def _row(conversation: Conversation, handoff: Handoff, operator: str, language: str) -> Row:
    is_open = handoff.state == "active"
    key = "console.call_open" if is_open else f"console.outcome_{handoff.outcome}"
    return Row(conversation.id, conversation.created_at, words.citizen(conversation, language),
               masked(conversation.phone), _item(handoff.item, language), operator,
               messages(language).get(key, text("console.state_ended", language)), is_open)


def _item(code: str, language: str) -> str:
    item = catalogue().items.get(code) or catalogue().gone.get(code)
    return item.name(language) if item else ""


def _say(callback: callbacks.Callback, language: str) -> str:
    if callback.provider is not None:
        return text("rating.ask_referral", language, name=callback.provider.name_zh)
    return text("console.call_say_answer", language, item=_item(callback.item, language), answer=callback.answer)
