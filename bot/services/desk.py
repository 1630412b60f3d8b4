"""What an operator does besides writing: tickets and referrals for the citizen, notes, corrections, reading along."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.contact import Contact, read_phone
from bot.domain.draft import Draft
from bot.domain.handoff import Outcome
from bot.domain.message import clean_text
from bot.domain.place import Place
from bot.domain.when import When
from bot.errors import BadInput
from bot.i18n import text
from bot.services import directory, handoffs, referrals, territories, tickets
from bot.services.briefs import draft_of
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.conversations import open_handoff
from bot.services.history import note
from bot.services.replies import tell
from bot.storage import Conversation, Correction, Handoff, Message, Referral, StaffNote, Ticket, now, touch

LONGEST_NOTE = 2000


@dataclass(frozen=True)
class TicketForm:
    """A ticket as an operator writes it. `street` is a territory code; phone may be empty: the citizen is anonymous."""

    item: str
    kind: str
    description: str
    place: str
    street: str = ""
    name: str = ""
    phone: str = ""
    when: str = ""
    photos: tuple[int, ...] = ()


def prefilled(session: Session, conversation: Conversation, handoff: Handoff | None) -> Draft:
    """The conversation's matter as far as it is known: the dialogue's draft, else what the handoff brought."""
    draft = draft_of(conversation)
    known: dict[str, Any] = handoff.brief if handoff else {}
    item = (handoff.item if handoff else "") or draft.item or next(iter(known.get("candidates", [])), "")
    place = draft.place or (Place(text=known["place"]).as_dict() if known.get("place") else {})
    when = draft.when or (When(known["when"]).as_dict() if known.get("when") else {})
    contact = draft.contact or ({"phone": conversation.phone, "name": conversation.display_name}
                                if conversation.phone else {})
    return replace(draft, item=item, kind=draft.kind or known.get("kind", ""), place=place, when=when, contact=contact,
                   description=draft.description or known.get("words", ""))


def open_ticket(session: Session, handoff_id: int, actor: Actor, form: TicketForm, client_id: str = "") -> Ticket:
    """A ticket on the citizen's behalf; number and deadline are told in the chat. The same `client_id` opens once."""
    handoff = handoffs.held_by(session, handoff_id, actor)
    conversation = session.get_one(Conversation, handoff.conversation_id, with_for_update=True)
    key = f"desk:{handoff.id}:{client_id}"[:80]
    known = _said(session, conversation.id, key)
    if client_id and known is not None:
        return session.scalars(select(Ticket).where(Ticket.number == known.payload["ticket"])).one()
    ticket = tickets.open_for(session, conversation.id, _draft(form), actor.id)
    department = catalogue().departments[item_or_raise(ticket.item).department]
    language = conversation.language
    words = text("ticket.opened", language, number=ticket.number, department=department.name(language),
                 due=tickets.when_in_words(ticket.due_at, language))
    told = tell(session, conversation.id, words, key if client_id else f"desk:ticket:{ticket.id}",
                cards=[tickets.card(ticket, language)], sender="operator", account_id=actor.account_id)
    if told is not None:
        told.payload = {"ticket": ticket.number}
    handoff.item, handoff.outcome = ticket.item, Outcome.TICKET.value
    return ticket


def refer(
    session: Session, handoff_id: int, actor: Actor, item: str, provider_id: str, client_id: str = ""
) -> Referral | None:
    """The citizen passed on to a provider, whose contact is told in the chat; None where that was done before."""
    handoff = handoffs.held_by(session, handoff_id, actor)
    conversation = session.get_one(Conversation, handoff.conversation_id, with_for_update=True)
    if not item_or_raise(item).life:
        raise BadInput("referral.not_life", item=item_or_raise(item).name_zh)
    provider, offer = directory.offered_by(session, provider_id, item)
    language, key = conversation.language, f"desk:{handoff.id}:{client_id}"[:80]
    if client_id and _said(session, conversation.id, key) is not None:
        return None
    referral = referrals.send(session, conversation.id, item, provider, draft_of(conversation).place, actor.id)
    card = referrals.contact_card(provider, offer, language)
    tell(session, conversation.id, text("referral.chosen", language, name=card.title, phone=card.phone),
         key if client_id else f"desk:referral:{referral.id}", cards=[card], sender="operator",
         account_id=actor.account_id)
    handoff.item, handoff.outcome = item, Outcome.REFERRAL.value
    return referral


