"""Phone calls that an operator writes up: a conversation whose citizen is on the line, held by her from the start.

Nothing is ever delivered to such a conversation (`replies.SPOKEN`): what is to be told, a person says on the phone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.domain import emergency as emergency_words
from bot.domain.access import Actor, Right
from bot.domain.contact import masked, read_phone
from bot.domain.draft import Draft
from bot.domain.handoff import HandoffState, Reason, priority
from bot.domain.message import clean_text
from bot.domain.place import Place
from bot.domain.understanding import Understanding
from bot.domain.when import When
from bot.errors import BadInput, BrainDown, Conflict
from bot.services import directory, handoffs, rasa, territories
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.conversations import new_id
from bot.services.history import note
from bot.services.replies import append
from bot.services.suggestions import suggested
from bot.storage import Change, Conversation, Handoff, Message, Referral, Ticket, now, touch

CHANNEL = "phone"
LONGEST_CALL = 4000
LONGEST_NOTE = 2000
"""As much of the words as a ticket's description takes."""
FEW = 20
SAME_LOOK = timedelta(minutes=10)


@dataclass(frozen=True)
class Call:
    """A call as it was written up. `number` as typed, empty where the caller withheld it; `item` is the code the
    operator chose, or empty; `answer` what she told the caller, if anything."""

    words: str
    number: str = ""
    name: str = ""
    language: str = "zh"
    item: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Heard:
    """What the words mean. `away`: the model does not answer; the catalogue's emergency words were looked for all the
    same. `raw` is the parse as messages keep it."""

    understanding: Understanding
    raw: dict[str, Any] | None
    away: bool = False


@dataclass(frozen=True)
class Past:
    """Something earlier of a number: `what` is call | chat | ticket | referral, `state` its handoff's, ticket's or
    referral's, `outcome` how it ended."""

    what: str
    at: datetime
    conversation: str
    words: str = ""
    item: str = ""
    state: str = ""
    outcome: str = ""
    ticket: str = ""


def hear(words: str) -> Heard:
    """Understand what a caller said. Asks Rasa: not to be called within a transaction."""
    try:
        raw = rasa.understand(words)
    except BrainDown:
        code = emergency_words.by_words(words, catalogue().emergencies.values())
        return Heard(Understanding(words, emergency=code), None, away=True)
    return Heard(Understanding.from_dict(raw), raw)


def advice(session: Session, item: str, words: str, language: str) -> str:
    """What can be read out about an item at once: department, hotline and what to bring, or who is near the place the
    words name. Raises NotFound for an item that is not ours."""
    found = item_or_raise(item)
    near = directory.search(session, item, territories.from_words(words)) if found.life else []
    return suggested(item, "", near, language)


def begin(session: Session, actor: Actor, call: Call, heard: Heard, client_id: str) -> Handoff:
    """Store a call: its conversation, the words, and a handoff the operator holds. The same `client_id` stores once.
    Raises BadInput for a number that is none and for no words, NotFound for an item that is not ours."""
    actor.must(Right.TAKE_HANDOFFS)
    number = checked_number(call.number)
    words, cut = clean_text(call.words, LONGEST_CALL)
    if not words:
        raise BadInput("call.no_words")
    item = item_or_raise(call.item).code if call.item else heard.understanding.item or ""
    conversation_id, made = _conversation(session, f"{actor.id}:{client_id}"[:64], call, number)
    if not made:
        return session.scalars(select(Handoff).where(Handoff.conversation_id == conversation_id)).one()
    session.get_one(Conversation, conversation_id).dialogue = {"slots": _draft(heard.understanding, words, item)}
    append(session, conversation_id, sender="citizen", text=words, external_id="call", state="handled",
           payload={"cut": True} if cut else {}, understanding=heard.raw)
    answer, _ = clean_text(call.answer, LONGEST_CALL)
    if answer:
        append(session, conversation_id, sender="operator", text=answer, account_id=actor.account_id)
    handoff = Handoff(
        conversation_id=conversation_id, reason=Reason.OPERATOR.value, priority=priority(Reason.OPERATOR),
        emergency=heard.understanding.emergency or "", state=HandoffState.ACTIVE.value, account_id=actor.account_id,
        holder=actor.id, claimed_at=now(), item=item,
        brief={} if item else {"candidates": heard.understanding.candidates()},
    )
    session.add(handoff)
    session.flush()
    note(session, "handoff", handoff.id, actor.id, "call_written", after="active")
    touch(session, "queue")
    return handoff


def finish(session: Session, handoff_id: int, actor: Actor, outcome: str) -> Handoff:
    """The call is over and settled, with an outcome. Raises BadInput without one, Conflict where it is no call."""
    handoff = handoffs.find(session, handoff_id)
    if session.get_one(Conversation, handoff.conversation_id).channel != CHANNEL:
        raise Conflict("call.no_call")
    if not outcome:
        raise BadInput("handoff.bad_outcome", outcome="")
    return handoffs.end(session, handoff_id, actor, outcome)


def checked_number(typed: str) -> str:
    """The number as E.164; empty for a withheld one. Raises BadInput for words that are no number."""
    number = read_phone(typed)
    if typed.strip() and not number:
        raise BadInput("form.bad_phone")
    return number


