"""What admins set while the hotline runs, and the days that differ from the official calendar."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base


class Setting(Base):
    """`bot/domain/setting.py` names the keys with their defaults."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class SpecialDay(Base):
    """A day that is worked or not, whatever the official calendar says."""

    __tablename__ = "special_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40), default="")
