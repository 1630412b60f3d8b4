"""Alembic's entry: migrates the configured database, or the connection it is handed."""

from alembic import context

from bot.storage import Base, engine
from bot.storage.base import UTCDateTime


def render(kind: str, thing: object, _context: object) -> str | bool:
    """Times are written as plain SQL times: a migration must not change when our classes do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, UTCDateTime) else False


def run() -> None:
    """Run the migrations on one connection; on SQLite tables are altered in batches."""
    with engine().connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True,
                          render_item=render)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
