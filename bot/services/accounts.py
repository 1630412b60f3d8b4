"""Console accounts, sign-in sessions, API tokens."""

import hashlib
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Role
from bot.errors import BadInput, NotFound, NotSignedIn, TooMany
from bot.services import presence
from bot.services.catalogue import catalogue
from bot.services.history import note
from bot.storage import Account, ApiToken, Login, now

_hasher = PasswordHasher()
LOGIN_LASTS = timedelta(hours=12)
MAX_FAILURES, LOCKED_FOR = 8, timedelta(minutes=10)
MIN_PASSWORD = 10


def create(
    session: Session, username: str, role: str, name: str = "", department: str = "", password: str = "",
    by: str = "cli",
) -> str:
    """Make an account; returns its password (made up where none is given). `by` is who makes it. Raises BadInput."""
    chosen = _role(role)
    if chosen is Role.HANDLER and department not in catalogue().departments:
        raise BadInput("account.no_department", department=department)
    if not username.isascii() or not username.replace("-", "").replace(".", "").replace("_", "").isalnum():
        raise BadInput("account.bad_username", username=username)
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise BadInput("account.taken", username=username)
    secret = password or secrets.token_urlsafe(9)
    _check_password(secret)
    account = Account(username=username, name=name or username, role=chosen.value,
                      department=department if chosen is Role.HANDLER else "", password_hash=_hasher.hash(secret))
    session.add(account)
    session.flush()
    note(session, "account", account.id, by, "created", after=chosen.value)
    return secret


def reset(session: Session, username: str, password: str = "", by: str = "cli") -> str:
    """A new password; every browser signed in with the old one is signed out."""
    account = _by_name(session, username)
    secret = password or secrets.token_urlsafe(9)
    _check_password(secret)
    account.password_hash, account.failed_logins, account.locked_until = _hasher.hash(secret), 0, None
    _sign_out_everywhere(session, account)
    note(session, "account", account.id, by, "password_reset")
    return secret


def disable(session: Session, username: str, by: str = "cli") -> None:
    """The account can no longer sign in; its browsers are signed out and whom it holds goes back to the queue."""
    account = _by_name(session, username)
    account.disabled = True
    _sign_out_everywhere(session, account)
    presence.left(session, account, by)
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
    _sign_out_everywhere(session, account)
    note(session, "account", account.id, by, "totp_reset")


def sign_in(session: Session, username: str, password: str) -> tuple[str, str] | None:
    """(cookie token, CSRF token), or None for a wrong name or password: the failure is counted, so the caller must
    let the transaction commit. Raises TooMany while locked."""
    account = session.scalar(select(Account).where(Account.username == username.strip()[:40]))
    if account is None or account.disabled:
        _waste_time(password)
        return None
    if account.locked_until and account.locked_until > now():
        raise TooMany("account.locked")
    try:
        _hasher.verify(account.password_hash, password)
    except VerificationError:
        account.failed_logins += 1
        if account.failed_logins >= MAX_FAILURES:
            account.failed_logins, account.locked_until = 0, now() + LOCKED_FOR
        return None
    account.failed_logins, account.locked_until = 0, None
    token, csrf = secrets.token_urlsafe(32), secrets.token_hex(16)
    session.add(Login(token_hash=_hash(token), account_id=account.id, csrf=csrf, expires_at=now() + LOGIN_LASTS))
    note(session, "account", account.id, f"account:{account.id}", "signed_in")
    presence.arrived(session, account)
    return token, csrf


def signed_in(session: Session, token: str) -> tuple[Actor, str]:
    """(who, their CSRF token) for a cookie; raises NotSignedIn."""
    login = session.get(Login, _hash(token)) if token else None
    account = session.get(Account, login.account_id) if login else None
    if login is None or account is None or account.disabled or login.expires_at < now():
        raise NotSignedIn("account.signed_out")
    return actor_of(account), login.csrf


def sign_out(session: Session, token: str) -> None:
    """Forget this browser."""
    login = session.get(Login, _hash(token))
    if login:
        presence.left(session, session.get_one(Account, login.account_id))
        session.delete(login)


def create_token(session: Session, role: str, label: str = "", department: str = "") -> str:
    """An API token; shown once, stored as a hash."""
    chosen = _role(role)
    if chosen is Role.HANDLER and department not in catalogue().departments:
        raise BadInput("account.no_department", department=department)
    token = "yb_" + secrets.token_urlsafe(24)
    session.add(ApiToken(token_hash=_hash(token), label=label[:40], role=chosen.value, department=department))
    return token


def by_api_token(session: Session, token: str) -> Actor:
    """Who an API token stands for; raises NotSignedIn."""
    row = session.scalar(select(ApiToken).where(ApiToken.token_hash == _hash(token), ApiToken.revoked.is_(False)))
    if row is None:
        raise NotSignedIn("account.bad_token")
    return Actor(f"token:{row.id}", row.label or "API", Role(row.role), row.department)


def any_account(session: Session) -> bool:
    """Whether somebody can sign in at all."""
    return session.scalar(select(Account.id).limit(1)) is not None


def actor_of(account: Account) -> Actor:
    """The account as the one who acts."""
    return Actor(f"account:{account.id}", account.name, Role(account.role), account.department, account.id)


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


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise BadInput("account.short_password", least=MIN_PASSWORD)


def _sign_out_everywhere(session: Session, account: Account) -> None:
    for login in session.scalars(select(Login).where(Login.account_id == account.id)).all():
        session.delete(login)


def _waste_time(password: str) -> None:
    """A wrong name takes as long as a wrong password."""
    _hasher.hash(password[:64] or "x")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
