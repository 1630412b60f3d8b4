"""Lists to choose from, as (code, name in the page's language), read with the request's session."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from starlette.requests import Request
from starlette_admin.i18n import get_locale

from bot.console.admin.fields import Choices
from bot.console.admin.words import t
from bot.services.upkeep import catalogue as kept
from bot.services.upkeep.teams import LANGUAGES, TOPIC_TABLES, at_the_desk
from bot.storage import Provider, Team, Territory, Unit

Loader = Callable[[Request], Choices]


def words(prefix: str, codes: tuple[str, ...]) -> Loader:
    """Fixed codes with their texts `admin.<prefix>_<code>`."""
    return lambda request: [(code, t(f"{prefix}_{code}")) for code in codes]


def entries(*tables: str, with_code: bool = True) -> Loader:
    """What is in service of some tables of the catalogue."""
    return lambda request: [pair for table in tables for pair in _entries(request, table, with_code)]


def territories(*levels: str) -> Loader:
    """Territories of some levels; below streets with the one they lie in, as many share a name."""

    def read(request: Request) -> Choices:
        query = select(Territory).where(Territory.removed.is_(False)).order_by(Territory.code)
        rows = {row.code: row for row in request.state.session.scalars(query)}
        return [(c, _within(row, rows)) for c, row in rows.items() if not levels or row.level in levels]

    return read


def units(request: Request) -> Choices:
    """Departments' units."""
    query = select(Unit).where(Unit.removed.is_(False)).order_by(Unit.code)
    english = get_locale() == "en"
    return [(u.code, u.name_en if english and u.name_en else u.name_zh) for u in request.state.session.scalars(query)]


def providers(*kinds: str) -> Loader:
    """Providers of some kinds."""

    def read(request: Request) -> Choices:
        query = select(Provider.id, Provider.name_zh).where(Provider.removed.is_(False)).order_by(Provider.name_zh)
        if kinds:
            query = query.where(Provider.kind.in_(kinds))
        return [(i, name) for i, name in request.state.session.execute(query)]

    return read


def teams(request: Request) -> Choices:
    """Teams of operators."""
    rows = request.state.session.scalars(select(Team).where(Team.removed.is_(False)).order_by(Team.code))
    return [(row.code, named(row)) for row in rows]


def people(request: Request) -> Choices:
    """Accounts that can be in a team."""
    return [(str(a.id), f"{a.name} ({a.username})") for a in at_the_desk(request.state.session)]


def topics(request: Request) -> Choices:
    """What a team can take: categories, departments, items, emergencies, languages."""
    found = [(code, f"{name} · {t('table_' + table)}") for table in TOPIC_TABLES for code, name in
             _entries(request, table, False)]
    return [*((code, t(code.replace(":", "_"))) for code in LANGUAGES), *found]


def named(row: Any) -> str:
    """A row's name in the page's language."""
    return str(row.name_en if get_locale() == "en" and row.name_en else row.name_zh)


def _entries(request: Request, table: str, with_code: bool) -> Choices:
    wanted = "name_en" if get_locale() == "en" else "name_zh"
    found = []
    for row in kept.rows(request.state.session, table):
        if not row.removed:
            name = json.loads(row.values)[wanted]
            found.append((row.code, f"{name} ({row.code})" if with_code else name))
    return found


def _within(row: Territory, rows: dict[str, Territory]) -> str:
    above = rows.get(row.parent)
    return f"{named(row)}（{named(above)}）" if above and row.level != "street" else named(row)
