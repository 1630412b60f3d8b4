"""The second factor: six digits of a telephone's app (TOTP, RFC 6238), and recovery codes for who has lost it."""

import hmac
import re
import secrets
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.domain.token import hash_of
from bot.errors import Conflict
from bot.services import accounts
from bot.services.history import note
from bot.storage import Account, RecoveryCode, now

STEP_SECONDS = 30
DRIFT = 1
"""Steps a telephone's clock may be ahead or behind."""
CODES = 10
ISSUER = "Yiboling"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""None that is taken for another."""


@dataclass(frozen=True)
class Setup:
    """What the telephone's app needs: `uri` as a QR code, or `secret` typed in."""

    secret: str
    uri: str


def begin(session: Session, actor: Actor, password: str) -> bool:
    """A new secret, not yet in force; False for a wrong password, which is counted: let the transaction commit."""
    account = _without(session, actor)
    if not accounts.proves(session, account, password):
        return False
    account.totp_secret, account.failed_logins = pyotp.random_base32(), 0
    return True


def setup(session: Session, actor: Actor) -> Setup | None:
    """What is to be put into the telephone, where that was begun and not finished."""
    account = session.get_one(Account, actor.account_id)
    if account.totp_on or not account.totp_secret:
        return None
    uri = pyotp.TOTP(account.totp_secret).provisioning_uri(name=account.username, issuer_name=ISSUER)
    return Setup(account.totp_secret, uri)


def confirm(session: Session, actor: Actor, code: str) -> list[str] | None:
    """The telephone shows the right code: in force from now on. Recovery codes to be shown once; None for a wrong code.
    Raises Conflict where nothing was begun or it is on already."""
    account = _without(session, actor)
    if not account.totp_secret:
        raise Conflict("account.totp_not_begun")
    if not _right_step(session, account, _tidied(code)):
        return None
    account.totp_on = True
    note(session, "account", account.id, actor.id, "totp_on")
    return _new_codes(session, account)


def switch_off(session: Session, actor: Actor, password: str, code: str) -> bool:
    """Off, for who has both password and code; False where one is wrong, which is counted as in `begin`."""
    account = _with(session, actor)
    if not _proves_both(session, account, password, code):
        return False
    account.totp_on, account.totp_secret = False, ""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    note(session, "account", account.id, actor.id, "totp_off")
    return True


def renew_codes(session: Session, actor: Actor, password: str, code: str) -> list[str] | None:
    """Ten new recovery codes in place of the old; None where password or code is wrong, as in `switch_off`."""
    account = _with(session, actor)
    if not _proves_both(session, account, password, code):
        return None
    note(session, "account", account.id, actor.id, "recovery_renewed")
    return _new_codes(session, account)


def accepts(session: Session, account: Account, code: str) -> bool:
    """Whether the code is the telephone's of now, or a recovery code. Either is accepted once."""
    code = _tidied(code)
    if re.fullmatch(r"[0-9]{6}", code):
        return _right_step(session, account, code)
    used = session.execute(
        update(RecoveryCode).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None),
                                   RecoveryCode.code_hash == _hash(account, code)).values(used_at=now())
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        return False
    note(session, "account", account.id, f"account:{account.id}", "recovery_used")
    return True


def codes_left(session: Session, actor: Actor) -> int:
    """How many recovery codes were not used yet."""
    query = select(func.count()).where(RecoveryCode.account_id == actor.account_id, RecoveryCode.used_at.is_(None))
    return session.scalars(query).one()


def _right_step(session: Session, account: Account, code: str) -> bool:
    """A code of now or of a step beside it, newer than the last one used. Of two at the same moment one wins."""
    totp, this = pyotp.TOTP(account.totp_secret), int(now().timestamp()) // STEP_SECONDS
    for step in range(this - DRIFT, this + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            won = session.execute(
                update(Account).where(Account.id == account.id, Account.totp_last < step).values(totp_last=step))
            return bool(won.rowcount)  # type: ignore[attr-defined]
    return False


def _proves_both(session: Session, account: Account, password: str, code: str) -> bool:
    if not accounts.proves(session, account, password):
        return False
    if not accepts(session, account, code):
        accounts.failed(session, account, f"account:{account.id}", "proof_failed")
        return False
    account.failed_logins = 0
    return True


def _new_codes(session: Session, account: Account) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(CODES)]
    session.add_all(RecoveryCode(account_id=account.id, code_hash=_hash(account, _tidied(c))) for c in codes)
    return codes


def _with(session: Session, actor: Actor) -> Account:
    account = accounts.own(session, actor)
    if not account.totp_on:
        raise Conflict("account.totp_is_off")
    return account


def _without(session: Session, actor: Actor) -> Account:
    account = accounts.own(session, actor)
    if account.totp_on:
        raise Conflict("account.totp_is_on")
    return account


def _tidied(code: str) -> str:
    """As it was meant: digits of a Chinese keyboard made plain, spaces and hyphens left out."""
    plain = code[:80].translate(str.maketrans("０１２３４５６７８９－", "0123456789-"))
    return re.sub(r"[\s-]", "", plain).upper()


def _hash(account: Account, code: str) -> str:
    return hash_of(f"{account.id}:{code}")
