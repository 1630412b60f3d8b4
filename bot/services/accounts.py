"""Console accounts, their passwords, API tokens. How they sign in is in `signing_in.py`."""

import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Role
from bot.domain.token import hash_of
from bot.errors import BadInput, NotFound, NotSignedIn, TooMany
from bot.services import grid_recall, presence
from bot.services.catalogue import catalogue
from bot.services.history import note
from bot.storage import Account, ApiToken, Login, RecoveryCode, Territory, Unit, now

_hasher = PasswordHasher()
MAX_FAILURES, LOCKED_FOR = 8, timedelta(minutes=10)
MIN_PASSWORD = 10


def create(
    session: Session, username: str, role: str, name: str = "", department: str = "", password: str = "",
    by: str = "cli", unit: str = "", territory: str = "",
) -> str:
    """Make an account; returns its password (made up where none is given). `by` is who makes it; a handler of a `unit`
    sees that unit's tickets only, a community worker looks after a `territory`. Raises BadInput."""
    chosen = _role(role)
    if chosen is Role.HANDLER and department not in catalogue().departments:
        raise BadInput("account.no_department", department=department)
    if unit and not is_unit(session, unit, department if chosen is Role.HANDLER else ""):
        raise BadInput("account.no_unit", unit=unit)
    if chosen is Role.GRID and not is_territory(session, territory):
        raise BadInput("account.no_territory", territory=territory)
    if not username.isascii() or not username.replace("-", "").replace(".", "").replace("_", "").isalnum():
        raise BadInput("account.bad_username", username=username)
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise BadInput("account.taken", username=username)
    secret = password or secrets.token_urlsafe(9)
    _check_password(secret, username)
    account = Account(username=username, name=name or username, role=chosen.value,
                      department=department if chosen is Role.HANDLER else "", unit=unit,
                      territory=territory if chosen is Role.GRID else "",
                      password_hash=_hasher.hash(secret))
    session.add(account)
    session.flush()
    note(session, "account", account.id, by, "created", after=chosen.value)
    return secret


def is_unit(session: Session, code: str, department: str) -> bool:
    """Whether that department has that unit."""
    unit = session.get(Unit, code)
    return unit is not None and unit.department == department and not unit.removed


def is_territory(session: Session, code: str) -> bool:
    """Whether community workers can look after it: anything below the district."""
    found = session.get(Territory, code)
    return found is not None and found.level != "district" and not found.removed


def reset(session: Session, username: str, password: str = "", by: str = "cli") -> str:
    """A new password; every browser signed in with the old one is signed out."""
    account = _by_name(session, username)
    secret = password or secrets.token_urlsafe(9)
    _check_password(secret, username)
    account.password_hash, account.failed_logins, account.locked_until = _hasher.hash(secret), 0, None
    _sign_out_everywhere(session, account, "password")
    note(session, "account", account.id, by, "password_reset")
    return secret


def change_password(session: Session, actor: Actor, old: str, new: str, token: str) -> bool:
    """One's own password; False where the old one is wrong, which is counted: let the transaction commit. Every browser
    but that with `token` is signed out. Raises BadInput for a new one that will not do, TooMany while locked."""
    account = own(session, actor)
    _check_password(new, account.username)
    if not proves(session, account, old):
        return False
    if new == old:
        raise BadInput("account.same_password")
    account.password_hash, account.failed_logins = _hasher.hash(new), 0
    _sign_out_everywhere(session, account, "password", but=token)
    note(session, "account", account.id, actor.id, "password_changed")
    return True


def disable(session: Session, username: str, by: str = "cli") -> None:
    """The account can no longer sign in; its browsers are signed out and whom it holds goes back to the queue."""
    account = _by_name(session, username)
    account.disabled = True
    _sign_out_everywhere(session, account, "disabled")
    presence.left(session, account, by)
    grid_recall.unmanned(session, account, by)
    note(session, "account", account.id, by, "disabled")


def enable(session: Session, username: str, by: str = "cli") -> None:
    """The account can sign in again, with the password it had."""
    account = _by_name(session, username)
    account.disabled, account.failed_logins, account.locked_until = False, 0, None
    note(session, "account", account.id, by, "enabled")


