"""What PostgreSQL's planner had better not do, for as long as a statement takes; SQLite has no such choices."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

STEPWISE = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
"""So that it goes from one row to the next by their keys: where it cannot know how few they are, it would read tables
whole, gather and sort."""
WALKED = (*STEPWISE, "enable_bitmapscan")
"""The same where a list is walked in its order, or rows are known by their keys already."""


@contextmanager
def without(session: Session, *ways: str) -> Iterator[None]:
    """The planner does without these meanwhile, and without parallel workers and compiling, which take longer."""
    def put(value: str, *more: ColumnElement[str]) -> None:
        session.execute(select(*(func.set_config(way, value, true()) for way in (*ways, "jit")), *more))

    steered = bool(ways) and session.get_bind().dialect.name == "postgresql"
    if steered:
        put("off", func.set_config("max_parallel_workers_per_gather", "0", true()))
    yield
    if steered:
        put("on")
