"""To whom an operator may refer a citizen."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.console import words
from bot.domain.contact import local_form
from bot.domain.hours import in_words
from bot.domain.place import Place, Spot
from bot.services import desk, directory, territories
from bot.services.catalogue import catalogue
from bot.services.directory import Found
from bot.storage import Conversation, Handoff

MOST = 9
"""One for each number key."""


@dataclass(frozen=True)
class Row:
    """A provider to choose. `km` is None where the citizen's place is unknown."""

    id: str
    name: str
    phone: str
    open: bool
    hours: str
    km: float | None
    rating: float
    rated: int
    price: str


@dataclass(frozen=True)
class Listing:
    """Who offers the item; `kind` of the item is `life`, `government` or empty where it is not known."""

    item: str
    kind: str
    rows: list[Row]


@dataclass(frozen=True)
class Form:
    """Item, place and the list they make."""

    handoff: int
    citizen: str
    item: str
    item_name: str
    place: str
    streets: list[Spot]
    listing: Listing


def read(session: Session, handoff: Handoff, language: str) -> Form:
    """The form of the conversation that was handed over, with its likeliest life service."""
    conversation = session.get_one(Conversation, handoff.conversation_id)
    draft = desk.prefilled(session, conversation, handoff)
    item = catalogue().items.get(draft.item)
    return Form(
        handoff=handoff.id, citizen=words.citizen(conversation, language), item=draft.item,
        item_name=item.name(language) if item else "", place=draft.where().text, streets=territories.streets(),
        listing=listing(session, handoff, draft.item, "", language),
    )


def listing(session: Session, handoff: Handoff, code: str, street: str, language: str) -> Listing:
    """Providers of an item near a street, or near where the citizen is; `anywhere` leaves the place out."""
    item = catalogue().items.get(code)
    if item is None or not item.life:
        return Listing(code, "government" if item else "", [])
    found = directory.search(session, code, _near(session, handoff, street), limit=MOST)
    return Listing(code, "life", [_row(f, language) for f in found])


def _near(session: Session, handoff: Handoff, street: str) -> Place | None:
    if street == "anywhere":
        return None
    conversation = session.get_one(Conversation, handoff.conversation_id)
    return desk.looked_at(street) or desk.prefilled(session, conversation, handoff).where()


def _row(found: Found, language: str) -> Row:
    provider = found.provider
    name = provider.name_en if language == "en" and provider.name_en else provider.name_zh
    return Row(provider.id, name, local_form(provider.phone), found.fit.open, in_words(provider.hours, language),
               found.fit.km, provider.rating, provider.rating_count, found.offer.price_note_zh)