def reset_totp(session: Session, username: str, by: str = "cli") -> None:
    """The second factor is off until its owner sets up a new one; every browser is signed out."""
    account = _by_name(session, username)
    account.totp_on, account.totp_secret, account.totp_last = False, "", 0
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    _sign_out_everywhere(session, account, "totp")
    note(session, "account", account.id, by, "totp_reset")


def own(session: Session, actor: Actor) -> Account:
    """The account of who acts, kept from others until the transaction ends, so that no two tries count as one."""
    return session.get_one(Account, actor.account_id, with_for_update=True)


def proves(session: Session, account: Account, password: str) -> bool:
    """Whether somebody signed in knows the password as well, before a change to the account itself. A wrong one counts
    like one at the sign-in. Raises TooMany while locked."""
    not_locked(account)
    if not fits(account, password):
        failed(session, account, f"account:{account.id}", "proof_failed")
        return False
    return True


def fits(account: Account, password: str) -> bool:
    """Whether it is the account's password."""
    try:
        return _hasher.verify(account.password_hash, password)
    except VerificationError:
        return False


def not_locked(account: Account) -> None:
    """Raise TooMany while the account is locked."""
    if account.locked_until and account.locked_until > now():
        raise TooMany("account.locked")


def failed(session: Session, account: Account, actor: str, what: str, why: str = "") -> None:
    """Count a wrong password or code; too many in a row lock the account for a while."""
    note(session, "account", account.id, actor, what, why=why)
    account.failed_logins += 1
    if account.failed_logins >= MAX_FAILURES:
        account.failed_logins, account.locked_until = 0, now() + LOCKED_FOR
        note(session, "account", account.id, actor, "locked", why=why)


def create_token(session: Session, role: str, label: str = "", department: str = "", by: str = "cli") -> str:
    """An API token; shown once, stored as a hash. `by` is who makes it."""
    chosen = _role(role)
    if chosen is Role.GRID:
        raise BadInput("account.bad_role", role=role, roles=", ".join(r for r in Role if r is not Role.GRID))
    if chosen is Role.HANDLER and department not in catalogue().departments:
        raise BadInput("account.no_department", department=department)
    token = "yb_" + secrets.token_urlsafe(24)
    row = ApiToken(token_hash=hash_of(token), label=label[:40], role=chosen.value, department=department)
    session.add(row)
    session.flush()
    note(session, "token", row.id, by, "created", after=chosen.value, why=row.label)
    return token


def by_api_token(session: Session, token: str) -> Actor:
    """Who an API token stands for; raises NotSignedIn."""
    row = session.scalar(select(ApiToken).where(ApiToken.token_hash == hash_of(token), ApiToken.revoked.is_(False)))
    if row is None:
        raise NotSignedIn("account.bad_token")
    return Actor(f"token:{row.id}", row.label or "API", Role(row.role), row.department)


def any_account(session: Session) -> bool:
    """Whether somebody can sign in at all."""
    return session.scalar(select(Account.id).limit(1)) is not None


def actor_of(account: Account) -> Actor:
    """The account as the one who acts."""
    return Actor(f"account:{account.id}", account.name, Role(account.role), account.department, account.id,
                 account.unit)


def _by_name(session: Session, username: str) -> Account:
    account = session.scalar(select(Account).where(Account.username == username))
    if account is None:
        raise NotFound("account.unknown", username=username)
    return account


def _role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise BadInput("account.bad_role", role=role, roles=", ".join(Role)) from error


def _check_password(password: str, username: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise BadInput("account.short_password", least=MIN_PASSWORD)
    if password.strip().casefold() == username.casefold():
        raise BadInput("account.password_is_name")


def _sign_out_everywhere(session: Session, account: Account, why: str, but: str = "") -> None:
    """End all of the account's browsers, except the one with the token `but`."""
    session.execute(
        update(Login).where(Login.account_id == account.id, Login.ended == "", Login.token_hash != hash_of(but))
        .values(ended=why)
    )


def waste_time(password: str) -> None:
    """A wrong name takes as long as a wrong password."""
    _hasher.hash(password[:64] or "x")
