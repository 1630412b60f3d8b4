"""Both deployments for whoever asks: SQLite alone, and PostgreSQL with Redis. Seeded once, emptied between tests."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from argon2 import PasswordHasher
from sqlalchemy import delete, select, update
from sqlalchemy.engine import make_url

from bot.config import ROOT, settings
from bot.services import accounts, catalogue, territories
from bot.storage import Provider, Referral
from bot.storage import signals as signals_module
from bot.storage.base import Base
from bot.storage.session import engine_for

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", f"redis://127.0.0.1:6379/{2 + os.getpid() % 13}")
"""One of the databases 2 to 14, so that two runs beside each other rarely share one."""
JUDGED = ("rating", "rating_count", "standing", "suspended_at", "suspended_why")
KEPT = {"catalogue_row", "territory", "unit", "provider", "offer", "volunteer", "alembic_version"}
_ready: dict[str, tuple[str, str, Path]] = {}
_seeded_standing: dict[str, dict[str, dict[str, object]]] = {}
"""Database → provider → its rating and standing as seeded: verdicts change them."""


def _missing(what: str, why: Exception) -> None:
    """A server that is not there: a failure in CI, a stated skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is needed in CI: {why}")
    pytest.skip(f"{what} is not there: {why}")


def use(database_url: str, redis_url: str, var: Path) -> None:
    """Point this process at a deployment."""
    os.environ.update(DATABASE_URL=database_url, REDIS_URL=redis_url, HOTLINE_VAR=str(var))
    settings.cache_clear()
    signals_module.signals.cache_clear()
    catalogue._cached = territories._cached = None


def postgres_database(name: str) -> str:
    """A fresh empty database of that name; returns its URL."""
    url = make_url(POSTGRES)
    try:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(False), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
    except psycopg.OperationalError as error:
        _missing("PostgreSQL", error)
    return url.set(database=name).render_as_string(False)


def drop_postgres_databases() -> None:
    """Take away what this test process made."""
    url = make_url(POSTGRES)
    for database, _, _ in _ready.values():
        if database.startswith("postgresql"):
            engine_for(database).dispose()
            with psycopg.connect(url.set(drivername="postgresql").render_as_string(False), autocommit=True) as link:
                link.execute(f'DROP DATABASE IF EXISTS "{make_url(database).database}" WITH (FORCE)')


def pytest_sessionfinish() -> None:
    """Leave the servers as they were."""
    drop_postgres_databases()


def redis_url() -> str:
    """Redis, emptied (its last database only)."""
    try:
        redis.Redis.from_url(REDIS, socket_timeout=2).flushdb()
    except redis.RedisError as error:
        _missing("Redis", error)
    return REDIS


def seeded(kind: str, worker: str) -> tuple[str, str, Path]:
    """The deployment of that kind, migrated and seeded at its first use in this test process."""
    from bot.services.seeding import seed
    from bot.storage import transaction
    from bot.storage.migrate import migrate

    if kind not in _ready:
        var = Path(tempfile.mkdtemp(prefix="hotline-test-"))
        sqlite = f"sqlite:///{var / 'hotline.db'}"
        database = sqlite if kind == "sqlite" else postgres_database(f"hotline_test_{worker}_{os.getpid()}")
        use(database, "" if kind == "sqlite" else redis_url(), var)
        migrate()
        with transaction() as session:
            seed(session, ROOT / "data")
        with engine_for(settings().sql_url).connect() as connection:
            _seeded_standing[settings().sql_url] = {
                row.id: {name: getattr(row, name) for name in JUDGED} for row in connection.execute(select(Provider))}
        _ready[kind] = (database, "" if kind == "sqlite" else REDIS, var)
    return _ready[kind]


@pytest.fixture(params=["sqlite", "postgresql"])
def deployment(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs a test on both set-ups; the value is the kind's name."""
    database, redis_at, var = seeded(request.param, os.environ.get("PYTEST_XDIST_WORKER", "main"))
    use(database, redis_at, var)
    if redis_at:
        redis.Redis.from_url(redis_at).flushdb()
    yield request.param
    emptied()


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at its cheapest: what it costs is not what these tests are about."""
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def emptied() -> None:
    """The deployment in force without what people did; catalogue, directory and territories stay."""
    with engine_for(settings().sql_url).begin() as connection:
        as_seeded = _seeded_standing.get(settings().sql_url, {})
        for number in connection.execute(select(Referral.provider_id).distinct()).scalars().all():
            if number in as_seeded:
                connection.execute(update(Provider).where(Provider.id == number).values(**as_seeded[number]))
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in KEPT:
                connection.execute(delete(table))
    engine_for(settings().sql_url).dispose()
