"""Catalogue, directory and territories are seeded once for all tests: who changes them puts them back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, insert, select

from bot.services import catalogue, territories
from bot.storage import CatalogueRow, Offer, Provider, Territory, Volunteer, engine

TABLES = [model.__table__ for model in (CatalogueRow, Territory, Provider, Offer, Volunteer)]


@contextmanager
def put_back() -> Iterator[None]:
    """All five tables as they were, whatever the block does to them."""
    with engine().begin() as connection:
        before = [connection.execute(select(table)).mappings().all() for table in TABLES]
    try:
        yield
    finally:
        with engine().begin() as connection:
            for table in reversed(TABLES):
                connection.execute(delete(table))
            for table, rows in zip(TABLES, before, strict=True):
                connection.execute(insert(table), [dict(row) for row in rows])
        catalogue.forget()
        territories.forget()
