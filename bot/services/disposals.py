"""A department's answer with its disposal form."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain import disposal as rules
from bot.domain.access import Actor
from bot.domain.assignment import AssignmentRole
from bot.domain.disposal import Form
from bot.domain.message import clean_text
from bot.domain.personal import Found, personal_data
from bot.domain.ticket import Outcome, TicketState, check_move
from bot.i18n import text
from bot.services import assignments
from bot.storage import Assignment, Conversation, Disposal, Ticket, now


def answer(session: Session, number: str, actor: Actor, form: Form, without: bool = False) -> Ticket:
    """The lead's: checked, kept, its public words told to the citizen. A co-handler's: `account` goes to the lead.
    `without`: co-handlers are not waited for. Raises BadFields, Conflict."""
    ticket, part = assignments.part_of(session, number, actor)
    cleaned = _cleaned(form)
    if part.role == AssignmentRole.LEAD:
        check_move(TicketState(ticket.state), TicketState.ANSWERED)
        reachable = bool(ticket.contact_phone) and not ticket.confidential
        rules.check(cleaned, ticket.received_at, now(), reachable)
        words, outcome = _public(session, ticket, cleaned), cleaned.outcome.value
    else:
        rules.check_short(cleaned)
        cleaned = Form(resolved=cleaned.resolved, account=cleaned.account)
        words, outcome = cleaned.account, Outcome.EXPLAINED.value
    assignments.answer(session, number, actor, words, outcome, without)
    session.add(Disposal(ticket_id=ticket.id, assignment_id=part.id, by=actor.id, upheld=cleaned.upheld,
                         out_of_remit=cleaned.out_of_remit, contacted_at=cleaned.contacted_at,
                         resolved=cleaned.resolved, unresolved_reason=cleaned.reason, account=cleaned.account,
                         public_answer=words))
    session.flush()
    return ticket


def of_ticket(session: Session, ticket: Ticket) -> list[Disposal]:
    """All that were given, oldest first."""
    return list(session.scalars(select(Disposal).where(Disposal.ticket_id == ticket.id).order_by(Disposal.id)))


def contact_for_print(session: Session, number: str, actor: Actor, why: str) -> Ticket:
    """The ticket with its contact for a sheet of paper, which leaves the house: only for a reason, which is kept."""
    return assignments.look_at_contact(session, number, actor, assignments.worded(why, "ticket.no_look_reason"))


def warned_of(ticket: Ticket, words: str) -> list[Found]:
    """What in an answer may name a person: it is a warning, the citizen reads their own name anyway."""
    return personal_data(words, (ticket.contact_name,) if ticket.contact_name else ())


def earlier(session: Session, ticket: Ticket, limit: int = 5) -> list[str]:
    """How the ticket's lead answered this item before, where citizens said it was solved; without personal data."""
    query = (
        select(Ticket).join(Assignment).where(
            Ticket.item == ticket.item, Ticket.solved.is_(True), Ticket.answer != "", Ticket.id != ticket.id,
            Ticket.confidential.is_(False), Assignment.role == AssignmentRole.LEAD,
            Assignment.department == ticket.lead)
        .order_by(Ticket.answered_at.desc()).limit(30)
    )
    answers = [t.answer for t in session.scalars(query) if not warned_of(t, t.answer)]
    return list(dict.fromkeys(answers))[:limit]


def _public(session: Session, ticket: Ticket, form: Form) -> str:
    """What the citizen reads; out of remit, whose it is comes first, unless the answer says so itself."""
    if not form.out_of_remit or form.reason in form.answer:
        return form.answer
    language = session.get_one(Conversation, ticket.conversation_id).language
    return f"{text('ticket.whose', language, whose=form.reason)}\n{form.answer}"


def _cleaned(form: Form) -> Form:
    reason, account, public = (clean_text(words, rules.LONGEST)[0]
                               for words in (form.reason, form.account, form.answer))
    return replace(form, reason=reason, account=account, answer=public)
