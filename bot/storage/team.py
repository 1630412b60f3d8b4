"""Teams of operators: who takes which matters."""

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base


class Team(Base):
    """`topics` are catalogue codes of categories, departments, items or emergencies, and `lang:en`."""

    __tablename__ = "team"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    removed: Mapped[bool] = mapped_column(default=False)


class TeamMember(Base):
    """One operator in one team; who is in none takes everything."""

    __tablename__ = "team_member"

    team: Mapped[str] = mapped_column(ForeignKey("team.code", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True)
