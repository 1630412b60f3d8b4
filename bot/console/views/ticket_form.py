"""What an operator's ticket form begins with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import words
from bot.domain.catalogue import Department
from bot.domain.contact import masked
from bot.domain.place import Spot
from bot.i18n import text
from bot.services import desk, territories
from bot.services.catalogue import catalogue
from bot.storage import Attachment, Conversation, Handoff, Message

MOST_PHOTOS = 12


@dataclass(frozen=True)
class Photo:
    """A picture the citizen sent; `chosen` where it belongs to the matter at hand, `used` where a ticket has it."""

    id: int
    key: str
    at: datetime
    chosen: bool
    used: bool


@dataclass(frozen=True)
class Terms:
    """What an item makes of the ticket: kinds as (code, name, chosen), who leads it and by when; `life` items make no
    ticket. Nothing is known without an item."""

    item: str
    life: bool = False
    kinds: tuple[tuple[str, str, bool], ...] = ()
    department: Department | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Form:
    """The fields as they are prefilled. The number on record is masked: whoever sends the form need not see it."""

    handoff: int
    citizen: str
    item: str
    item_name: str
    terms: Terms
    description: str
    place: str
    street: str
    streets: list[Spot]
    when: str
    known_name: str
    known_phone: str
    refused: bool
    photos: list[Photo]


def read(session: Session, handoff: Handoff, language: str) -> Form:
    """The form of the conversation that was handed over."""
    conversation = session.get_one(Conversation, handoff.conversation_id)
    draft = desk.prefilled(session, conversation, handoff)
    contact, where = draft.reach(), draft.where()
    item = catalogue().items.get(draft.item)
    return Form(
        handoff=handoff.id, citizen=words.citizen(conversation, language), item=draft.item,
        item_name=item.name(language) if item else "", terms=terms(session, draft.item, draft.kind, language),
        description=draft.description, place=where.text, street=where.street, streets=territories.streets(),
        when=draft.moment().text, known_name=f"{contact.name[0]}**" if contact.name else "",
        known_phone=masked(contact.phone), refused=contact.refused, photos=_photos(session, conversation.id,
                                                                                   draft.photos),
    )


def terms(session: Session, code: str, kind: str, language: str) -> Terms:
    """Of an item; an unknown one has none. The wanted kind is chosen where the item has it, else its first."""
    if code not in catalogue().items:
        return Terms("")
    found = desk.terms(session, code)
    if found is None:
        return Terms(code, life=True)
    chosen = kind if kind in found.kinds else found.kinds[0]
    kinds = tuple((k, text(f"kind.{k}", language), k == chosen) for k in found.kinds)
    return Terms(code, kinds=kinds, department=found.department, due_at=found.due_at)


def _photos(session: Session, conversation_id: str, of_matter: tuple[int, ...]) -> list[Photo]:
    sent = select(Message).where(Message.conversation_id == conversation_id, Message.sender == "citizen",
                                 Message.kind == "photo").order_by(Message.seq.desc()).limit(MOST_PHOTOS)
    times: dict[Any, datetime] = {m.payload.get("attachment"): m.created_at for m in session.scalars(sent)}
    files = session.scalars(select(Attachment).where(Attachment.conversation_id == conversation_id,
                                                     Attachment.key.in_(times)).order_by(Attachment.id))
    return [Photo(f.id, f.key, times[f.key], f.id in of_matter or f.ticket_id is None, f.ticket_id is not None)
            for f in files]
