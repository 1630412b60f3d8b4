"""Assignments: the departments' side of a ticket, from its dispatch to its end."""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, selectinload

from bot.domain import assignment as rules
from bot.domain.access import Actor, Right, may_see_ticket
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.message import Button, clean_text
from bot.domain.ticket import ENDED, GROUPS, Outcome, TicketState, check_in_hand, check_move
from bot.errors import BadInput, NotFound
from bot.i18n import text
from bot.services import clocks
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.history import note
from bot.services.referrals import rating_buttons
from bot.services.replies import tell
from bot.storage import Assignment, Conversation, Ticket, now, touch

CALL_AFTER = 2
"""From this many times "not solved" on, a person calls."""


def inbox(session: Session, actor: Actor, state: str = "", limit: int = 200) -> list[Ticket]:
    """Tickets the actor may see: those to do by due date, then those answered or ended, newest first. `state` is one of
    open | answered | closed | returned, or a ticket's state. Raises BadInput for any other."""
    to_do = case((Ticket.state.in_(GROUPS["open"]), Ticket.due_at))
    done = func.coalesce(Ticket.closed_at, Ticket.answered_at, Ticket.received_at)
    query = select(Ticket).options(selectinload(Ticket.assignments))
    if not actor.may(Right.SEE_ALL_TICKETS):
        query = query.join(Assignment).where(
            Assignment.department == actor.department, Assignment.role != AssignmentRole.PAST
        )
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
    if ticket is None or not may_see_ticket(
        actor, {a.department for a in ticket.assignments if a.role != AssignmentRole.PAST}
    ):
        raise NotFound("ticket.unknown")
    return ticket


def accept(session: Session, number: str, actor: Actor) -> Ticket:
    """The department takes its part on; when the lead does, the citizen is told."""
    ticket, part = part_of(session, number, actor)
    _advance(session, ticket, part, AssignmentState.ACCEPTED, actor)
    if part.role == AssignmentRole.LEAD:
        tell_citizen(session, ticket, "ticket.accepted", part.department)
    return ticket


def answer(session: Session, number: str, actor: Actor, words: str, outcome: str = "solved") -> Ticket:
    """The lead's answer goes to the citizen, who is asked to rate it; a co-handler's goes to the lead."""
    ticket, part = part_of(session, number, actor)
    cleaned = worded(words, "ticket.empty_answer")
    if outcome not in {o.value for o in (Outcome.SOLVED, Outcome.EXPLAINED, Outcome.OUT_OF_REMIT)}:
        raise BadInput("ticket.bad_outcome")
    if part.role == AssignmentRole.CO and part.state == AssignmentState.DISPATCHED:
        _advance(session, ticket, part, AssignmentState.ACCEPTED, actor)  # who answers has taken it on
    _advance(session, ticket, part, AssignmentState.ANSWERED, actor, cleaned)
    if part.role == AssignmentRole.LEAD:
        ticket.answer, ticket.outcome, ticket.answered_at = cleaned, outcome, now()
        language = session.get_one(Conversation, ticket.conversation_id).language
        tell_citizen(session, ticket, "ticket.answered", part.department, rating_buttons(f"T{ticket.id}", language),
              answer=cleaned)
    return ticket


def send_away(session: Session, number: str, actor: Actor, why: str, proposed: str = "") -> Ticket:
    """退单: the department gives its part back with a reason; the lead's is dispatched anew by an operator, who sees
    which department is `proposed`."""
    ticket, part = part_of(session, number, actor)
    if proposed and (proposed not in catalogue().departments or proposed == actor.department):
        raise BadInput("ticket.no_department", department=proposed)
    part.proposed = proposed
    _advance(session, ticket, part, AssignmentState.RETURNED, actor, worded(why, "ticket.no_reason"))
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
    lead = _lead(ticket, department)
    _renew(lead)
    lead.note = lead.proposed = ""
    move(session, ticket, TicketState.DISPATCHED, actor.id, why=f"{department} {reason}")
    tell_citizen(session, ticket, "ticket.redispatched", department)
    return ticket


