"""The citizen's verdict: 1 to 5, solved or not, and why not; not solved sends the work back."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.handoff import Reason
from bot.domain.message import Button
from bot.domain.rating import Complaint, Rating, complaint, half, low, may_reopen, read, reopens
from bot.domain.ticket import TicketState
from bot.i18n import text
from bot.services import (
    additions,
    assignments,
    handoffs,
    my_tickets,
    provider_standing,
    referral_followups,
    referrals,
    standing,
    tickets,
)
from bot.services.history import note
from bot.services.replies import Step, Turn, back, say
from bot.services.telling import department_name
from bot.storage import Referral, Ticket, now, touch

AWAITS = (TicketState.ANSWERED, TicketState.CLOSED)


def rate(session: Session, turn: Turn) -> Step:
    """A rating by button or in words, for what was named or what last awaits one; or why it was a bad one."""
    if turn.heard.choice.startswith("why:"):
        return _why(session, turn)
    if turn.heard.choice.startswith("came:"):
        return referral_followups.came(session, turn)
    if (taken := referral_followups.grievance(session, turn)) is not None:
        return taken
    rating, target = _read(turn)
    subject = _subject(session, turn.conversation_id, target)
    if subject is None:
        return _nothing(session, turn, target)
    if rating.score is None and rating.solved is None:
        mark = f"T{subject.id}" if isinstance(subject, Ticket) else f"R{subject.id}"
        say(session, turn, "rating.how", buttons=referrals.rating_buttons(mark, turn.language))
    elif isinstance(subject, Ticket):
        return _rate_ticket(session, turn, subject, rating)
    else:
        _rate_referral(session, turn, subject, rating)
    return back(turn)


def reopen(session: Session, turn: Turn) -> Step:
    """没解决: the last answered or closed ticket goes back; with a score in the same words it is a rating as well."""
    taken = additions.announced(session, turn, going=True) or additions.says_so(session, turn)
    if taken is not None:
        return taken
    if not turn.heard.choice:
        subject = _subject(session, turn.conversation_id, "")
        if read(turn.heard.text).score and subject:
            return rate(session, turn)
    mine = tickets.of_conversation(session, turn.conversation_id)
    one = (tickets.named(turn, mine) or tickets.replied_to(session, turn, mine)
           or next((t for t in mine if t.number == turn.draft.comment_on), None))
    over = [t for t in ([one] if one else mine) if standing.goes_on(session, t).state in AWAITS]
    if over:
        return _send_back(session, turn, over[0], Rating(None, False))
    return my_tickets.not_solved_yet(session, turn, one)


def settle(session: Session, subject: Ticket | Referral, rating: Rating, words: str, actor: str) -> None:
    """What a verdict does, whoever wrote it down (`actor`): solved closes, not solved sends a ticket back. Somebody
    whose ticket was merged judges for themselves: only their "not solved" moves the ticket that goes on."""
    before = provider_standing.stars_of(subject) if isinstance(subject, Referral) else None
    subject.score = rating.score or subject.score
    subject.solved = not reopens(rating)
    if isinstance(subject, Referral):
        note(session, "referral", subject.id, actor, "rated", after=str(rating.score or ""), why=words[:500])
        if subject.state != "closed":
            referrals.close(session, subject, "solved" if subject.solved else "not_solved", actor, now())
        provider_standing.judged(session, subject, before)
        return
    alive = standing.goes_on(session, subject)
    of_whom = "" if alive is subject else f"{subject.number} "
    note(session, "ticket", alive.id, actor, "rated", after=str(rating.score or ""), why=of_whom + words[:500])
    if reopens(rating):
        assignments.send_back(session, alive, words, actor)
    elif alive is subject and alive.state == TicketState.ANSWERED:
        assignments.close(session, alive, actor)


def reason_buttons(ticket: Ticket, language: str) -> list[Button]:
    """What may have been wrong, to press."""
    return [Button(f"why:T{ticket.id}:{kind}", text(f"rating.why_{kind}", language)) for kind in Complaint]


def _rate_ticket(session: Session, turn: Turn, ticket: Ticket, rating: Rating) -> Step:
    if half(rating):
        return _solved_or_not(session, turn, ticket, rating)
    if reopens(rating):
        return _send_back(session, turn, ticket, rating)
    settle(session, ticket, rating, turn.heard.text, "citizen")
    unhappy = low(Rating(ticket.score, True))
    say(session, turn, "rating.closed_unhappy" if unhappy else "rating.closed", number=ticket.number,
        buttons=reason_buttons(ticket, turn.language) if unhappy else [])
    return replace(back(turn), draft=replace(turn.draft, comment_on=ticket.number if unhappy else ""))


def _solved_or_not(session: Session, turn: Turn, ticket: Ticket, rating: Rating) -> Step:
    """A low score alone: is it solved?"""
    ticket.score = rating.score
    note(session, "ticket", standing.goes_on(session, ticket).id, "citizen", "rated", after=str(rating.score),
         why=turn.heard.text[:500])
    say(session, turn, "rating.solved_or_not", number=ticket.number,
        buttons=[Button(f"unsolved:T{ticket.id}", text("button.unsolved", turn.language)),
                 Button(f"solved:T{ticket.id}", text("button.solved", turn.language))])
    return back(turn)


def _send_back(session: Session, turn: Turn, ticket: Ticket, rating: Rating) -> Step:
    """Not solved: back to the department, and why is asked where the words do not say."""
    alive = standing.goes_on(session, ticket)
    if not may_reopen(alive.closed_at, now()):
        my_tickets.offer_once_more(session, turn, ticket)
        return back(turn)
    if alive.state in AWAITS:
        settle(session, ticket, replace(rating, solved=False), turn.heard.text, "citizen")
    said = None if turn.heard.choice else complaint(turn.heard.text)
    if said is not None:
        note(session, "ticket", alive.id, "citizen", "complained", after=said, why=turn.heard.text[:500])
    my_tickets.tell_reopened(session, turn, ticket, [] if said else reason_buttons(ticket, turn.language))
    return replace(back(turn), draft=replace(turn.draft, comment_on=ticket.number))


def _why(session: Session, turn: Turn) -> Step:
    """What was wrong, by button: into the story, for the department to read."""
    _, target, kind = (*turn.heard.choice.split(":"), "", "")[:3]
    ticket = next((t for t in tickets.of_conversation(session, turn.conversation_id) if f"T{t.id}" == target), None)
    if ticket is None or kind not in set(Complaint):
        return _nothing(session, turn, target)
    alive = standing.goes_on(session, ticket)
    note(session, "ticket", alive.id, "citizen", "complained", after=kind, why=text(f"rating.why_{kind}", "zh"))
    touch(session, "tickets")
    say(session, turn, "rating.why_free" if kind == Complaint.OTHER else "rating.why_noted", number=ticket.number,
        department=department_name(alive.lead, turn.language))
    return replace(back(turn), draft=replace(turn.draft, comment_on=ticket.number))


def _nothing(session: Session, turn: Turn, target: str) -> Step:
    mine = tickets.of_conversation(session, turn.conversation_id)
    going = next((t for t in mine if f"T{t.id}" == target), None)
    if going is None:
        say(session, turn, "rating.nothing")
    else:
        say(session, turn, "rating.not_yet", number=going.number)
    return back(turn)


def _rate_referral(session: Session, turn: Turn, referral: Referral, rating: Rating) -> None:
    settle(session, referral, rating, turn.heard.text, "citizen")
    if not referral.solved:
        handoffs.request(session, turn.conversation_id, Reason.NOT_SOLVED, turn=turn)
    key = "rating.thanks" if referral.solved else "rating.sorry"
    say(session, turn, key, buttons=referrals.after_bad(turn, referral))


def _read(turn: Turn) -> tuple[Rating, str]:
    verb, *args = turn.heard.choice.split(":") if turn.heard.choice else [""]
    if verb == "rate" and args:
        return Rating(int(args[1]) if len(args) == 2 and args[1].isdigit() else None, None), args[0]
    if verb in ("unsolved", "solved"):
        return Rating(None, verb == "solved"), args[0] if args else ""
    return read(turn.heard.text), ""


def _subject(session: Session, conversation_id: str, target: str) -> Ticket | Referral | None:
    """What a button names (only the citizen's own), else the newest that awaits a verdict: an answer, a referral, then
    what was closed lately without one."""
    mine = [t for t in tickets.of_conversation(session, conversation_id)
            if standing.goes_on(session, t).state in AWAITS]
    passed_on = list(session.scalars(
        select(Referral).where(Referral.conversation_id == conversation_id).order_by(Referral.id.desc())
    ))
    if target.startswith("T"):
        return next((t for t in mine if f"T{t.id}" == target), None)
    if target.startswith("R"):
        return next((r for r in passed_on if f"R{r.id}" == target), None)
    unjudged = [t for t in mine if t.solved is None or standing.goes_on(session, t).state == TicketState.ANSWERED]
    answered = next((t for t in unjudged if standing.goes_on(session, t).state == TicketState.ANSWERED), None)
    awaiting = next((r for r in passed_on if r.state in ("asked", "open")), None)
    lately = next((t for t in unjudged if may_reopen(standing.goes_on(session, t).closed_at, now())), None)
    return answered or awaiting or lately
