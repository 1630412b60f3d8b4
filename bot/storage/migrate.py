"""Bringing the database to the newest form."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.storage.session import engine


def config() -> Config:
    """Alembic without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return made


def migrate() -> None:
    """Create or upgrade all tables. Safe to call at every start."""
    command.upgrade(config(), "head")


def at_head() -> bool:
    """Whether the database has the newest form."""
    with engine().connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    return now == ScriptDirectory.from_config(config()).get_current_head()