def _lead(ticket: Ticket, department: str) -> Assignment:
    """The department's part, made the lead; who led before has a past part."""
    part = next((a for a in ticket.assignments if a.department == department), None)
    if part is None:
        part = Assignment(department=department, state=AssignmentState.DISPATCHED.value)
        ticket.assignments.append(part)
    for other in ticket.assignments:
        if other.role == AssignmentRole.LEAD:
            other.role = AssignmentRole.PAST.value
    part.role = AssignmentRole.LEAD.value
    return part


def send_back(session: Session, ticket: Ticket, why: str, actor: str = "citizen") -> None:
    """Reopen: the clocks start anew, the lead has it again, and so has every co-handler that had answered. Not solved
    for a second time, it is marked for a supervisor, who calls the citizen."""
    if ticket.state in ("answered", "closed"):
        move(session, ticket, TicketState.REOPENED, actor, why=why[:1000])
        move(session, ticket, TicketState.DISPATCHED, "bot")
        ticket.reopened += 1
        ticket.outcome = ""
        if ticket.reopened >= CALL_AFTER:
            ticket.needs_call = True
            note(session, "ticket", ticket.id, "bot", "call_needed", after=str(ticket.reopened))
        for part in ticket.assignments:
            if part.role == AssignmentRole.LEAD or part.state == AssignmentState.ANSWERED:
                _renew(part)


def close(session: Session, ticket: Ticket, actor: str, why: str = "") -> None:
    """Answered → confirmed → closed, with the outcome the department gave."""
    move(session, ticket, TicketState.CONFIRMED, actor, why=why)
    move(session, ticket, TicketState.CLOSED, actor)


def move(session: Session, ticket: Ticket, then: TicketState, actor: str, why: str = "") -> None:
    """The ticket's next state, with its row in the history. Raises Conflict where it may not follow."""
    session.refresh(ticket, ["state"], with_for_update={"key_share": True})  # who moves it second meets the new state
    before = TicketState(ticket.state)
    check_move(before, then)
    ticket.state = then.value
    ticket.closed_at = now() if then in ENDED else None
    note(session, "ticket", ticket.id, actor, then.value, before.value, then.value, why)
    clocks.follow(session, ticket, before)
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
    session.execute(select(Ticket.id).where(Ticket.number == number).with_for_update(key_share=True))
    return find(session, number, actor)


def _advance(
    session: Session, ticket: Ticket, part: Assignment, then: AssignmentState, actor: Actor, why: str = ""
) -> None:
    """Move a part. The lead's takes the ticket along; a co-handler's needs one that is in hand and leaves it there."""
    if part.role == AssignmentRole.LEAD:
        move(session, ticket, TicketState(then.value), actor.id, why)
    else:
        check_in_hand(TicketState(ticket.state))
        note(session, "ticket", ticket.id, actor.id, f"co_{then.value}", why=why)
        touch(session, "tickets")
    rules.check_move(AssignmentState(part.state), then)
    part.state, part.note = then.value, why or part.note


def _renew(part: Assignment) -> None:
    """Dispatched again, unless nobody had accepted it yet."""
    if part.state != AssignmentState.DISPATCHED:
        rules.check_move(AssignmentState(part.state), AssignmentState.DISPATCHED)
        part.state = AssignmentState.DISPATCHED.value


def worded(words: str, missing: str) -> str:
    """The words, cleaned; raises BadInput(`missing`) where there are none to speak of."""
    cleaned, _ = clean_text(words, 2000)
    if len(cleaned) < 2:
        raise BadInput(missing)
    return cleaned


def tell_citizen(
    session: Session, ticket: Ticket, key: str, department: str, buttons: list[Button] | None = None, **facts: str
) -> None:
    """Tell who reported it, in their own language, and those whose tickets were merged into it."""
    moved = note(session, "ticket", ticket.id, "bot", "told", why=key)
    others = select(Ticket).where(Ticket.merged_into == ticket.id).order_by(Ticket.id)
    for reported in (ticket, *session.scalars(others)):
        conversation = session.get_one(Conversation, reported.conversation_id)
        language = conversation.language
        words = text(key, language, number=reported.number, item=item_or_raise(ticket.item).name(language),
                     department=catalogue().departments[department].name(language), **facts)
        own = buttons if reported is ticket else None
        tell(session, conversation.id, words, f"ticket:{reported.id}:{moved.id}", own)
