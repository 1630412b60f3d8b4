"""Names of accounts and teams."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import Account, Team


def accounts_by_id(session: Session, ids: Iterable[int | None]) -> dict[int, Account]:
    """The accounts with these ids."""
    wanted = {i for i in ids if i is not None}
    return {a.id: a for a in session.scalars(select(Account).where(Account.id.in_(wanted)))} if wanted else {}


def actor_accounts(session: Session, actors: Iterable[str]) -> dict[int, Account]:
    """The accounts behind `account:7` and the like."""
    numbers = (a.partition(":")[2] for a in actors if a.startswith("account:"))
    return accounts_by_id(session, [int(n) for n in numbers if n.isdigit()])


def team_names(session: Session, language: str) -> dict[str, str]:
    """The names of all teams by code, of removed ones too."""
    return {t.code: t.name_en if language == "en" and t.name_en else t.name_zh for t in session.scalars(select(Team))}
