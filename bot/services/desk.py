"""What an operator does besides writing: tickets and referrals for the citizen, notes, corrections, reading along."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.catalogue import Department
from bot.domain.clock import due_at
from bot.domain.contact import Contact, read_phone
from bot.domain.draft import Draft
from bot.domain.handoff import HandoffState, Outcome
from bot.domain.message import clean_text
from bot.domain.place import Place
from bot.domain.when import When
from bot.errors import BadInput, NotFound
from bot.i18n import text
from bot.services import directory, files, handoffs, referrals, standing, territories, tickets
from bot.services.briefs import draft_of
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.conversations import open_handoff
from bot.services.history import note
from bot.services.replies import append, tell
from bot.services.workdays import special_days, when_in_words
from bot.storage import Change, Conversation, Correction, Handoff, Message, Referral, StaffNote, Ticket, now, touch

LONGEST_NOTE = 2000
SAME_NOTE_WITHIN = timedelta(minutes=1)
"""The same words by the same person: an answer got lost and they were sent again."""
LISTENING = timedelta(minutes=10)
LONGEST_CAPTION = 1000
"""Telegram takes 1024 under a picture, and the operator's name comes before it."""


@dataclass(frozen=True)
class TicketForm:
    """A ticket as an operator writes it. `street` is a territory code; phone may be empty: the citizen is anonymous.
    `on_record`: the name and number known already, which the operator need not see, instead of `name` and `phone`."""

    item: str
    kind: str
    description: str
    place: str
    street: str = ""
    name: str = ""
    phone: str = ""
    when: str = ""
    photos: tuple[int, ...] = ()
    on_record: bool = False


@dataclass(frozen=True)
class Terms:
    """What a ticket on an item would come to: who leads it, by when, and the kinds it may have."""

    department: Department
    due_at: datetime
    kinds: tuple[str, ...]


def terms(session: Session, code: str) -> Terms | None:
    """Of a ticket opened now; None for a life service, which is passed on to a provider instead."""
    item = item_or_raise(code)
    if item.life:
        return None
    return Terms(catalogue().departments[item.department],
                 due_at(now(), item.sla_hours, special_days(session)), item.kinds)


def prefilled(session: Session, conversation: Conversation, handoff: Handoff | None) -> Draft:
    """The conversation's matter as far as it is known: the dialogue's draft, else what the handoff brought, else what
    the citizen told the operator since."""
    draft = draft_of(conversation)
    known: dict[str, Any] = handoff.brief if handoff else {}
    matters = (handoff.item if handoff else "", draft.item, *known.get("candidates", []))
    item = next((code for code in matters if code in catalogue().items), "")
    place = (draft.place or (Place(text=known["place"]).as_dict() if known.get("place") else {})
             or sent_location(session, conversation.id).as_dict())
    when = draft.when or (When(known["when"]).as_dict() if known.get("when") else {})
    contact = draft.contact or ({"phone": conversation.phone, "name": conversation.display_name}
                                if conversation.phone else _given_before(session, conversation.id))
    said = draft.description or known.get("words", "") or _told_the_operator(session, handoff)
    return replace(draft, item=item, kind=draft.kind or known.get("kind", ""), place=place, when=when, contact=contact,
                   description=said)


def open_ticket(session: Session, handoff_id: int, actor: Actor, form: TicketForm, client_id: str = "") -> Ticket:
    """A ticket on the citizen's behalf; number and deadline are told in the chat. The same `client_id` opens once."""
    handoff = handoffs.held_by(session, handoff_id, actor)
    conversation = session.get_one(Conversation, handoff.conversation_id, with_for_update=True)
    key = f"desk:{handoff.id}:{client_id}"[:80]
    known = _said(session, conversation.id, key)
    if client_id and known is not None:
        return session.scalars(select(Ticket).where(Ticket.number == known.payload["ticket"])).one()
    draft = _draft(form, prefilled(session, conversation, handoff))
    ticket = tickets.open_for(session, conversation.id, draft, actor.id)
    department = catalogue().departments[item_or_raise(ticket.item).department]
    language = conversation.language
    words = text("ticket.opened", language, number=ticket.number, department=department.name(language),
                 due=when_in_words(ticket.due_at, language))
    told = tell(session, conversation.id, words, key if client_id else f"desk:ticket:{ticket.id}",
                cards=[standing.card(session, ticket, language)], sender="operator", account_id=actor.account_id)
    if told is not None:
        told.payload = {"ticket": ticket.number}
    handoff.item, handoff.outcome = ticket.item, Outcome.TICKET.value
    return ticket


