"""The same matter reported by several people: finding it, and making one ticket of it."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.place import Place, distance_km
from bot.domain.ticket import OPEN, Outcome, TicketState
from bot.errors import BadInput, Conflict
from bot.services.assignments import held, move, tell_citizen
from bot.services.history import note
from bot.services.telling import reported_anew
from bot.storage import Attachment, GridTask, Ticket

SAME_WITHIN = timedelta(days=15)
SAME_KM = 0.3


def same_place(one: Place, other: Place) -> bool:
    """Near each other on the map, or the same words where one of them is not on it."""
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        return distance_km(one.lat, one.lon, other.lat, other.lon) <= SAME_KM
    return bool(one.text) and one.text == other.text


def similar(session: Session, ticket: Ticket, limit: int = 20) -> list[Ticket]:
    """Open tickets that are likely the same matter: same item, near place, reported within two weeks; oldest first."""
    query = (
        select(Ticket).where(Ticket.id != ticket.id, Ticket.item == ticket.item, Ticket.state.in_(list(OPEN)),
                             Ticket.received_at.between(ticket.received_at - SAME_WITHIN,
                                                        ticket.received_at + SAME_WITHIN))
        .order_by(Ticket.received_at).limit(500)
    )
    here = Place(**ticket.place)
    return [other for other in session.scalars(query) if same_place(here, Place(**other.place))][:limit]


def merge(session: Session, number: str, into: str, actor: Actor) -> Ticket:
    """The ticket ends and points to the other, which goes on with its words and photos; whoever reported it hears of
    the other's progress from now on. Returns the one that goes on."""
    actor.must(Right.DISPATCH_TICKETS)
    first, second = sorted((number, into))  # locked in one order, whoever merges which into which
    found = {n: held(session, n, actor) for n in dict.fromkeys((first, second))}
    ticket, other = found[number], found[into]
    if ticket is other or ticket.item != other.item:
        raise BadInput("ticket.not_the_same")
    if TicketState(other.state) not in OPEN:
        raise Conflict("ticket.not_open", number=into)
    session.execute(update(GridTask).where(GridTask.ticket_id == ticket.id).values(ticket_id=other.id))
    move(session, ticket, TicketState.MERGED, actor.id, why=other.number)
    ticket.outcome, ticket.merged_into = Outcome.DUPLICATE.value, other.id
    tell_citizen(session, ticket, "ticket.merged", other.lead, other=other.number)
    session.execute(update(Ticket).where(Ticket.merged_into == ticket.id).values(merged_into=other.id))
    reported_anew(session, ticket, other)
    session.execute(update(Attachment).where(Attachment.ticket_id == ticket.id).values(ticket_id=other.id))
    note(session, "ticket", other.id, actor.id, "took_over", why=f"{ticket.number} {ticket.description}")
    return other