def add_note(session: Session, conversation_id: str, actor: Actor, words: str) -> StaffNote:
    """Words for colleagues; the citizen never sees them."""
    actor.must(Right.SEE_CONVERSATIONS)
    cleaned, _ = clean_text(words, LONGEST_NOTE)
    if not cleaned:
        raise BadInput("note.empty")
    made = StaffNote(conversation_id=conversation_id, account_id=actor.account_id, author=actor.name, text=cleaned)
    session.add(made)
    session.flush()
    touch(session, conversation_id)
    return made


def notes(session: Session, conversation_id: str) -> list[StaffNote]:
    """A conversation's notes, oldest first."""
    query = select(StaffNote).where(StaffNote.conversation_id == conversation_id).order_by(StaffNote.id)
    return list(session.scalars(query))


def correct(session: Session, message_id: int, actor: Actor, item: str) -> Correction:
    """What a message really meant. It is kept for training, and the matter at hand goes by it from now on."""
    actor.must(Right.TAKE_HANDOFFS)
    message = session.get(Message, message_id)
    if message is None or message.sender != "citizen" or message.kind != "text" or not message.text:
        raise BadInput("correction.not_text")
    right = item if item == "out_of_scope" else item_or_raise(item).code
    heard = message.understanding or {}
    before = str(heard.get("emergency") or heard.get("item") or heard.get("act") or "")
    found = session.scalar(select(Correction).where(Correction.message_id == message_id))
    if found is None:
        found = Correction(message_id=message_id, right=right, heard=before)
        session.add(found)
    found.right, found.account_id, found.at = right, actor.account_id, now()
    session.execute(update(Handoff).where(Handoff.conversation_id == message.conversation_id,
                                          Handoff.state.in_(["waiting", "active"])).values(item=right, outcome=""))
    note(session, "conversation", message.conversation_id, actor.id, "corrected", before[:24], right[:24], right)
    touch(session, message.conversation_id)
    return found


def seen(session: Session, conversation_id: str, actor: Actor, seq: int) -> None:
    """The holder has read up to that message."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None or handoff.holder != actor.id:
        return
    session.execute(update(Conversation).where(Conversation.id == conversation_id, Conversation.seen_by_staff < seq)
                    .values(seen_by_staff=seq))
    touch(session, conversation_id)


def _draft(form: TicketForm) -> Draft:
    item = item_or_raise(form.item)
    if item.life:
        raise BadInput("ticket.life_item", item=item.name_zh)
    words, _ = clean_text(form.description, LONGEST_NOTE)
    where, _ = clean_text(form.place, 200)
    missing = [name for name, value in (("description", words), ("place", where)) if not value]
    if missing:
        names = "、".join(text(f"console.draft_{name}", "zh") for name in missing)
        raise BadInput("ticket.needs", what=names)
    phone = read_phone(form.phone)
    if form.phone.strip() and not phone:
        raise BadInput("form.bad_phone")
    place = territories.from_words(where, asked=True) or Place(text=where)
    chosen = territories.from_code(form.street) if form.street and not place.street else None
    if chosen is not None:
        place = replace(chosen, text=where)
    kind = form.kind if form.kind in item.kinds else item.kinds[0]
    return Draft(item=item.code, kind=kind, description=words, place=replace(place, text=where).as_dict(),
                 when=When(form.when[:60]).as_dict() if form.when else {}, photos=form.photos,
                 contact=Contact(form.name[:40], phone, refused=not phone).as_dict())


def _said(session: Session, conversation_id: str, key: str) -> Message | None:
    return session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.reply_key == key))