def refer(
    session: Session, handoff_id: int, actor: Actor, item: str, provider_id: str, client_id: str = "", street: str = ""
) -> Referral | None:
    """The citizen passed on to a provider, whose contact is told in the chat; None where that was done before. `street`
    is where the operator looked, if elsewhere than the conversation says."""
    handoff = handoffs.held_by(session, handoff_id, actor)
    conversation = session.get_one(Conversation, handoff.conversation_id, with_for_update=True)
    if not item_or_raise(item).life:
        raise BadInput("referral.not_life", item=item_or_raise(item).name_zh)
    provider, offer = directory.offered_by(session, provider_id, item)
    language, key = conversation.language, f"desk:{handoff.id}:{client_id}"[:80]
    if client_id and _said(session, conversation.id, key) is not None:
        return None
    place = looked_at(street) or Place(**prefilled(session, conversation, handoff).place)
    referral = referrals.send(session, conversation.id, item, provider, place.as_dict(), actor.id)
    card = referrals.contact_card(provider, offer, language)
    tell(session, conversation.id, text("referral.chosen", language, name=card.title, phone=card.phone),
         key if client_id else f"desk:referral:{referral.id}", cards=[card], sender="operator",
         account_id=actor.account_id)
    handoff.item, handoff.outcome = item, Outcome.REFERRAL.value
    return referral


def offered(session: Session, handoff_id: int, actor: Actor, item: str, limit: int = 9) -> list[directory.Found]:
    """Who offers a life service near the citizen the actor serves, the best first."""
    handoff = handoffs.held_by(session, handoff_id, actor)
    if not item_or_raise(item).life:
        raise BadInput("referral.not_life", item=item_or_raise(item).name_zh)
    conversation = session.get_one(Conversation, handoff.conversation_id)
    return directory.search(session, item, prefilled(session, conversation, handoff).where(), limit=limit)


def looked_at(street: str) -> Place | None:
    """The place of a street's or town's code; None for none. Raises BadInput for a code that is not ours."""
    place = territories.from_code(street) if street else None
    if street and place is None:
        raise BadInput("form.bad_street")
    return place


def send_photo(
    session: Session, handoff_id: int, actor: Actor, photo: files.Kept, caption: str = "", client_id: str = ""
) -> Message | None:
    """A checked picture to the citizen. The same `client_id` again sends nothing twice, and keeps nothing twice."""
    handoff = handoffs.written_to(session, handoff_id, actor)
    session.get_one(Conversation, handoff.conversation_id, with_for_update=True)
    key = f"op:{handoff.id}:{client_id}"[:80] if client_id else None
    if key and _said(session, handoff.conversation_id, key) is not None:
        return None
    words, _ = clean_text(caption, LONGEST_CAPTION)
    stored = files.store(session, handoff.conversation_id, photo)
    return append(session, handoff.conversation_id, sender="operator", kind="photo", text=words, reply_key=key,
                  account_id=actor.account_id, payload={"attachment": stored})


def add_note(session: Session, conversation_id: str, actor: Actor, words: str) -> StaffNote:
    """Words for colleagues; the citizen never sees them."""
    actor.must(Right.SEE_CONVERSATIONS)
    cleaned, _ = clean_text(words, LONGEST_NOTE)
    if not cleaned:
        raise BadInput("note.empty")
    again = session.scalar(select(StaffNote).where(
        StaffNote.conversation_id == conversation_id, StaffNote.account_id == actor.account_id,
        StaffNote.text == cleaned, StaffNote.at > now() - SAME_NOTE_WITHIN))
    if again is not None:
        return again
    made = StaffNote(conversation_id=conversation_id, account_id=actor.account_id, author=actor.name, text=cleaned)
    session.add(made)
    session.flush()
    touch(session, conversation_id)
    return made


def notes(session: Session, conversation_id: str) -> list[StaffNote]:
    """A conversation's notes, oldest first."""
    query = select(StaffNote).where(StaffNote.conversation_id == conversation_id).order_by(StaffNote.id)
    return list(session.scalars(query))


