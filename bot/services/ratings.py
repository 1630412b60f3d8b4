"""The citizen's verdict: 1 to 5, solved or not; not solved sends the work back."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.handoff import Reason
from bot.domain.rating import Rating, read, reopens
from bot.services import assignments, handoffs, referrals, tickets
from bot.services.history import note
from bot.services.replies import Step, Turn, back, say
from bot.storage import Referral, Ticket, now


def rate(session: Session, turn: Turn) -> Step:
    """A rating by button or in words, for what was named or what last awaits one."""
    rating, target = _read(turn)
    subject = _subject(session, turn.conversation_id, target)
    if subject is None:
        say(session, turn, "rating.nothing")
    elif rating.score is None and rating.solved is None:
        mark = f"T{subject.id}" if isinstance(subject, Ticket) else f"R{subject.id}"
        say(session, turn, "rating.how", buttons=referrals.rating_buttons(mark, turn.language))
    elif isinstance(subject, Ticket):
        _rate_ticket(session, turn, subject, rating)
        return replace(back(turn), draft=replace(turn.draft, comment_on=subject.number if reopens(rating) else ""))
    else:
        _rate_referral(session, turn, subject, rating)
    return back(turn)


def reopen(session: Session, turn: Turn) -> Step:
    """没解决: with a score in the same words it is a rating as well."""
    if not turn.heard.choice and read(turn.heard.text).score and _subject(session, turn.conversation_id, ""):
        return rate(session, turn)
    return tickets.reopen(session, turn)


def settle(session: Session, subject: Ticket | Referral, rating: Rating, words: str, actor: str) -> None:
    """What a verdict does, whoever wrote it down (`actor`): solved closes, not solved sends a ticket back."""
    subject.score = rating.score or subject.score
    subject.solved = not reopens(rating)
    name = "ticket" if isinstance(subject, Ticket) else "referral"
    note(session, name, subject.id, actor, "rated", after=str(rating.score or ""), why=words[:500])
    if isinstance(subject, Referral):
        if subject.state != "closed":
            referrals.close(session, subject, "solved" if subject.solved else "not_solved", actor, now())
    elif reopens(rating):
        assignments.send_back(session, subject, words, actor)
    elif subject.state == "answered":
        assignments.close(session, subject, actor)


def _rate_ticket(session: Session, turn: Turn, ticket: Ticket, rating: Rating) -> None:
    settle(session, ticket, rating, turn.heard.text, "citizen")
    say(session, turn, "rating.reopened" if reopens(rating) else "rating.closed", number=ticket.number)
    if reopens(rating):
        handoffs.request(session, turn.conversation_id, Reason.NOT_SOLVED, turn=turn)


def _rate_referral(session: Session, turn: Turn, referral: Referral, rating: Rating) -> None:
    settle(session, referral, rating, turn.heard.text, "citizen")
    if not referral.solved:
        handoffs.request(session, turn.conversation_id, Reason.NOT_SOLVED, turn=turn)
    key = "rating.thanks" if referral.solved else "rating.sorry"
    say(session, turn, key, buttons=referrals.after_bad(turn, referral))


def _read(turn: Turn) -> tuple[Rating, str]:
    verb, *args = turn.heard.choice.split(":") if turn.heard.choice else [""]
    if verb == "rate" and len(args) == 2 and args[1].isdigit():
        return Rating(int(args[1]), None), args[0]
    if verb in ("unsolved", "solved"):
        return Rating(None, verb == "solved"), args[0] if args else ""
    return read(turn.heard.text), ""


def _subject(session: Session, conversation_id: str, target: str) -> Ticket | Referral | None:
    """What a button names (only the citizen's own), else the newest that awaits a verdict."""
    mine = tickets.of_conversation(session, conversation_id)
    passed_on = list(session.scalars(
        select(Referral).where(Referral.conversation_id == conversation_id).order_by(Referral.id.desc())
    ))
    if target.startswith("T"):
        return next((t for t in mine if f"T{t.id}" == target and t.state in ("answered", "closed")), None)
    if target.startswith("R"):
        return next((r for r in passed_on if f"R{r.id}" == target), None)
    answered = next((t for t in mine if t.state == "answered"), None)
    awaiting = next((r for r in passed_on if r.state in ("asked", "open")), None)
    return answered or awaiting
