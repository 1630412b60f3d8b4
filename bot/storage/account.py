"""People who work in the console, their sessions, and API tokens. Secrets are stored as hashes only."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base, now


class Account(Base):
    """`last_seen_at` is the last beat of an open console; `presence` on | break | off what its operator has chosen.
    `capacity` is how many citizens are offered at a time; `totp_last` the last time step used: none is used twice.
    A handler of one `unit` sees its tickets only; a community worker looks after a `territory`."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12))
    department: Mapped[str] = mapped_column(String(32), default="")
    unit: Mapped[str] = mapped_column(String(40), default="")
    territory: Mapped[str] = mapped_column(String(40), default="")
    password_hash: Mapped[str] = mapped_column(String(120))
    disabled: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    presence: Mapped[str] = mapped_column(String(6), default="off")
    presence_since: Mapped[datetime | None]
    capacity: Mapped[int] = mapped_column(default=4)
    totp_secret: Mapped[str] = mapped_column(String(64), default="")
    totp_on: Mapped[bool] = mapped_column(default=False)
    totp_last: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Login(Base):
    """A signed-in browser. The cookie holds the token, the row its SHA-256. `pending` waits for the second factor;
    `ended` says why it is over (signed_out | idle | expired | password | elsewhere | disabled | totp), empty while
    it is not."""

    __tablename__ = "login"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    agent: Mapped[str] = mapped_column(String(200), default="")
    pending: Mapped[bool] = mapped_column(default=False)
    ended: Mapped[str] = mapped_column(String(12), default="")


class RecoveryCode(Base):
    """Stands in for the second factor once, where the telephone is lost. Kept when used."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class ChatLink(Base):
    """A community worker's own chat with the bot: what is written there is the worker's. Until the code is written
    in the chat there is no `conversation_id`; the code is kept as a hash."""

    __tablename__ = "chat_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), unique=True)
    linked_at: Mapped[datetime | None]


class ApiToken(Base):
    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12))
    department: Mapped[str] = mapped_column(String(32), default="")
    revoked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
