"""Engine and sessions. One use case is one `with transaction()` block."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from bot.config import settings
from bot.storage.signals import signals
from bot.storage.turnstile import Turnstile

_here = threading.local()
T = TypeVar("T")


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """The pool for a database URL, made once in a process."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, pool_recycle=1800)


def engine() -> Engine:
    """The pool of the configured database."""
    return engine_for(settings().sql_url)


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits at the end of the block and rolls back when it raises; then wakes who waits.

    Raises RuntimeError inside another one of the same thread: it would wait for itself on SQLite, and commit half of
    a use case on PostgreSQL.
    """
    if getattr(_here, "writes", False):
        raise RuntimeError("a transaction inside a transaction")
    _here.writes = True
    try:
        with Session(engine(), expire_on_commit=False) as session, _turnstile(settings().sql_url), session.begin():
            yield session
    finally:
        _here.writes = False
    for topic in session.info.get("touched", ()):
        signals().publish(topic)


def once(session: Session, name: str, read: Callable[[], T]) -> T:
    """What `read` says, asked once for each session: what admins set stays as it is while a transaction lasts."""
    known = session.info.setdefault("once", {})
    if name not in known:
        known[name] = read()
    return known[name]  # type: ignore[no-any-return]


def anew(session: Session, name: str) -> None:
    """This transaction has changed it: it is read anew."""
    session.info.get("once", {}).pop(name, None)


def touch(session: Session, topic: str) -> None:
    """Wake those who wait for `topic` (a conversation's id, `queue`, `outbox`) once this transaction is committed."""
    session.info.setdefault("touched", set()).add(topic)


@contextmanager
def reading() -> Iterator[Session]:
    """A session for looking only: takes no write lock on SQLite."""
    with Session(engine().execution_options(hotline_reading=True), expire_on_commit=False) as session:
        yield session


def writes(session: Session) -> bool:
    """Whether what is written in it will last: not so in one for looking only."""
    return not session.connection().get_execution_options().get("hotline_reading")


@lru_cache(maxsize=8)
def _turnstile_for(path: str) -> Turnstile:
    return Turnstile(path + ".writer")


def _turnstile(url: str) -> AbstractContextManager[None]:
    """What writers pass through before BEGIN IMMEDIATE; nothing to pass on a database with locks of its own."""
    file = make_url(url).database if url.startswith("sqlite") else None
    return _turnstile_for(file).turn() if file else nullcontext()


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:
    """Writers queue at BEGIN: a read that later writes would otherwise fail with SQLITE_BUSY at once."""
    reads = connection.get_execution_options().get("hotline_reading")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
