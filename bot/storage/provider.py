"""The directory: providers, what they offer, volunteers. Field names follow `data/directory/*.csv`."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.base import Base


class Provider(Base):
    """kind: vendor | volunteer_team | public_body; standing: active | probation | suspended. One suspended by
    bad ratings has `suspended_at` and why, until somebody has looked into it."""

    __tablename__ = "provider"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(24), default="")
    street: Mapped[str] = mapped_column(String(40), index=True)
    community: Mapped[str] = mapped_column(String(40), default="")
    address_zh: Mapped[str] = mapped_column(String(120), default="")
    lat: Mapped[float]
    lon: Mapped[float]
    hours: Mapped[str] = mapped_column(String(120), default="")
    rating: Mapped[float] = mapped_column(default=0.0)
    rating_count: Mapped[int] = mapped_column(default=0)
    standing: Mapped[str] = mapped_column(String(12), default="active")
    suspended_at: Mapped[datetime | None]
    suspended_why: Mapped[str] = mapped_column(String(300), default="")
    description_zh: Mapped[str] = mapped_column(Text, default="")
    sample: Mapped[bool] = mapped_column(default=False)
    removed: Mapped[bool] = mapped_column(default=False)


class Offer(Base):
    """A provider offers an item: at what price, how far it comes."""

    __tablename__ = "offer"

    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[str] = mapped_column(String(48), primary_key=True, index=True)
    price_note_zh: Mapped[str] = mapped_column(String(160), default="")
    price_from: Mapped[float | None]
    price_unit: Mapped[str] = mapped_column(String(12), default="")
    radius_km: Mapped[float] = mapped_column(default=10.0)


class Volunteer(Base):
    __tablename__ = "volunteer"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    team: Mapped[str] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), index=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    skills: Mapped[str] = mapped_column(String(300), default="")
    sample: Mapped[bool] = mapped_column(default=False)
