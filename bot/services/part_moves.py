"""Changing who does what on a ticket: more departments, in which order, another lead, returns refused."""

from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.assignment import NOT_BEGUN, AssignmentRole, AssignmentState, step_of
from bot.domain.ticket import TicketState, check_in_hand
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.services import announcing, part_clocks, parts, units
from bot.services.assignments import check_going_on, held, make_lead, move, worded
from bot.services.catalogue import catalogue
from bot.services.clocks import answerable, start_accept
from bot.services.history import note
from bot.services.telling import tell_citizen
from bot.storage import Assignment, Ticket, touch


def add_part(session: Session, number: str, actor: Actor, department: str, why: str, after: bool = False) -> Assignment:
    """加派: a co-handler more, by the desk or the lead; at once (并联) or `after` all that help already (串联)."""
    ticket = _led(session, number, actor)
    check_in_hand(TicketState(ticket.state))
    if department not in catalogue().departments:
        raise BadInput("ticket.no_department", department=department)
    reason = worded(why, "ticket.no_reason_given")
    part = _free_part(session, ticket, department)
    part.step = step_of(_others(ticket, part), after)
    session.flush()
    note(session, "ticket", ticket.id, actor.id, "co_added", after="after" if after else "beside",
         why=f"{department} {reason}")
    if after:
        parts.next_in_line(session, ticket)
    else:
        part.state = AssignmentState.DISPATCHED.value
        part_clocks.follow(session, ticket, part)
    touch(session, "tickets")
    return part


def set_order(session: Session, number: str, actor: Actor, department: str, after: bool) -> Ticket:
    """A co-handler that has not begun gets another turn: `after` all the others, or at once, beside those at work. By
    the desk or the lead."""
    ticket = _led(session, number, actor)
    check_going_on(ticket)
    part = _co(ticket, department)
    if part.state not in NOT_BEGUN:
        raise Conflict("ticket.has_begun")
    part.step = step_of(_others(ticket, part), after)
    note(session, "ticket", ticket.id, actor.id, "co_ordered", after="after" if after else "beside", why=department)
    parts.reorder(session, ticket)
    touch(session, "tickets")
    return ticket


def drop_part(session: Session, number: str, actor: Actor, department: str, why: str) -> Ticket:
    """A co-handler that nobody needs any more, and that has not answered. One that gave its part back is let go by
    it."""
    ticket = _led(session, number, actor)
    check_going_on(ticket)
    part = _co(ticket, department)
    if part.state == AssignmentState.ANSWERED:
        raise Conflict("ticket.has_answered")
    reason = worded(why, "ticket.no_reason_given")
    if part.state == AssignmentState.RETURNED:
        note(session, "ticket", ticket.id, actor.id, "return_approved", after=department[:24], why=reason)
    note(session, "ticket", ticket.id, actor.id, "co_dropped", why=f"{department} {reason}")
    part.role = AssignmentRole.PAST.value
    part_clocks.follow(session, ticket, part)
    parts.next_in_line(session, ticket)
    touch(session, "tickets")
    return ticket


def refuse_return(session: Session, number: str, actor: Actor, why: str, department: str = "") -> Ticket:
    """退单不予通过: the department has it again, its deadline as before, and the refusal is counted. `department` is
    named for a co-handler's part, on which the lead may decide too."""
    if not department:
        actor.must(Right.DISPATCH_TICKETS)
    ticket = _led(session, number, actor)
    reason = worded(why, "ticket.no_refusal_reason")
    part = _co(ticket, department) if department else next(
        (a for a in ticket.assignments if a.role == AssignmentRole.LEAD), None)
    if part is None or part.state != AssignmentState.RETURNED:
        raise Conflict("ticket.not_returned")
    if department:
        check_going_on(ticket)
    part.state, part.note, part.proposed = AssignmentState.DISPATCHED.value, reason, ""
    note(session, "ticket", ticket.id, actor.id, "return_refused", after=part.department[:24], why=reason)
    if part.role == AssignmentRole.LEAD:
        move(session, ticket, TicketState.DISPATCHED, actor.id, why=f"{part.department} {reason}")
        tell_citizen(session, ticket, "ticket.redispatched", part.department)
    else:
        part_clocks.follow(session, ticket, part)
        touch(session, "tickets")
    return ticket


def reassign(session: Session, number: str, actor: Actor, department: str, why: str) -> Ticket:
    """改派 without a return: another department leads; the deadline stays, the citizen is told."""
    actor.must(Right.DISPATCH_TICKETS)
    ticket = held(session, number, actor)
    reason = worded(why, "ticket.no_dispatch_reason")
    if department not in catalogue().departments:
        raise BadInput("ticket.no_department", department=department)
    if TicketState(ticket.state) not in (TicketState.DISPATCHED, TicketState.ACCEPTED):
        raise Conflict("ticket.not_in_hand", now=ticket.state)
    if ticket.lead == department:
        raise Conflict("ticket.has_part", department=catalogue().departments[department].name("zh"))
    make_lead(session, ticket, department)
    before = TicketState(ticket.state)
    ticket.state = TicketState.DISPATCHED.value
    note(session, "ticket", ticket.id, actor.id, "reassigned", before.value, ticket.state, f"{department} {reason}")
    answerable(session, ticket)
    start_accept(session, ticket)
    announcing.moved(session, ticket, before, actor.id)
    tell_citizen(session, ticket, "ticket.redispatched", department)
    touch(session, "tickets")
    return ticket


def keep_secret(session: Session, number: str, actor: Actor, on: bool) -> Ticket:
    """保密: departments see neither who reported it nor how to reach them; by the desk."""
    actor.must(Right.DISPATCH_TICKETS)
    ticket = held(session, number, actor)
    if ticket.confidential != on:
        ticket.confidential = on
        note(session, "ticket", ticket.id, actor.id, "confidential" if on else "not_confidential")
        touch(session, "tickets")
    return ticket


def _free_part(session: Session, ticket: Ticket, department: str) -> Assignment:
    """A queued co-handler's part for a department that has none, or none any more."""
    unit = units.responsible(session, department, ticket)
    part = next((a for a in ticket.assignments if a.department == department), None)
    if part is None:
        part = Assignment(department=department, role=AssignmentRole.PAST.value)
        ticket.assignments.append(part)
    over = part.role == AssignmentRole.CO and part.state == AssignmentState.RETURNED
    if part.role != AssignmentRole.PAST and not over:
        raise Conflict("ticket.has_part", department=catalogue().departments[department].name("zh"))
    part.role, part.state, part.unit = AssignmentRole.CO.value, AssignmentState.QUEUED.value, unit
    part.note, part.proposed, part.accepted_at, part.answered_at = "", "", None, None
    return part


def _others(ticket: Ticket, part: Assignment) -> list[Assignment]:
    """The other co-handlers."""
    return [a for a in ticket.assignments if a.role == AssignmentRole.CO and a is not part]


def _led(session: Session, number: str, actor: Actor) -> Ticket:
    ticket = held(session, number, actor)
    if not actor.may(Right.DISPATCH_TICKETS) and ticket.lead != actor.department:
        raise NotAllowed("ticket.lead_only")
    return ticket


def _co(ticket: Ticket, department: str) -> Assignment:
    found = next((a for a in ticket.assignments
                  if a.department == department and a.role == AssignmentRole.CO), None)
    if found is None:
        raise NotFound("ticket.no_such_part")
    return found
