"""Letting time pass for real processes: every stored instant is moved into the past."""

from datetime import timedelta

from sqlalchemy import select

from bot.storage import Base, transaction
from bot.storage.base import UTCDateTime


def pass_time(amount: timedelta) -> None:
    """As if `amount` had gone by since everything that is stored."""
    with transaction() as session:
        for mapper in Base.registry.mappers:
            names = [c.key for c in mapper.columns if isinstance(c.type, UTCDateTime)]
            if not names or mapper.class_.__tablename__ in ("account", "login", "api_token"):
                continue
            for row in session.scalars(select(mapper.class_)):
                for name in names:
                    if (value := getattr(row, name)) is not None:
                        setattr(row, name, value - amount)
