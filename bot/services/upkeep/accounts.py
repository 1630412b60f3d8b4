"""Accounts as an admin keeps them: made, changed, disabled, given a new password. Nobody locks the admins out."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, object_session

from bot.domain import entry
from bot.domain.access import Actor, Right, Role
from bot.errors import BadFields, BadInput, Conflict, NotFound
from bot.services import accounts, grid_recall, presence
from bot.services.upkeep.catalogue import live
from bot.services.upkeep.records import Column, Noun, Problems, Values, change, complete, read
from bot.storage import Account, Team, TeamMember, touch


class Accounts(Noun):
    """`teams` are codes, kept in a table of their own."""

    right = Right.MANAGE_ACCOUNTS

    def find(self, session: Session, key: Any) -> Account | None:
        return session.get(Account, int(key)) if str(key).isdigit() else None

    def key(self, row: Any) -> str:
        return str(row.id)

    def values(self, row: Any) -> Values:
        return {c.name: teams_of(row) if c.name == "teams" else getattr(row, c.name) for c in self.columns}

    def write(self, session: Session, row: Any, values: Values) -> None:
        if "teams" in values:
            _set_teams(session, row.id, values.pop("teams"))
        super().write(session, row, values)
        if Role(row.role) in (Role.HANDLER, Role.GRID):
            presence.left(session, row, "bot")
        if row.role != Role.GRID:
            grid_recall.unmanned(session, row, "bot")
        touch(session, "queue")

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        problems: Problems = {}
        if values["role"] == Role.HANDLER and not live(session, "departments", values["department"] or ""):
            problems["department"] = BadInput("account.needs_department")
        if values["unit"] and not accounts.is_unit(session, values["unit"], values["department"] or ""):
            problems["unit"] = BadInput("account.no_unit", unit=values["unit"])
        if values["role"] == Role.GRID and not accounts.is_territory(session, values["territory"] or ""):
            problems["territory"] = BadInput("account.needs_territory")
        unknown = [t for t in values["teams"] or () if not _there(session.get(Team, t))]
        if "teams" in changed and unknown:
            problems["teams"] = BadInput("entry.unknown", value=", ".join(unknown))
        if row is not None and "role" in changed and row.role == Role.ADMIN and _last_admin(session, row):
            problems["role"] = Conflict("account.last_admin")
        return problems


ACCOUNTS = Accounts("account", Account, (
    Column("username", entry.words(40), required=True, fixed=True),
    Column("name", entry.words(40), required=True),
    Column("role", entry.one_of(*Role), required=True),
    Column("department", entry.words(32)),
    Column("unit", entry.words(40)),
    Column("territory", entry.words(40)),
    Column("capacity", entry.whole(1, 20), required=True),
    Column("teams", entry.several),
), removable=False)


def open_account(session: Session, given: Mapping[str, Any], actor: Actor) -> tuple[Account, str]:
    """A new account and its password, which is shown once. `given` may hold a `password`. Raises BadFields."""
    actor.must(Right.MANAGE_ACCOUNTS)
    values, problems = read(ACCOUNTS.columns, _fitting(given))
    problems = {**ACCOUNTS.check(session, complete(ACCOUNTS, values), set(values), None), **problems}
    if problems:
        raise BadFields(problems)
    try:
        secret = accounts.create(session, values["username"], values["role"], values["name"], values["department"],
                                 str(given.get("password") or ""), by=actor.id, unit=values["unit"] or "",
                                 territory=values["territory"] or "")
    except BadInput as error:
        raise BadFields({"password" if "password" in error.key else "username": error}) from error
    account = session.scalars(select(Account).where(Account.username == values["username"])).one()
    account.capacity = values["capacity"]
    _set_teams(session, account.id, values["teams"])
    return account, secret


def change_account(session: Session, key: Any, given: Mapping[str, Any], actor: Actor) -> Account:
    """Name, role, department, capacity, teams. An admin does not demote herself. Raises BadFields."""
    if str(key) == str(actor.account_id) and given.get("role", actor.role) != actor.role:
        raise BadFields({"role": Conflict("account.not_yourself")})
    account: Account = change(session, ACCOUNTS, key, _fitting(given), actor)
    return account


def set_disabled(session: Session, key: Any, disabled: bool, actor: Actor) -> Account:
    """Disable or enable. Raises Conflict for one's own account and for the last admin."""
    account = _account(session, key, actor)
    if disabled and account.id == actor.account_id:
        raise Conflict("account.not_yourself")
    if disabled and account.role == Role.ADMIN and _last_admin(session, account):
        raise Conflict("account.last_admin")
    if account.disabled != disabled:
        act = accounts.disable if disabled else accounts.enable
        act(session, account.username, by=actor.id)
    return account


def new_password(session: Session, key: Any, actor: Actor) -> tuple[Account, str]:
    """(account, the new password): its browsers are signed out."""
    account = _account(session, key, actor)
    return account, accounts.reset(session, account.username, by=actor.id)


def reset_totp(session: Session, key: Any, actor: Actor) -> Account:
    """For who lost her telephone: the second factor is off until she sets up a new one."""
    account = _account(session, key, actor)
    accounts.reset_totp(session, account.username, by=actor.id)
    return account


def teams_of(account: Account) -> list[str]:
    """Codes of the teams it is in. The account must belong to a session."""
    session = object_session(account)
    assert session is not None
    return list(session.scalars(
        select(TeamMember.team).where(TeamMember.account_id == account.id).order_by(TeamMember.team)))


def _fitting(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Only handlers have a department and only community workers a territory, and neither are in a team of operators:
    what a form still says is dropped."""
    if "role" not in given:
        return given
    role, fitting = given["role"], dict(given)
    if role in (Role.HANDLER, Role.GRID):
        fitting["teams"] = []
    if role != Role.HANDLER:
        fitting |= {"department": "", "unit": ""}
    return fitting if role == Role.GRID else {**fitting, "territory": ""}


def _account(session: Session, key: Any, actor: Actor) -> Account:
    actor.must(Right.MANAGE_ACCOUNTS)
    account = ACCOUNTS.find(session, key)
    if account is None:
        raise NotFound("entry.gone")
    return account


def _last_admin(session: Session, account: Account) -> bool:
    others = select(func.count()).select_from(Account).where(
        Account.role == Role.ADMIN.value, Account.disabled.is_(False), Account.id != account.id)
    return not session.scalar(others)


def _there(team: Team | None) -> bool:
    return team is not None and not team.removed


def _set_teams(session: Session, account_id: int, chosen: list[str]) -> None:
    session.execute(delete(TeamMember).where(TeamMember.account_id == account_id))
    session.add_all(TeamMember(team=code, account_id=account_id) for code in chosen)
    session.flush()
