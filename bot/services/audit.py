"""Reading the history: who did what to what, and who looked at whose contact data."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.calendar import LOCAL
from bot.services.history import note
from bot.storage import Account, ApiToken, Change, Handoff, Ticket

PAGE = 50
EXPORTED_AT_MOST = 50_000
NAMED_AT_MOST = 100
GROUPS = ("looks", "sign_ins", "accounts")
_SIGN_INS = ("signed_in", "sign_in_failed", "second_step_failed", "proof_failed", "locked", "recovery_used",
             "signed_out", "signed_out_others")


@dataclass(frozen=True)
class Query:
    """What is looked for; empty is everything. `group` is one of GROUPS, `words` an id or a name. Days are local, both
    ends included."""

    actor: str = ""
    subject: str = ""
    what: str = ""
    group: str = ""
    since: date | None = None
    until: date | None = None
    words: str = ""


@dataclass(frozen=True)
class Names:
    """What the ids of some changes stand for: accounts, tokens, numbers of tickets, conversations of handoffs."""

    accounts: dict[int, Account]
    tokens: dict[int, ApiToken]
    tickets: dict[int, str]
    handoffs: dict[int, str]


def find(session: Session, who: Actor, query: Query, before: int = 0, limit: int = PAGE) -> list[Change]:
    """Changes, the newest first, with ids below `before`. Raises NotAllowed."""
    who.must(Right.SEE_AUDIT)
    wanted = select(Change).where(*_conditions(session, query))
    if before:
        wanted = wanted.where(Change.id < before)
    return list(session.scalars(wanted.order_by(Change.id.desc()).limit(limit)))


def note_export(session: Session, who: Actor, query: Query) -> None:
    """The history leaves the house: who took it, and what was looked for. Raises NotAllowed."""
    who.must(Right.SEE_AUDIT)
    asked = {name: str(value) for name, value in vars(query).items() if value}
    note(session, "audit", "csv", who.id, "exported", why=", ".join(f"{k} {v}" for k, v in asked.items()))


def actors(session: Session, who: Actor) -> tuple[list[Account], list[ApiToken]]:
    """Everybody who may have acted, for the filter. Raises NotAllowed."""
    who.must(Right.SEE_AUDIT)
    return (list(session.scalars(select(Account).order_by(Account.name))),
            list(session.scalars(select(ApiToken).order_by(ApiToken.id))))


def names(session: Session, changes: list[Change]) -> Names:
    """What the ids in these changes stand for."""
    people = _ids(changes, "account") | _acting(changes, "account")
    tokens = _ids(changes, "token") | _acting(changes, "token")
    tickets, handoffs = _ids(changes, "ticket"), _ids(changes, "handoff")
    return Names(
        {a.id: a for a in session.scalars(select(Account).where(Account.id.in_(people)))},
        {t.id: t for t in session.scalars(select(ApiToken).where(ApiToken.id.in_(tokens)))},
        _pairs(session, select(Ticket.id, Ticket.number).where(Ticket.id.in_(tickets))),
        _pairs(session, select(Handoff.id, Handoff.conversation_id).where(Handoff.id.in_(handoffs))),
    )


def _conditions(session: Session, query: Query) -> list[ColumnElement[bool]]:
    wanted = [column == value for column, value in (
        (Change.actor, query.actor), (Change.subject, query.subject), (Change.what, query.what)) if value]
    if query.group in GROUPS:
        wanted.append(_group(query.group))
    if query.since:
        wanted.append(Change.at >= _midnight(query.since))
    if query.until:
        wanted.append(Change.at < _midnight(query.until + timedelta(days=1)))
    if query.words.strip():
        wanted.append(_about(session, query.words.strip()))
    return wanted


def _group(group: str) -> ColumnElement[bool]:
    if group == "looks":
        return Change.what.startswith("looked_", autoescape=True)
    if group == "sign_ins":
        return and_(Change.subject == "account", Change.what.in_(_SIGN_INS))
    return and_(Change.subject.in_(("account", "token")), Change.what.not_in((*_SIGN_INS, "presence")))


def _about(session: Session, words: str) -> ColumnElement[bool]:
    """The id itself or a part of it, or what people call the thing: a ticket's number, a person's name."""
    tickets = select(Ticket.id).where(Ticket.number.icontains(words, autoescape=True)).limit(NAMED_AT_MOST)
    people = select(Account.id).where(or_(
        Account.username.icontains(words, autoescape=True), Account.name.icontains(words, autoescape=True)))
    its_id = Change.subject_id == words if words.isdigit() else Change.subject_id.icontains(words, autoescape=True)
    return or_(its_id, _are(session, "ticket", tickets), _are(session, "account", people.limit(NAMED_AT_MOST)))


def _are(session: Session, subject: str, ids: Select[tuple[int]]) -> ColumnElement[bool]:
    return and_(Change.subject == subject, Change.subject_id.in_([str(one) for one in session.scalars(ids)]))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


def _ids(changes: list[Change], subject: str) -> set[int]:
    return {int(c.subject_id) for c in changes if c.subject == subject and c.subject_id.isdecimal()}


def _acting(changes: list[Change], kind: str) -> set[int]:
    """Ids of accounts or tokens that act, and of accounts a citizen was passed on to (`why` begins with them)."""
    told = [name for c in changes for name in (c.actor, c.why.partition(" ")[0])]
    numbers = (name.removeprefix(f"{kind}:") for name in told if name.startswith(f"{kind}:"))
    return {int(number) for number in numbers if number.isdecimal()}


def _pairs(session: Session, query: Select[tuple[int, str]]) -> dict[int, str]:
    return dict(session.execute(query).tuples().all())
