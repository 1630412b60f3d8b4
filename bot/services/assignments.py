"""Assignments: the departments' side of a ticket, from its dispatch to its end."""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, selectinload

from bot.domain import assignment as rules
from bot.domain.access import Actor, Right, may_see_ticket
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.message import clean_text
from bot.domain.ticket import ENDED, GROUPS, Outcome, TicketState, check_in_hand, check_move
from bot.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.services import announcing, clocks, grid_recall, part_clocks, parts, units
from bot.services.catalogue import catalogue
from bot.services.history import note
from bot.services.telling import ask_anew, send_files, verdict_buttons
from bot.services.telling import tell_citizen as tell_citizen
from bot.storage import Assignment, Ticket, now, touch
from bot.storage.session import once

CALL_AFTER = 2
"""From this many times "not solved" on, a person calls."""


def inbox(session: Session, actor: Actor, state: str = "", limit: int = 200) -> list[Ticket]:
    """Tickets the actor may see: those to do by due date, then those answered or ended, newest first. `state` is one of
    open | answered | closed | returned, or a ticket's state. Raises BadInput for any other."""
    to_do = case((Ticket.state.in_(GROUPS["open"]), Ticket.due_at))
    done = func.coalesce(Ticket.closed_at, Ticket.answered_at, Ticket.received_at)
    query = select(Ticket).options(selectinload(Ticket.assignments))
    if not actor.may(Right.SEE_ALL_TICKETS):
        query = query.join(Assignment).where(*units.visible(actor))
    if state:
        query = query.where(Ticket.state.in_(_states(state)))
    return list(session.scalars(query.order_by(to_do.nulls_last(), done.desc(), Ticket.id).limit(limit)))


def _states(name: str) -> frozenset[TicketState]:
    if name in GROUPS:
        return GROUPS[name]
    if name not in set(TicketState):
        raise BadInput("ticket.bad_state", state=name)
    return frozenset({TicketState(name)})


def find(session: Session, number: str, actor: Actor) -> Ticket:
    """The ticket, if the actor may see it. Raises NotFound either way: a number tells nothing."""
    ticket = session.scalar(
        select(Ticket).options(selectinload(Ticket.assignments)).where(Ticket.number == number)
    )
    if ticket is None or not _may_see(actor, ticket):
        raise NotFound("ticket.unknown")
    return ticket


def _may_see(actor: Actor, ticket: Ticket) -> bool:
    parts = {(a.department, a.unit) for a in ticket.assignments if a.role != AssignmentRole.PAST}
    return may_see_ticket(actor, parts)


def look_at_contact(session: Session, number: str, actor: Actor, why: str = "") -> Ticket:
    """The ticket for a look at its citizen's name and number in full, which is written down. Raises NotAllowed where
    they are kept secret from departments."""
    ticket = find(session, number, actor)
    if ticket.confidential and not actor.may(Right.SEE_ALL_TICKETS):
        raise NotAllowed("ticket.confidential")
    note(session, "ticket", ticket.id, actor.id, "looked_at_contact", why=why)
    return ticket


def accept(session: Session, number: str, actor: Actor) -> Ticket:
    """The department takes its part on; when the lead does, the citizen is told."""
    ticket, part = part_of(session, number, actor)
    _advance(session, ticket, part, AssignmentState.ACCEPTED, actor)
    if part.role == AssignmentRole.LEAD:
        tell_citizen(session, ticket, "ticket.accepted", part.department)
    return ticket


def answer(
    session: Session, number: str, actor: Actor, words: str, outcome: str = "solved", without: bool = False
) -> Ticket:
    """The lead's answer goes to the citizen, who is asked to rate it; a co-handler's goes to the lead. While
    co-handlers have not answered the lead must say that it answers `without` them, which is written down."""
    ticket, part = part_of(session, number, actor)
    cleaned = worded(words, "ticket.empty_answer")
    if outcome not in {o.value for o in (Outcome.SOLVED, Outcome.EXPLAINED, Outcome.OUT_OF_REMIT)}:
        raise BadInput("ticket.bad_outcome")
    if part.role == AssignmentRole.LEAD and (owing := rules.missing(ticket.assignments)):
        if not without:
            raise Conflict("ticket.parts_missing", departments="、".join(_names(owing)))
        note(session, "ticket", ticket.id, actor.id, "answered_without", why=",".join(a.department for a in owing))
    if part.role == AssignmentRole.CO and part.state == AssignmentState.DISPATCHED:
        _advance(session, ticket, part, AssignmentState.ACCEPTED, actor)  # who answers has taken it on
    _advance(session, ticket, part, AssignmentState.ANSWERED, actor, cleaned)
    if part.role == AssignmentRole.LEAD:
        ticket.answer, ticket.outcome, ticket.answered_at = cleaned, outcome, now()
        ask_anew(session, ticket)
        send_files(session, ticket)
        tell_citizen(session, ticket, "ticket.answered", part.department, verdict_buttons, answer=cleaned)
    return ticket


