"""A filter as marks of `TicketMark`: all that it asks for, each with its alternatives."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, cast, false, func, literal, or_
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.searching import as_end
from bot.domain.searching import wanted as wanted_marks
from bot.domain.ticket import ENDED, GROUPS
from bot.services.catalogue import catalogue
from bot.storage import TicketMark
from bot.storage.ticket_mark import LIVE

Marks = tuple[tuple[str, bool], ...]
"""All of these; True where one only has to begin so."""
Asked = tuple[tuple[Marks, ...], ...]
"""Of each of these, one alternative. Without an alternative nothing fits."""


@dataclass(frozen=True)
class Filter:
    """What is looked for; empty is everything. `state` is a group (open | answered | closed | returned) or a state;
    `words` a number, part of one, words in description and place, the name of an item, or, for who sees all and where
    the session writes, the citizen's phone number, which is noted. Days are local, both ends included. `due_before`:
    open and due by then; `part`: the state of the actor's own department's part; `back`: reopened, or given back by
    it."""

    words: str = ""
    state: str = ""
    department: str = ""
    unit: str = ""
    street: str = ""
    community: str = ""
    item: str = ""
    category: str = ""
    kind: str = ""
    channel: str = ""
    since: date | None = None
    until: date | None = None
    overdue: bool = False
    urged: bool = False
    reopened: bool = False
    due_before: datetime | None = None
    part: str = ""
    back: bool = False


def asked(actor: Actor, wanted: Filter) -> Asked:
    """The marks of what is looked for and of what the actor may see; empty where that is everything."""
    found: list[tuple[Marks, ...]] = []
    if not actor.may(Right.SEE_ALL_TICKETS):
        found += [_one(f"dep={actor.department}"), *([_one(f"unit={actor.unit}")] if actor.unit else [])]
    for name, mark in (("department", "dep"), ("unit", "unit"), ("street", "street"), ("community", "community"),
                       ("item", "item"), ("kind", "kind"), ("channel", "channel")):
        if chosen := getattr(wanted, name):
            found.append(_one(f"{mark}={chosen}"))
    if wanted.category:
        items = [i.code for i in catalogue().items.values() if i.category == wanted.category]
        found.append(tuple(((f"item={code}", False),) for code in items))
    found += [_one(flag) for flag in ("urged", "reopened") if getattr(wanted, flag)]
    if wanted.back:
        found.append((*_one("reopened"), *_one(f"back={actor.department}")))
    found += _words(wanted.words)
    if found and _not_ended(wanted):
        found.append(_one(LIVE))
    return tuple(found)


def match(session: Session, marks: Asked) -> ColumnElement[bool]:
    """As a condition on TicketMark."""
    if not all(marks):
        return false()
    if session.get_bind().dialect.name == "postgresql":
        whole, indexed = _query(marks), _query(_telling(marks))
        found = TicketMark.marks.op("@@")(cast(indexed, TSQUERY))
        return found if whole == indexed else and_(found, func.ts_match_vq(TicketMark.marks, cast(whole, TSQUERY)))
    return and_(*(or_(*(and_(*(_like(*mark) for mark in one)) for one in alternatives)) for alternatives in marks))


def _telling(marks: Asked) -> Asked:
    """Without single characters, where there is more to go by: nearly everything has one that begins so, and the index
    would gather it. They are looked at in what is found."""
    return tuple(tuple(tuple(m for m in one if len(m[0]) > 1 or not m[1]) or one for one in alternatives)
                 for alternatives in marks)


def _not_ended(wanted: Filter) -> bool:
    states = GROUPS.get(wanted.state, {wanted.state})
    return bool(wanted.overdue or wanted.due_before or (wanted.state and not set(states) & ENDED))


def _one(mark: str) -> tuple[Marks, ...]:
    return (((mark, False),),)


def _words(words: str) -> list[tuple[Marks, ...]]:
    """The words' own marks; the name of an item finds its tickets too."""
    if not words.strip():
        return []
    named = [i.code for i in catalogue().items.values() if words.strip() in (i.code, i.name("zh"), i.name("en"))]
    said = tuple(wanted_marks(words))
    ends = tuple((as_end(mark), False) if as_end(mark) else (mark, begins) for mark, begins in said)
    return [(*dict.fromkeys(one for one in (said, ends) if one), *(((f"item={code}", False),) for code in named))]


def _query(marks: Asked) -> str:
    each = (" | ".join(" & ".join(_term(*mark) for mark in one) for one in alternatives) for alternatives in marks)
    return " & ".join(f"({one})" for one in each)


def _term(mark: str, begins: bool) -> str:
    return "'" + mark.replace("\\", "").replace("'", "''") + ("':*" if begins else "'")


def _like(mark: str, begins: bool) -> ColumnElement[bool]:
    spaced, end = literal(" ") + TicketMark.marks + literal(" "), "" if begins else " "
    return spaced.contains(f" {mark}{end}", autoescape=True)
