"""Internal discussion on a ticket: the desk and all departments with a part in it. Citizens never see it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.services.assignments import find, worded
from bot.services.history import note
from bot.storage import Ticket, TicketNote, touch


def add(session: Session, number: str, actor: Actor, words: str) -> TicketNote:
    """Something said by who may see the ticket. Raises BadInput, NotFound."""
    ticket = find(session, number, actor)
    said = TicketNote(ticket_id=ticket.id, department=actor.department, by=actor.id,
                      text=worded(words, "ticket.no_words"))
    session.add(said)
    note(session, "ticket", ticket.id, actor.id, "discussed")
    touch(session, "tickets")
    return said


def of_ticket(session: Session, ticket: Ticket) -> list[TicketNote]:
    """What was said, oldest first."""
    return list(session.scalars(select(TicketNote).where(TicketNote.ticket_id == ticket.id).order_by(TicketNote.id)))