def send_away(session: Session, number: str, actor: Actor, why: str, proposed: str = "") -> Ticket:
    """退单: the department gives its part back with a reason; the lead's is dispatched anew by an operator, who sees
    which department is `proposed`."""
    ticket, part = part_of(session, number, actor)
    if proposed and (proposed not in catalogue().departments or proposed == actor.department):
        raise BadInput("ticket.no_department", department=proposed)
    part.proposed = proposed
    _advance(session, ticket, part, AssignmentState.RETURNED, actor, worded(why, "ticket.no_reason"))
    if part.role == AssignmentRole.LEAD:
        tell_citizen(session, ticket, "ticket.returned", part.department)
    return ticket


def dispatch(session: Session, number: str, actor: Actor, department: str, why: str) -> Ticket:
    """改派: a returned ticket gets the department as its lead, which may be a co-handler or the one that gave it back.
    The deadline stays; the citizen is told who has it now."""
    actor.must(Right.DISPATCH_TICKETS)
    ticket = held(session, number, actor)
    if department not in catalogue().departments:
        raise BadInput("ticket.no_department", department=department)
    reason = worded(why, "ticket.no_dispatch_reason")
    check_move(TicketState(ticket.state), TicketState.DISPATCHED)
    returned = ticket.lead
    what = "return_refused" if returned == department else "return_approved"
    note(session, "ticket", ticket.id, actor.id, what, after=returned[:24], why=reason)
    make_lead(session, ticket, department)
    move(session, ticket, TicketState.DISPATCHED, actor.id, why=f"{department} {reason}")
    tell_citizen(session, ticket, "ticket.redispatched", department)
    return ticket


def make_lead(session: Session, ticket: Ticket, department: str) -> Assignment:
    """The department's part, made the lead and dispatched; who led before has a past part."""
    unit = units.responsible(session, department, ticket)
    for other in ticket.assignments:
        if other.role == AssignmentRole.LEAD:
            other.role = AssignmentRole.PAST.value
    part = next((a for a in ticket.assignments if a.department == department), None)
    if part is None:
        part = Assignment(department=department, role="", state=AssignmentState.DISPATCHED.value)
        ticket.assignments.append(part)
    part.role, part.step, part.unit = AssignmentRole.LEAD.value, 0, unit
    _renew(part)
    part.note = part.proposed = ""
    session.flush()
    part_clocks.follow(session, ticket, part)
    parts.next_in_line(session, ticket)  # who waited for a co-handler that leads now waits no more
    return part


def _names(owing: list[Assignment]) -> list[str]:
    return [catalogue().departments[a.department].name("zh") for a in owing]


def send_back(session: Session, ticket: Ticket, why: str, actor: str = "citizen") -> None:
    """Reopen: the clocks start anew, the lead has it again, and so have the co-handlers, one after the other as before.
    Not solved for a second time, it is marked for a supervisor, who calls the citizen."""
    if ticket.state in ("answered", "closed"):
        move(session, ticket, TicketState.REOPENED, actor, why=why[:1000])
        move(session, ticket, TicketState.DISPATCHED, "bot")
        ticket.reopened += 1
        ticket.outcome = ""
        if ticket.reopened >= CALL_AFTER:
            ticket.needs_call = True
            note(session, "ticket", ticket.id, "bot", "call_needed", after=str(ticket.reopened))
        for part in ticket.assignments:
            if part.role == AssignmentRole.LEAD:
                _renew(part)
        parts.again(session, ticket)


