"""Units: who in a department is responsible for a territory (属地)."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base


class Unit(Base):
    """A department's office for a street, town or community, e.g. 西门街道综合行政执法中队."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("department", "territory"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    department: Mapped[str] = mapped_column(String(32), index=True)
    territory: Mapped[str] = mapped_column(String(40), index=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100), default="")
    removed: Mapped[bool] = mapped_column(default=False)
