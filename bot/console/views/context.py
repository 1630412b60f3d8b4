"""What the bot knows about a citizen and the matter at hand."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.people import team_names
from bot.console.views.sketch import Sketch, sketch
from bot.domain.draft import Draft
from bot.domain.place import Place
from bot.domain.understanding import Understanding
from bot.i18n import messages, text
from bot.services import desk, directory, kin, territories
from bot.services.catalogue import catalogue
from bot.services.conversations import open_handoff
from bot.services.directory import Found
from bot.services.suggestions import suggested
from bot.services.tickets import of_conversation
from bot.storage import Conversation, Handoff, Message, Provider, Referral, Ticket, now


@dataclass(frozen=True)
class Candidate:
    """An item the citizen may have meant. `percent` 0 to 100."""

    name: str
    owner: str
    percent: int


@dataclass(frozen=True)
class Heard:
    """The last words that were understood as a request."""

    words: str
    at: datetime
    sure: bool
    candidates: list[Candidate]
    emergency: str
    facts: list[str]


@dataclass(frozen=True)
class InCharge:
    """Who looks after the item: a department with its hotline, or a category of life services with its price note."""

    name: str
    detail: str


@dataclass(frozen=True)
class Reach:
    """One way to reach the citizen and where it was given."""

    name: str
    phone: str
    source: str


@dataclass(frozen=True)
class Asked:
    """What was known when a human was asked for: why, and lines of (name, value)."""

    why: str
    item: str
    candidates: list[str]
    lines: list[tuple[str, str]]
    team: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """A colleague's note in another conversation of the same citizen."""

    conversation: str
    channel: str
    author: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Known:
    """The right column. `target` is the message whose item an operator can correct, 0 where there is none."""

    heard: Heard | None
    in_charge: InCharge | None
    draft: list[tuple[str, str]]
    reach: list[Reach]
    tickets: list[tuple[Ticket, str]]
    referrals: list[tuple[Referral, str, str]]
    providers: list[Found] = field(default_factory=list)
    asked: Asked | None = None
    notes: list[Elsewhere] = field(default_factory=list)
    target: int = 0
    target_words: str = ""
    sketch: Sketch | None = None
    suggestion: str = ""


def read(session: Session, conversation: Conversation, language: str) -> Known:
    """Everything the bot knows; phone numbers in full, for the page to mask."""
    draft = draft_of(conversation)
    heard, item = _heard(session, conversation.id, language)
    handoff = open_handoff(session, conversation.id)
    code = (handoff.item if handoff else "") or draft.item or item
    asked, target = _asked(session, handoff, language), _target(session, conversation.id)
    said = set(asked.lines) if asked else set()
    near = _providers(session, code, draft.where())
    return Known(
        heard=heard, in_charge=_in_charge(code, language),
        draft=[line for line in _draft_lines(draft, language) if line not in said],
        asked=asked, notes=_notes_elsewhere(session, conversation, language),
        target=target.id if target else 0, target_words=target.text if target else "",
        sketch=_sketch(session, conversation.id, language),
        reach=reach(session, conversation, draft, language),
        tickets=[(t, _item(t.item, language)) for t in of_conversation(session, conversation.id)[:6]],
        referrals=_referrals(session, conversation.id, language), providers=near,
        suggestion=suggested(code, handoff.emergency if handoff else "", near, conversation.language),
    )


def candidates(session: Session, conversation: Conversation) -> list[str]:
    """Codes of what this may be about: the matter at hand, what the brief names, what was heard; each once."""
    handoff, draft = open_handoff(session, conversation.id), draft_of(conversation)
    known: dict[str, Any] = handoff.brief if handoff else {}
    codes = [handoff.item if handoff else "", draft.item, known.get("item", ""), *known.get("candidates", [])]
    target = _target(session, conversation.id)
    ranked = Understanding.from_dict(target.understanding or {}).ranking if target else ()
    return list(dict.fromkeys(filter(None, [*codes, *(r.item for r in ranked or ())])))


