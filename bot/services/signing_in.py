"""Signing in: the password, the second factor where there is one, and the browsers that are signed in."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.domain.login import IDLE_AFTER, LASTS, SECOND_STEP_LASTS, browser_name, over
from bot.domain.token import hash_of
from bot.errors import NotSignedIn
from bot.services import accounts, presence, second_factor
from bot.services.history import note
from bot.storage import Account, Login, now, transaction

SEEN_AT_MOST = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=1)
"""So that a browser can be told why it was signed out."""
NOBODY = "unknown"
"""What the history knows of a name that no account has. The name itself is not kept: people type passwords there."""


@dataclass(frozen=True)
class Browser:
    """Where somebody signs in: what it calls itself, its address, and the session it has already, which then ends."""

    agent: str = ""
    address: str = ""
    token: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (browser_name(self.agent), self.address)))


class Opened(NamedTuple):
    """A session: the cookie's token and the CSRF token. `pending` waits for the second factor and opens nothing."""

    token: str
    csrf: str
    pending: bool = False


class Present(NamedTuple):
    """Who is signed in. `stale`: when they were last seen should be written down again (`seen`)."""

    actor: Actor
    csrf: str
    stale: bool


def sign_in(session: Session, username: str, password: str, browser: Browser | None = None) -> Opened | None:
    """The first step, and the only one without a second factor. None for a wrong name or password: the failure is
    counted, so the caller must let the transaction commit. Raises TooMany while locked."""
    browser = browser or Browser()
    account = session.scalar(select(Account).where(Account.username == username.strip()[:40]).with_for_update())
    if account is None or account.disabled:
        accounts.waste_time(password)
        note(session, "account", account.id if account else NOBODY, "visitor", "sign_in_failed", why=str(browser))
        return None
    accounts.not_locked(account)
    if not accounts.fits(account, password):
        accounts.failed(session, account, "visitor", "sign_in_failed", str(browser))
        return None
    return _add(session, account, browser, pending=True) if account.totp_on else _open(session, account, browser)


def second_step(session: Session, token: str, code: str, browser: Browser) -> Opened | None:
    """The code, after the password; None for a wrong one, counted as a wrong password is. Failures are forgotten only
    now, or who knows the password could guess codes for ever. Raises NotSignedIn where it took too long."""
    login = _awaited(session, token)
    account = session.get_one(Account, login.account_id, with_for_update=True)
    if not account.totp_on:
        raise NotSignedIn("account.second_step_over")
    accounts.not_locked(account)
    if not second_factor.accepts(session, account, code):
        accounts.failed(session, account, "visitor", "second_step_failed", str(browser))
        return None
    session.delete(login)
    return _open(session, account, browser)


def awaited(session: Session, token: str) -> None:
    """Raise NotSignedIn unless a code is awaited from this browser."""
    _awaited(session, token)


def signed_in(session: Session, token: str) -> Present:
    """Who a cookie stands for. Raises NotSignedIn, with the reason where it is known."""
    login = _row(session, token)
    account = session.get(Account, login.account_id) if login else None
    if login is None or account is None or account.disabled or login.pending:
        raise NotSignedIn("account.signed_out")
    if why := _why_ended(login):
        raise NotSignedIn(f"account.ended_{why}")
    return Present(accounts.actor_of(account), login.csrf, login.last_seen < now() - SEEN_AT_MOST)


def seen(token: str) -> None:
    """The person at this browser did something, or has the console open; noted at most once a minute."""
    with transaction() as session:
        session.execute(
            update(Login).where(Login.token_hash == hash_of(token), Login.ended == "",
                                Login.last_seen < now() - SEEN_AT_MOST).values(last_seen=now()))


def ended_because(session: Session, token: str) -> str:
    """Why the session of this browser is over, empty where it is not or was never there."""
    login = _row(session, token)
    return _why_ended(login) if login and not login.pending else ""


def sign_out(session: Session, token: str) -> None:
    """This browser is signed out, its person off duty."""
    login = _row(session, token)
    if login and not login.ended:
        login.ended = "signed_out"
        note(session, "account", login.account_id, f"account:{login.account_id}", "signed_out",
             why=browser_name(login.agent))
        presence.left(session, session.get_one(Account, login.account_id))


def sign_out_others(session: Session, actor: Actor, token: str) -> int:
    """All of one's browsers but this one; returns how many that were."""
    others = [one for one in browsers(session, actor) if one.token_hash != hash_of(token)]
    for one in others:
        one.ended = "elsewhere"
    if others:
        note(session, "account", actor.account_id, actor.id, "signed_out_others", after=str(len(others)))
    return len(others)


def browsers(session: Session, actor: Actor) -> list[Login]:
    """Where one is signed in now, the latest seen first."""
    rows = session.scalars(
        select(Login).where(Login.account_id == actor.account_id, Login.ended == "", Login.pending.is_(False))
        .order_by(Login.last_seen.desc()))
    return [one for one in rows if not _why_ended(one)]


def end_idle(session: Session) -> int:
    """Write down which sessions ran out, and forget those long over. Returns how many ran out."""
    session.execute(delete(Login).where(Login.expires_at < now() - KEPT_AFTER_END))
    session.execute(delete(Login).where(Login.pending, Login.expires_at <= now()))
    late = session.scalars(
        select(Login).where(Login.ended == "", (Login.expires_at <= now()) | (Login.last_seen <= now() - IDLE_AFTER))
        .with_for_update()
    ).all()
    for login in late:
        login.ended = _why_ended(login)
        note(session, "account", login.account_id, "clock", "signed_out", why=login.ended)
    return len(late)


def _open(session: Session, account: Account, browser: Browser) -> Opened:
    account.failed_logins, account.locked_until = 0, None
    _take_over(session, account, browser)
    note(session, "account", account.id, f"account:{account.id}", "signed_in", why=str(browser))
    presence.arrived(session, account)
    return _add(session, account, browser)


def _add(session: Session, account: Account, browser: Browser, pending: bool = False) -> Opened:
    opened = Opened(secrets.token_urlsafe(32), secrets.token_hex(16), pending)
    session.add(Login(
        token_hash=hash_of(opened.token), account_id=account.id, csrf=opened.csrf, agent=browser.agent[:200],
        expires_at=now() + (SECOND_STEP_LASTS if pending else LASTS), pending=pending,
    ))
    return opened


def _take_over(session: Session, account: Account, browser: Browser) -> None:
    """The session this browser had: one's own is replaced, somebody else's is signed out."""
    before = _row(session, browser.token)
    if before and before.account_id == account.id:
        session.delete(before)
    elif before:
        sign_out(session, browser.token)


def _awaited(session: Session, token: str) -> Login:
    login = _row(session, token)
    if login is None or not login.pending or _why_ended(login):
        raise NotSignedIn("account.second_step_over")
    return login


def _why_ended(login: Login) -> str:
    return login.ended or over(login.last_seen, login.expires_at, now())


def _row(session: Session, token: str) -> Login | None:
    return session.get(Login, hash_of(token)) if token else None
