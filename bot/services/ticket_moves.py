"""The rarer moves of a ticket: material from the citizen, suspension, withdrawal, the desk's own ends."""

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole
from bot.domain.clock import FOLLOW_UP, ClockKind, Limit
from bot.domain.ticket import Outcome, TicketState
from bot.errors import BadInput, Conflict, NotAllowed
from bot.services import clocks
from bot.services.assignments import held, move, part_of, tell_citizen, worded
from bot.services.history import note
from bot.storage import Ticket, now, touch

LONGEST_SUSPENSION = 90
"""Days."""


def ask_citizen(session: Session, number: str, actor: Actor, words: str) -> Ticket:
    """The lead needs something of the citizen, who is told what; the answer's clock stands still until it comes."""
    ticket = _lead_ticket(session, number, actor)
    question = worded(words, "ticket.no_question")
    move(session, ticket, TicketState.WAITING, actor.id, why=question)
    tell_citizen(session, ticket, "ticket.material", actor.department, question=question, until=now() + FOLLOW_UP)
    return ticket


def supplied(session: Session, ticket: Ticket) -> bool:
    """The citizen has sent something: a ticket that waited for it goes on. False where it did not wait."""
    if ticket.state != TicketState.WAITING:
        return False
    move(session, ticket, TicketState.ACCEPTED, "citizen")
    return True


def suspend(session: Session, number: str, actor: Actor, days: int, why: str) -> Ticket:
    """The desk lets it rest for so many days, at the end of which it goes on by itself; the citizen is told until when
    and why."""
    actor.must(Right.DISPATCH_TICKETS)
    ticket = held(session, number, actor)
    reason = worded(why, "ticket.no_suspend_reason")
    if not 1 <= days <= LONGEST_SUSPENSION:
        raise BadInput("ticket.bad_days", most=LONGEST_SUSPENSION)
    rest = timedelta(days=days)
    move(session, ticket, TicketState.SUSPENDED, actor.id, why=reason)
    clocks.start(session, ticket, ClockKind.FOLLOW_UP, Limit(rest, timedelta(), around_the_clock=True, climbs=False))
    tell_citizen(session, ticket, "ticket.suspended", ticket.lead, until=now() + rest, why=reason)
    return ticket


def resume(session: Session, number: str, actor: Actor) -> Ticket:
    """Work goes on before a suspension, or the wait for the citizen, is over: by the desk or the lead."""
    ticket = held(session, number, actor)
    if not actor.may(Right.DISPATCH_TICKETS) and (ticket.lead != actor.department):
        raise NotAllowed("access.not_allowed")
    if ticket.state not in (TicketState.SUSPENDED, TicketState.WAITING):
        raise Conflict("ticket.not_resting", now=ticket.state)
    move(session, ticket, TicketState.ACCEPTED, actor.id)
    tell_citizen(session, ticket, "ticket.resumed", ticket.lead)
    return ticket


def withdraw(session: Session, ticket: Ticket, actor: str, why: str = "") -> None:
    """The citizen wants it no more, as long as it is not answered. Raises Conflict afterwards."""
    move(session, ticket, TicketState.WITHDRAWN, actor, why=why[:1000])
    ticket.outcome = Outcome.WITHDRAWN.value


def withdraw_for(session: Session, number: str, actor: Actor, why: str) -> Ticket:
    """The citizen said so to the desk; told in the chat as well."""
    actor.must(Right.DISPATCH_TICKETS)
    ticket = held(session, number, actor)
    withdraw(session, ticket, actor.id, worded(why, "ticket.no_reason_given"))
    tell_citizen(session, ticket, "ticket.withdrawn", ticket.lead)
    return ticket


def close_out_of_remit(session: Session, number: str, actor: Actor, words: str) -> Ticket:
    """A returned ticket that no department here can take: closed by the desk with whose matter it is."""
    actor.must(Right.DISPATCH_TICKETS)
    ticket = held(session, number, actor)
    whose = worded(words, "ticket.empty_answer")
    note(session, "ticket", ticket.id, actor.id, "return_approved", after=ticket.lead[:24], why=whose)
    move(session, ticket, TicketState.CLOSED, actor.id, why=whose)
    ticket.answer, ticket.outcome = whose, Outcome.OUT_OF_REMIT.value
    tell_citizen(session, ticket, "ticket.out_of_remit", ticket.lead, answer=whose)
    return ticket


def called(session: Session, number: str, actor: Actor, words: str) -> Ticket:
    """A supervisor has called the citizen whose matter was not solved twice; what was said stands in the story."""
    actor.must(Right.SUPERVISE)
    ticket = held(session, number, actor)
    if not ticket.needs_call:
        raise Conflict("ticket.no_call_needed")
    said = worded(words, "ticket.no_call_words")
    ticket.needs_call = False
    note(session, "ticket", ticket.id, actor.id, "called", why=said)
    touch(session, "tickets")
    return ticket


def _lead_ticket(session: Session, number: str, actor: Actor) -> Ticket:
    ticket, part = part_of(session, number, actor)
    if part.role != AssignmentRole.LEAD:
        raise NotAllowed("ticket.lead_only")
    return ticket
