"""Many rows at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.storage.base import Base


def insert_many(session: Session, model: type[Base], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of plain values (times aware) in the session's transaction; columns left out are NULL or numbered by
    the database. PostgreSQL takes them by COPY, several times faster than statement by statement."""
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(f'"{name}"' for name in columns)
        into = f'COPY "{model.__tablename__}" ({names}) FROM STDIN'
        with session.connection().connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row(row)
    else:
        session.execute(insert(model), [dict(zip(columns, row, strict=True)) for row in rows])
