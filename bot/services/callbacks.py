"""Calls to make: who reported something by phone is asked by phone how it went, as the bot cannot ask them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.contact import Contact
from bot.domain.message import clean_text
from bot.domain.rating import Rating
from bot.errors import BadInput, Conflict, NotFound
from bot.services import ratings
from bot.services.history import note
from bot.services.replies import SPOKEN
from bot.storage import Conversation, Provider, Referral, Ticket, touch

FEW = 100
AWAITS = {"ticket": ("answered",), "referral": ("open", "asked")}


@dataclass(frozen=True)
class Callback:
    """Somebody to call. `what` is ticket | referral and `id` its own; `since` when the answer came or the follow-up
    fell due; `provider` whom a referral went to."""

    what: str
    id: int
    conversation: Conversation
    contact: Contact
    item: str
    since: datetime
    number: str = ""
    answer: str = ""
    provider: Provider | None = None


def due(session: Session, moment: datetime) -> list[Callback]:
    """Answered tickets and due referrals of callers who left a number, the longest waiting first."""
    of_tickets = (select(Ticket, Conversation).join(Conversation, Conversation.id == Ticket.conversation_id)
                  .where(Conversation.channel.in_(SPOKEN), Ticket.state.in_(AWAITS["ticket"]))
                  .order_by(Ticket.answered_at).limit(FEW))
    of_referrals = (select(Referral, Conversation, Provider)
                    .join(Conversation, Conversation.id == Referral.conversation_id)
                    .join(Provider, Provider.id == Referral.provider_id)
                    .where(Conversation.channel.in_(SPOKEN), Conversation.phone != "",
                           Referral.state.in_(AWAITS["referral"]), Referral.follow_up_at <= moment)
                    .order_by(Referral.follow_up_at).limit(FEW))
    found = [Callback("ticket", t.id, c, _contact(c, t), t.item, t.answered_at or t.received_at, t.number, t.answer)
             for t, c in session.execute(of_tickets)]
    found += [Callback("referral", r.id, c, _contact(c, None), r.item, r.follow_up_at, provider=p)
              for r, c, p in session.execute(of_referrals)]
    return sorted((c for c in found if c.contact.phone), key=lambda c: c.since)


def reach(session: Session, actor: Actor, what: str, id_: int) -> Contact:
    """Name and number in full, to call; the look is written down."""
    actor.must(Right.TAKE_HANDOFFS)
    subject, conversation = _find(session, what, id_)
    note(session, what, id_, actor.id, "looked_at_contact")
    return _contact(conversation, subject if isinstance(subject, Ticket) else None)


def record(
    session: Session, actor: Actor, what: str, id_: int, solved: bool, score: int | None = None, words: str = ""
) -> None:
    """What the citizen said on the phone. Raises Conflict where somebody was quicker, BadInput for a bad score."""
    actor.must(Right.TAKE_HANDOFFS)
    if score is not None and not 1 <= score <= 5:
        raise BadInput("call.bad_score")
    subject, _ = _find(session, what, id_, lock=True)
    if subject.state not in AWAITS[what]:
        raise Conflict("call.settled")
    said, _ = clean_text(words, 500)
    ratings.settle(session, subject, Rating(score, solved), said, actor.id)
    touch(session, "tickets")


def _find(session: Session, what: str, id_: int, lock: bool = False) -> tuple[Ticket | Referral, Conversation]:
    held: Any = {"key_share": True} if lock else None
    subject: Ticket | Referral | None = (
        session.get(Ticket, id_, with_for_update=held) if what == "ticket"
        else session.get(Referral, id_, with_for_update=held))
    conversation = session.get(Conversation, subject.conversation_id) if subject else None
    if subject is None or conversation is None or what not in AWAITS or conversation.channel not in SPOKEN:
        raise NotFound("call.unknown")
    return subject, conversation


def _contact(conversation: Conversation, ticket: Ticket | None) -> Contact:
    if ticket is not None and ticket.contact_phone:
        return Contact(ticket.contact_name, ticket.contact_phone)
    return Contact(conversation.display_name, conversation.phone)
