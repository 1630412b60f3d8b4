"""The service catalogue: the CSVs of `data/catalogue`, editable at run time."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base


class CatalogueRow(Base):
    """One row of one of the catalogue's files, kept under its own column names.

    The catalogue is read whole and rarely changes; `bot/services/catalogue.py` turns the rows into
    `bot.domain.catalogue` and caches that.
    """

    __tablename__ = "catalogue_row"

    table: Mapped[str] = mapped_column(String(24), primary_key=True)
    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    position: Mapped[int]
    values: Mapped[str] = mapped_column(Text)
    removed: Mapped[bool] = mapped_column(default=False)