def today(session: Session, since: datetime) -> list[tuple[Conversation, Handoff]]:
    """Calls written up since then, newest first."""
    query = _calls().where(Conversation.created_at >= since)
    return [(c, h) for c, h in session.execute(query.limit(200))]


def search(session: Session, words: str, actor: Actor) -> list[tuple[Conversation, Handoff]]:
    """Calls of a number, or whose caller's name has the words, newest first. A number that is looked at is noted."""
    wanted = words.strip()
    if not wanted:
        return []
    number = read_phone(wanted)
    fits = Conversation.phone == number if number else Conversation.display_name.icontains(wanted, autoescape=True)
    found = [(c, h) for c, h in session.execute(_calls().where(fits).limit(50))]
    if number:
        _note_look(session, actor, number, [c.id for c, _ in found])
    return found


def history(session: Session, actor: Actor, number: str) -> list[Past]:
    """Earlier conversations, tickets and referrals of a number (E.164), newest first. That it was looked at is noted
    on each conversation shown, or on the masked number where there is none."""
    actor.must(Right.SEE_CONVERSATIONS)
    with_tickets = select(Ticket.conversation_id).where(Ticket.contact_phone == number)
    query = select(Conversation).where(or_(Conversation.phone == number, Conversation.id.in_(with_tickets)))
    known = list(session.scalars(query.order_by(Conversation.last_message_at.desc()).limit(FEW)))
    ids = [c.id for c in known]
    past = [*_talks(session, known), *_tickets(session, number, ids), *_referrals(session, ids)]
    _note_look(session, actor, number, ids)
    return sorted(past, key=lambda p: p.at, reverse=True)[:FEW]


def _conversation(session: Session, external_id: str, call: Call, number: str) -> tuple[str, bool]:
    """Its id, and whether it is new. Of two posts at once the second waits for the first and finds its row."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    language = "en" if call.language == "en" else "zh"
    made = session.scalar(
        insert(Conversation).values(
            id=new_id(), channel=CHANNEL, external_id=external_id, phone=number, display_name=call.name.strip()[:64],
            language=language, language_chosen=True, dialogue={})
        .on_conflict_do_nothing(index_elements=["channel", "external_id"]).returning(Conversation.id)
    )
    if made:
        return made, True
    query = select(Conversation.id).where(Conversation.channel == CHANNEL, Conversation.external_id == external_id)
    return session.scalars(query).one(), False


def _draft(heard: Understanding, words: str, item: str) -> dict[str, Any]:
    """What the ticket and referral forms begin with, as slots."""
    when, named = heard.entity("time"), heard.entity("place")
    where = str(named.get("text") or "") if named else ""
    place = territories.from_words(where or words, asked=bool(where)) or Place(text=where)
    return Draft(item=item, kind=heard.kind or "", description=words[:LONGEST_NOTE], place=place.as_dict(),
                 when=When.from_entity(when).as_dict() if when else {}).to_slots()


def _calls() -> Any:
    return (select(Conversation, Handoff).join(Handoff, Handoff.conversation_id == Conversation.id)
            .where(Conversation.channel == CHANNEL).order_by(Handoff.id.desc()))


def _note_look(session: Session, actor: Actor, number: str, ids: list[str]) -> None:
    """Once in ten minutes for each, however often she types the number anew."""
    looks = [("conversation", id_) for id_ in ids] or [("number", masked(number))]
    for subject, id_ in looks:
        before = select(Change.id).where(
            Change.subject == subject, Change.subject_id == id_, Change.actor == actor.id,
            Change.what == "looked_at_number", Change.at > now() - SAME_LOOK)
        if session.scalar(before.limit(1)) is None:
            note(session, subject, id_, actor.id, "looked_at_number")


def _talks(session: Session, known: list[Conversation]) -> list[Past]:
    found = []
    for conversation in known:
        handoff = session.scalar(select(Handoff).where(Handoff.conversation_id == conversation.id)
                                 .order_by(Handoff.id.desc()).limit(1))
        said = session.scalar(select(Message.text).where(
            Message.conversation_id == conversation.id, Message.sender == "citizen", Message.text != "")
            .order_by(Message.seq.desc()).limit(1))
        found.append(Past(
            "call" if conversation.channel == CHANNEL else "chat", conversation.last_message_at, conversation.id,
            said or "", handoff.item if handoff else "", handoff.state if handoff else "",
            handoff.outcome if handoff else ""))
    return found


def _tickets(session: Session, number: str, ids: list[str]) -> list[Past]:
    query = select(Ticket).where(or_(Ticket.contact_phone == number, Ticket.conversation_id.in_(ids)))
    return [Past("ticket", t.received_at, t.conversation_id, t.description, t.item, t.state, t.outcome, t.number)
            for t in session.scalars(query.order_by(Ticket.id.desc()).limit(FEW))]


def _referrals(session: Session, ids: list[str]) -> list[Past]:
    query = select(Referral).where(Referral.conversation_id.in_(ids)).order_by(Referral.id.desc()).limit(FEW)
    return [Past("referral", r.created_at, r.conversation_id, "", r.item, r.state, r.outcome)
            for r in session.scalars(query)]
