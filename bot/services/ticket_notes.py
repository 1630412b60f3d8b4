"""Internal discussion on a ticket: the desk and all departments with a part in it. Citizens never see it."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.services.assignments import find, worded
from bot.services.history import note
from bot.storage import Account, Change, Ticket, TicketNote, touch


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


def unread(session: Session, actor: Actor, tickets: Collection[int]) -> set[int]:
    """Those of these tickets on which another department, or the desk, has said something since the actor's own last
    did anything with them."""
    said = select(TicketNote.ticket_id, TicketNote.at).where(TicketNote.ticket_id.in_(tickets),
                                                             TicketNote.department != actor.department)
    last = dict(iter(session.execute(said.order_by(TicketNote.id)).tuples()))
    if not last:
        return set()
    colleagues = select(Account.id).where(Account.department == actor.department)
    names = [f"account:{number}" for number in session.scalars(colleagues)]
    done = select(Change.subject_id, Change.at).where(
        Change.subject == "ticket", Change.subject_id.in_([str(ticket) for ticket in last]),
        Change.at > min(last.values()), Change.actor.in_([*names, actor.id]))
    for subject, at in session.execute(done).tuples():
        if last.get(int(subject), at) < at:
            del last[int(subject)]
    return set(last)