def _target(session: Session, conversation_id: str) -> Message | None:
    """The citizen's last text that was understood as a request, else their last text."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.sender == "citizen",
                                  Message.kind == "text", Message.text != "").order_by(Message.seq.desc()).limit(10)
    texts = list(session.scalars(query))
    understood = ((m, Understanding.from_dict(m.understanding or {})) for m in texts if m.understanding)
    return next((m for m, u in understood if u.best or u.emergency), texts[0] if texts else None)


def _asked(session: Session, handoff: Handoff | None, language: str) -> Asked | None:
    if handoff is None:
        return None
    known: dict[str, Any] = handoff.brief
    item = text("console.out_of_scope", language) if handoff.item == "out_of_scope" else _item(handoff.item, language)
    asked_for = f"console.draft_{known['asked']}" if known.get("asked") else ""
    parts = {
        "description": known.get("words", ""), "kind": text(f"kind.{known['kind']}", language) if known.get("kind")
        else "", "place": known.get("place", ""), "time": known.get("when", ""),
        "photos": str(known.get("photos") or ""), "asked": messages(language).get(asked_for, ""),
    }
    return Asked(
        why=text(f"console.reason_{handoff.reason}", language), item=item,
        candidates=[_item(code, language) for code in known.get("candidates", []) if not handoff.item],
        lines=[(text(f"console.draft_{name}", language), value) for name, value in parts.items() if value],
        team=team_names(session, language).get(handoff.team, ""),
    )


def _sketch(session: Session, conversation_id: str, language: str) -> Sketch | None:
    sent = desk.sent_location(session, conversation_id)
    known = sent.lat is not None and sent.lon is not None
    return sketch(sent.lat, sent.lon, territories.spots(), language) if known else None  # type: ignore[arg-type]


def _notes_elsewhere(session: Session, conversation: Conversation, language: str) -> list[Elsewhere]:
    found = kin.notes_elsewhere(session, conversation)
    channels = {c.id: c.channel for c in kin.same_phone(session, conversation)} if found else {}
    return [Elsewhere(n.conversation_id, words.channel(channels[n.conversation_id], language), n.author, n.at, n.text)
            for n in found]


def draft_of(conversation: Conversation) -> Draft:
    """The request being put together, from the dialogue's state; empty where that cannot be read."""
    slots = (conversation.dialogue or {}).get("slots") or {}
    try:
        return Draft.from_slots(slots)
    except (TypeError, ValueError):
        return Draft()


def reach(session: Session, conversation: Conversation, draft: Draft, language: str) -> list[Reach]:
    """Distinct contacts: from what is being filled in, then from the citizen's tickets."""
    found = {}
    contact = draft.reach()
    if contact.phone:
        found[contact.phone] = Reach(contact.name, contact.phone, text("console.reach_draft", language))
    if conversation.phone:
        called = Reach(conversation.display_name, conversation.phone, text("console.reach_call", language))
        found.setdefault(conversation.phone, called)
    for ticket in of_conversation(session, conversation.id):
        if ticket.contact_phone:
            found.setdefault(ticket.contact_phone, Reach(ticket.contact_name, ticket.contact_phone, ticket.number))
    return list(found.values())


def _heard(session: Session, conversation_id: str, language: str) -> tuple[Heard | None, str]:
    query = select(Message).where(Message.conversation_id == conversation_id, Message.sender == "citizen",
                                  Message.understanding.is_not(None))
    for message in session.scalars(query.order_by(Message.seq.desc()).limit(10)):
        understood = Understanding.from_dict(message.understanding or {})
        if understood.best or understood.emergency:
            return _as_heard(message, understood, language), understood.best or ""
    return None, ""


def _as_heard(message: Message, understood: Understanding, language: str) -> Heard:
    items = catalogue().items
    ranked = understood.ranking or ()
    emergency = catalogue().emergencies.get(understood.emergency or "")
    return Heard(
        words=message.text, at=message.created_at, sure=understood.settled(),
        candidates=[Candidate(items[r.item].name(language), _owner(r.item, language), round(r.confidence * 100))
                    for r in ranked if r.item in items],
        emergency=emergency.name(language) if emergency else "",
        facts=[_fact(e) for e in understood.entities if e.get("value") and e.get("type") != "phone"],
    )


def _fact(entity: dict[str, Any]) -> str:
    return str(entity.get("text") or entity["value"])


def _owner(code: str, language: str) -> str:
    known = catalogue()
    item = known.items[code]
    owner = known.categories.get(item.category) or known.departments.get(item.department)
    return owner.name(language) if owner else ""


def _in_charge(code: str, language: str) -> InCharge | None:
    known = catalogue()
    item = known.items.get(code)
    if item is None:
        return None
    department = known.departments.get(item.department)
    return InCharge(_owner(code, language), department.hotline if department else item.price_note_zh)


def _draft_lines(draft: Draft, language: str) -> list[tuple[str, str]]:
    where = draft.where()
    street = territories.name_of(where.community or where.street, language)
    place = where.text if not street or street in where.text else f"{street} {where.text}".strip()
    parts = {
        "item": _item(draft.item, language), "kind": text(f"kind.{draft.kind}", language) if draft.kind else "",
        "description": draft.description, "place": place, "time": draft.moment().past(now()),
        "photos": str(len(draft.photos)) if draft.photos else "",
        "contact": text("console.contact_refused", language) if draft.reach().refused else "",
        "pending": "、".join(_item(code, language) for code in draft.pending),
    }
    return [(text(f"console.draft_{name}", language), value) for name, value in parts.items() if value]


def _item(code: str, language: str) -> str:
    item = catalogue().items.get(code)
    return item.name(language) if item else code


def _referrals(session: Session, conversation_id: str, language: str) -> list[tuple[Referral, str, str]]:
    query = (
        select(Referral, Provider).join(Provider, Provider.id == Referral.provider_id)
        .where(Referral.conversation_id == conversation_id).order_by(Referral.id.desc()).limit(6)
    )
    return [(r, _item(r.item, language), p.name_en if language == "en" and p.name_en else p.name_zh)
            for r, p in session.execute(query)]


def _providers(session: Session, code: str, where: Place) -> list[Found]:
    item = catalogue().items.get(code)
    return directory.search(session, code, where) if item and item.life else []
