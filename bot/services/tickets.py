"""Opening a ticket, and finding those a citizen has. What else a citizen does with one is `my_tickets.py`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.calendar import LOCAL
from bot.domain.clock import due_at
from bot.domain.draft import TICKET_FORM, Draft
from bot.domain.message import Button
from bot.domain.place import Place
from bot.domain.ticket import OPEN, TicketState, format_number
from bot.domain.ticket_words import numbers
from bot.i18n import text
from bot.services import announcing, chat_links, parts, standing
from bot.services.assignments import move, newly_held
from bot.services.catalogue import item_or_raise
from bot.services.duplicates import SAME_WITHIN, same_place
from bot.services.history import note
from bot.services.needs import pending_buttons
from bot.services.replies import Step, Turn, say
from bot.services.telling import in_charge
from bot.services.workdays import special_days, when_in_words
from bot.storage import Attachment, Counter, Message, Ticket, now, touch

SPOKEN_OF_WITHIN = 6
"""Messages of both sides."""


def open_from_draft(session: Session, turn: Turn) -> Step:
    """The confirmed draft becomes a ticket, dispatched at once to the departments in charge; number and deadline
    are told in the same transaction. The same confirming message opens once."""
    draft = turn.draft
    if not draft.confirmed:
        return Step(draft)
    ticket = session.scalar(select(Ticket).where(Ticket.opened_by == turn.message_id))
    if ticket is None:
        ticket = open_for(session, turn.conversation_id, draft, "citizen", turn.message_id)
    say(session, turn, "ticket.opened", cards=[standing.card(session, ticket, turn.language)],
        buttons=pending_buttons(turn, draft), number=ticket.number,
        department=in_charge(session, ticket, ticket.lead, turn.language),
        due=when_in_words(ticket.due_at, turn.language))
    return Step(draft.fresh() if draft.pending else replace(draft.fresh(), place={}))


def open_for(
    session: Session, conversation_id: str, draft: Draft, actor: str, opened_by: int | None = None
) -> Ticket:
    """A ticket from a complete draft, dispatched at once to the departments in charge. `opened_by` is the citizen's
    confirming message, None where an operator opens it. In a community worker's chat it is the worker who reports."""
    item = item_or_raise(draft.item)
    worker = chat_links.worker(session, conversation_id)
    moment = now()
    contact = draft.reach()
    ticket = Ticket(
        number=_next_number(session, moment), conversation_id=conversation_id, opened_by=opened_by,
        item=item.code, kind=draft.kind, description=draft.description, place=draft.place,
        occurred_at=draft.moment().past(moment)[:80], contact_name=contact.name, contact_phone=contact.phone,
        anonymous=not contact.phone and worker is None, confidential=contact.confidential, received_at=moment,
        reported_by=f"account:{worker.id}" if worker else "",
        due_at=due_at(moment, item.sla_hours, special_days(session)),
    )
    parts.begin(session, ticket, item, worker.territory if worker else "")
    session.add(ticket)
    session.flush()
    newly_held(session, ticket)
    attach(session, ticket, list(draft.photos))
    note(session, "ticket", ticket.id, ticket.reported_by or actor, "opened", after="received")
    announcing.moved(session, ticket, None, actor)
    move(session, ticket, TicketState.DISPATCHED, "bot", why=",".join(a.department for a in ticket.assignments))
    parts.started(session, ticket)
    return ticket


def same_matter(session: Session, turn: Turn, draft: Draft) -> Ticket | None:
    """The citizen's own open ticket on the same item at about the same place, if there is one."""
    where = draft.where()
    for ticket in of_conversation(session, turn.conversation_id):
        recent = ticket.received_at >= now() - SAME_WITHIN
        if ticket.item != draft.item or TicketState(ticket.state) not in OPEN or not recent:
            continue
        if same_place(where, Place(**ticket.place)):
            return ticket
    return None


def ask_same(session: Session, turn: Turn, draft: Draft) -> None:
    """Is this the matter you reported before?"""
    ticket = same_matter(session, turn, draft)
    number = ticket.number if ticket else ""
    say(session, turn, "ticket.same", number=number, description=(ticket.description if ticket else "")[:60],
        buttons=[Button(f"same:{number}", text("button.same", turn.language)),
                 Button("different", text("button.different", turn.language))])


def join_same(session: Session, turn: Turn, draft: Draft) -> Step:
    """It is the same: its state is told, the new words and photos join it, no second ticket."""
    ticket = same_matter(session, turn, draft)
    if ticket is None:
        return Step(draft, TICKET_FORM)
    attach(session, ticket, list(draft.photos))
    note(session, "ticket", ticket.id, "citizen", "said_again", why=draft.description)
    touch(session, "tickets")
    say(session, turn, "ticket.joined", cards=[standing.card(session, ticket, turn.language)], number=ticket.number,
        state=text(f"state.{ticket.state}", turn.language))
    return Step(draft.fresh())


def of_conversation(session: Session, conversation_id: str) -> list[Ticket]:
    """A citizen's tickets, newest first."""
    query = select(Ticket).where(Ticket.conversation_id == conversation_id).order_by(Ticket.id.desc())
    return list(session.scalars(query))


def own(session: Session, conversation_id: str, number: str) -> Ticket | None:
    """The citizen's ticket of that number; nobody else's."""
    return session.scalar(select(Ticket).where(Ticket.number == number, Ticket.conversation_id == conversation_id))


def named(turn: Turn, tickets: list[Ticket]) -> Ticket | None:
    """The one whose number the citizen has pressed or written."""
    said = numbers(turn.heard.choice.partition(":")[2] or turn.heard.text)
    return next((t for t in tickets if t.number in said), None)


def replied_to(session: Session, turn: Turn, tickets: list[Ticket]) -> Ticket | None:
    """The one that the message is about which the citizen's is a reply to."""
    asked = session.get(Message, turn.message_id)
    said = numbers(str((asked.payload if asked else {}).get("replied_to", "")))
    return next((t for t in tickets if t.number in said), None)


def spoken_of(session: Session, turn: Turn, tickets: list[Ticket]) -> Ticket | None:
    """The only one there is, the one replied to, or the one that the last words were about."""
    if len(tickets) == 1 or (one := replied_to(session, turn, tickets)) is not None:
        return tickets[0] if len(tickets) == 1 else one
    query = (
        select(Message.text, Message.cards, Message.seq)
        .where(Message.conversation_id == turn.conversation_id, Message.id != turn.message_id)
        .order_by(Message.seq.desc()).limit(SPOKEN_OF_WITHIN)
    )
    for message in session.execute(query):
        said = numbers(message.text + "".join(f" {card['title']}" for card in message.cards))
        told = [t for t in tickets if t.number in said]
        if told:
            return told[0] if len(told) == 1 else None
    return None


def attach(session: Session, ticket: Ticket, ids: Sequence[int], conversation_id: str = "") -> None:
    """Pictures of a conversation, the ticket's own where none is named, are the ticket's from now on."""
    if ids:
        owner = conversation_id or ticket.conversation_id
        session.execute(
            update(Attachment).where(Attachment.id.in_(ids), Attachment.conversation_id == owner)
            .values(ticket_id=ticket.id)
        )


def _next_number(session: Session, moment: datetime) -> str:
    local = moment.astimezone(LOCAL)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Counter).values(name=f"ticket:{local:%Y%m%d}", value=1)
    count = session.scalar(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return format_number(settings().ticket_prefix, local, int(count or 1))
