"""What still needs a row that is to be removed: other rows, open tickets and referrals, people, teams, settings."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.domain.assignment import AssignmentRole
from bot.domain.referral import ReferralState
from bot.domain.setting import ITEM_LISTS
from bot.domain.ticket import OPEN
from bot.services import settings
from bot.services.exchange.checks import files_of
from bot.services.exchange.state import Edit, State
from bot.services.exchange.tables import TABLES
from bot.services.sheets import Problem
from bot.storage import Account, ApiToken, Assignment, Referral, Team, Ticket

Count = Callable[[Session], Counter[str]]


def still_used(state: State, removed: list[Edit]) -> Iterator[Problem]:
    """Problems with removals, once all is done."""
    for name in dict.fromkeys(edit.table for edit in removed):
        gone = {edit.key[0]: edit for edit in removed if edit.table == name and len(edit.key) == 1}
        if not TABLES[name].removable:
            yield from (Problem(edit.file, 0, "exchange.not_removable", {"code": edit.code}) for edit in gone.values())
        for code, key, facts in (*_named_by_rows(state, name, gone), *_needed_live(state.session, name, gone)):
            yield Problem(gone[code].file, 0, key, {"code": code} | facts)


def _named_by_rows(state: State, name: str, gone: dict[str, Edit]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for table, ref in ((t, r) for t in TABLES.values() for r in t.refs if name in r.targets):
        known = set().union(*(state.codes(target) for target in ref.targets))
        naming: dict[str, list[str]] = {}
        for key, row in state.final(table.name).items():
            for code in ref.codes(row):
                if code in gone and code not in known:
                    naming.setdefault(code, []).append(" / ".join(key))
        for code, rows in naming.items():
            yield code, "exchange.used_in_file", {"file": files_of([table.name]), "count": len(rows), "row": rows[0]}


def _needed_live(session: Session, name: str, gone: dict[str, Edit]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for kind, count in _LIVE.get(name, {}).items():
        for code, times in count(session).items():
            if code in gone and times:
                yield code, f"exchange.used_by_{kind}", {"count": times}


def _counted(query: Callable[[], Select[Any]]) -> Count:
    """Of a query that gives a code and how often."""
    return lambda session: Counter(dict(session.execute(query()).tuples().all()))


def _topics(session: Session) -> Counter[str]:
    teams = session.scalars(select(Team).where(Team.removed.is_(False)))
    return Counter(topic for team in teams for topic in team.topics)


def _places(session: Session) -> Counter[str]:
    places = session.scalars(select(Ticket.place).where(Ticket.state.in_(OPEN)))
    return Counter(place[level] for place in places for level in ("street", "community") if place.get(level))


def _people(session: Session) -> Counter[str]:
    accounts = select(Account.department).where(Account.disabled.is_(False))
    tokens = select(ApiToken.department).where(ApiToken.revoked.is_(False))
    return Counter([*session.scalars(accounts), *session.scalars(tokens)])


_tickets = _counted(lambda: select(Ticket.item, func.count()).where(Ticket.state.in_(OPEN)).group_by(Ticket.item))
_parts = _counted(lambda: select(Assignment.department, func.count()).join(Ticket).where(
    Assignment.role != AssignmentRole.PAST, Ticket.state.in_(OPEN)).group_by(Assignment.department))
_running = Referral.state != ReferralState.CLOSED
_referrals = _counted(lambda: select(Referral.item, func.count()).where(_running).group_by(Referral.item))
_given = _counted(lambda: select(Referral.provider_id, func.count()).where(_running).group_by(Referral.provider_id))
_items: dict[str, Count] = {
    "tickets": _tickets, "referrals": _referrals, "teams": _topics,
    "settings": lambda session: Counter(code for key in ITEM_LISTS for code in settings.value(session, key)),
}
_LIVE: dict[str, dict[str, Count]] = {
    "life_services": _items, "government_services": _items, "categories": {"teams": _topics},
    "departments": {"tickets": _parts, "people": _people, "teams": _topics},
    "providers": {"referrals": _given}, "territories": {"tickets": _places},
}