def correct(session: Session, message_id: int, actor: Actor, item: str, within: str = "") -> Correction:
    """What a message really meant. It is kept for training, and the matter at hand goes by it from now on. `within`:
    the conversation it must be of."""
    actor.must(Right.TAKE_HANDOFFS)
    message = session.get(Message, message_id)
    if within and message is not None and message.conversation_id != within:
        raise NotFound("message.unknown")
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


def listen(session: Session, conversation_id: str, actor: Actor) -> bool:
    """Somebody looks into a conversation a colleague holds: written down once in ten minutes. Whether she does."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None or handoff.state != HandoffState.ACTIVE or handoff.holder == actor.id:
        return False
    before = select(Change.id).where(
        Change.subject == "conversation", Change.subject_id == conversation_id, Change.actor == actor.id,
        Change.what == "listened_in", Change.at > now() - LISTENING)
    if session.scalar(before.limit(1)) is None:
        note(session, "conversation", conversation_id, actor.id, "listened_in")
    return True


def seen(session: Session, conversation_id: str, actor: Actor, seq: int) -> None:
    """The holder has read up to that message."""
    handoff = open_handoff(session, conversation_id)
    if handoff is None or handoff.holder != actor.id:
        return
    newly = session.execute(
        update(Conversation).where(Conversation.id == conversation_id, Conversation.seen_by_staff < seq,
                                   Conversation.last_seq >= seq).values(seen_by_staff=seq))
    if newly.rowcount:  # type: ignore[attr-defined]
        touch(session, conversation_id)


def _draft(form: TicketForm, known: Draft) -> Draft:
    item = item_or_raise(form.item)
    if item.life:
        raise BadInput("ticket.life_item", item=item.name_zh)
    words, _ = clean_text(form.description, LONGEST_NOTE)
    where, _ = clean_text(form.place, 200)
    missing = [name for name, value in (("description", words), ("place", where)) if not value]
    if missing:
        names = "、".join(text(f"console.draft_{name}", "zh") for name in missing)
        raise BadInput("ticket.needs", what=names)
    kind = form.kind if form.kind in item.kinds else item.kinds[0]
    when = known.when if form.when == known.moment().text else When(form.when[:60]).as_dict()
    place = _place(where, form.street, known.where())
    return Draft(item=item.code, kind=kind, description=words, place=place.as_dict(),
                 when=when if form.when else {}, photos=form.photos, contact=_contact(form, known).as_dict())


def _place(where: str, street: str, known: Place) -> Place:
    """Words left as they were keep the coordinates the citizen sent."""
    if where == known.text and street in ("", known.street):
        return known
    place = territories.from_words(where, asked=True) or Place(text=where)
    chosen = looked_at(street)
    if chosen is not None and chosen.street != place.street:
        place = chosen
    return replace(place, text=where)


def _contact(form: TicketForm, known: Draft) -> Contact:
    if form.on_record and known.reach().phone:
        return replace(known.reach(), refused=False)
    phone = read_phone(form.phone)
    if form.phone.strip() and not phone:
        raise BadInput("form.bad_phone")
    return Contact(form.name[:40], phone, refused=not phone)


def sent_location(session: Session, conversation_id: str) -> Place:
    """The last location the citizen sent; an empty place where they sent none."""
    query = select(Message.payload).where(Message.conversation_id == conversation_id, Message.sender == "citizen",
                                          Message.kind == "location")
    sent = session.scalar(query.order_by(Message.seq.desc()).limit(1))
    point = (sent or {}).get("location")
    return territories.from_location(point["lat"], point["lon"]) if point else Place()


def _given_before(session: Session, conversation_id: str) -> dict[str, Any]:
    """The contact of the citizen's newest ticket that has one."""
    for ticket in tickets.of_conversation(session, conversation_id):
        if ticket.contact_phone:
            return Contact(ticket.contact_name, ticket.contact_phone).as_dict()
    return {}


def _told_the_operator(session: Session, handoff: Handoff | None) -> str:
    if handoff is None or handoff.claimed_at is None:
        return ""
    query = select(Message.text).where(
        Message.conversation_id == handoff.conversation_id, Message.sender == "citizen", Message.kind == "text",
        Message.created_at >= handoff.claimed_at)
    return "\n".join(session.scalars(query.order_by(Message.seq).limit(12)))[:LONGEST_NOTE]


def _said(session: Session, conversation_id: str, key: str) -> Message | None:
    return session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.reply_key == key))
