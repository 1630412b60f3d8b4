"""District → street or town → community → grid."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base


class Territory(Base):
    """`former_names` and `aliases` are `|`-separated words."""

    __tablename__ = "territory"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    level: Mapped[str] = mapped_column(String(10), index=True)
    parent: Mapped[str] = mapped_column(String(40), default="", index=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    former_names: Mapped[str] = mapped_column(String(200), default="")
    aliases: Mapped[str] = mapped_column(String(300), default="")
    lat: Mapped[float]
    lon: Mapped[float]
    removed: Mapped[bool] = mapped_column(default=False)
