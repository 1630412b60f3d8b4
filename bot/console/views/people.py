"""Names of accounts and teams."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import Account, ApiToken, Team


def accounts_by_id(session: Session, ids: Iterable[int | None]) -> dict[int, Account]:
    """The accounts with these ids."""
    wanted = {i for i in ids if i is not None}
    return {a.id: a for a in session.scalars(select(Account).where(Account.id.in_(wanted)))} if wanted else {}


def actor_accounts(session: Session, actors: Iterable[str]) -> dict[int, Account]:
    """The accounts behind `account:7` and the like."""
    numbers = (a.partition(":")[2] for a in actors if a.startswith("account:"))
    return accounts_by_id(session, [int(n) for n in numbers if n.isdigit()])


def holder_names(session: Session, holders: Iterable[str]) -> dict[str, str]:
    """What to call whoever holds a conversation: an account's name, or the label of a program's token."""
    wanted = set(holders)
    tokens = [int(h.partition(":")[2]) for h in wanted if h.startswith("token:")]
    labels = session.scalars(select(ApiToken).where(ApiToken.id.in_(tokens))) if tokens else ()
    return {f"account:{i}": a.name for i, a in actor_accounts(session, wanted).items()} | {
        f"token:{t.id}": t.label or "API" for t in labels}


def team_names(session: Session, language: str) -> dict[str, str]:
    """The names of all teams by code, of removed ones too."""
    return {t.code: t.name_en if language == "en" and t.name_en else t.name_zh for t in session.scalars(select(Team))}