def close(session: Session, ticket: Ticket, actor: str, why: str = "") -> None:
    """Answered → confirmed → closed, with the outcome the department gave."""
    move(session, ticket, TicketState.CONFIRMED, actor, why=why)
    move(session, ticket, TicketState.CLOSED, actor)


def move(session: Session, ticket: Ticket, then: TicketState, actor: str, why: str = "") -> None:
    """The ticket's next state, with its row in the history. Raises Conflict where it may not follow."""
    _hold(session, ticket)
    before = TicketState(ticket.state)
    check_move(before, then)
    ticket.state = then.value
    ticket.closed_at = now() if then in ENDED else None
    note(session, "ticket", ticket.id, actor, then.value, before.value, then.value, why)
    if then in ENDED:
        grid_recall.ticket_ended(session, ticket, actor)
    clocks.follow(session, ticket, before)
    announcing.moved(session, ticket, before, actor)
    touch(session, "tickets")


def part_of(session: Session, number: str, actor: Actor) -> tuple[Ticket, Assignment]:
    """The ticket, held, and the actor's department's part in it. Raises NotAllowed, NotFound."""
    actor.must(Right.HANDLE_TICKETS)
    ticket = held(session, number, actor)
    part = next((a for a in ticket.assignments if a.department == actor.department), None)
    if part is None:
        raise NotFound("ticket.unknown")
    return ticket, part


def held(session: Session, number: str, actor: Actor) -> Ticket:
    """`find`, with the row locked first: of two colleagues who press at once, the second meets the new state. Rows that
    refer to the ticket may be added meanwhile (`key_share`): a sweep that writes supervision does not wait for us."""
    known = select(Ticket).where(Ticket.number == number).options(selectinload(Ticket.assignments))
    query = known.with_for_update(key_share=True).execution_options(populate_existing=True)
    ticket = once(session, f"held:{number}", lambda: session.scalar(query))
    if ticket is None or not _may_see(actor, ticket):
        raise NotFound("ticket.unknown")
    newly_held(session, ticket)
    return ticket


def newly_held(session: Session, ticket: Ticket) -> None:
    """Nobody else can move it while this transaction lasts."""
    once(session, f"held:{ticket.id}", lambda: True)


def _hold(session: Session, ticket: Ticket) -> None:
    """Once in a transaction: who moves it second meets the new state."""
    once(session, f"held:{ticket.id}",
         lambda: session.refresh(ticket, ["state"], with_for_update={"key_share": True}))


def _advance(
    session: Session, ticket: Ticket, part: Assignment, then: AssignmentState, actor: Actor, why: str = ""
) -> None:
    """Move a part. The lead's takes the ticket along; a co-handler's needs one that goes on and leaves it where it
    is."""
    if part.role == AssignmentRole.LEAD:
        move(session, ticket, TicketState(then.value), actor.id, why)
    else:
        check_going_on(ticket)
        note(session, "ticket", ticket.id, actor.id, f"co_{then.value}", why=why)
        touch(session, "tickets")
    rules.check_move(AssignmentState(part.state), then)
    part.state, part.note = then.value, why or part.note
    if then == AssignmentState.ACCEPTED:
        part.accepted_at = now()
    elif then == AssignmentState.ANSWERED:
        part.answered_at = now()
    if part.role == AssignmentRole.CO:
        part_clocks.follow(session, ticket, part)
        parts.next_in_line(session, ticket)


def check_going_on(ticket: Ticket) -> None:
    """Raise Conflict where co-handlers have nothing to do with it. While the lead's return waits for the desk they go
    on: their clocks do."""
    if ticket.state != TicketState.RETURNED:
        check_in_hand(TicketState(ticket.state))


def _renew(part: Assignment) -> None:
    """Dispatched again, unless nobody had accepted it yet."""
    part.accepted_at = part.answered_at = None
    if part.state != AssignmentState.DISPATCHED:
        rules.check_move(AssignmentState(part.state), AssignmentState.DISPATCHED)
        part.state = AssignmentState.DISPATCHED.value


def worded(words: str, missing: str) -> str:
    """The words, cleaned; raises BadInput(`missing`) where there are none to speak of."""
    cleaned, _ = clean_text(words, 2000)
    if len(cleaned) < 2:
        raise BadInput(missing)
    return cleaned
