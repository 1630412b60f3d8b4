"""How a ticket stands, as its citizen reads it: what state, whose turn, until when or how late, what can be done."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.message import Button, Card
from bot.domain.rating import may_reopen, verdict
from bot.domain.ticket import DONE, ENDED, GROUPS, NEXT, Outcome, TicketState
from bot.domain.urging import next_urge
from bot.i18n import text
from bot.services.catalogue import item_or_raise
from bot.services.telling import in_charge, verdict_buttons
from bot.services.workdays import special_days, when_in_words
from bot.storage import Change, Clock, Ticket, now

STEPS = ("opened", "accepted", "returned", "waiting_for_citizen", "suspended", "answered", "reopened", "merged",
         "withdrawn", "closed", "urged", "added", "said_again", "extended", "overdue", "supervised", "escalated",
         "rated", "took_over")
"""What is worth telling as a ticket's last step."""
HONEST = (Outcome.OUT_OF_REMIT, Outcome.UNREACHABLE)
"""Outcomes that are said of a closed ticket before what the citizen thought of it."""


def card(session: Session, ticket: Ticket, language: str, title: str = "", buttons: list[Button] | None = None) -> Card:
    """The ticket as a block; `title` stands before its number."""
    item = item_or_raise(ticket.item)
    lines = [text("ticket.line_state", language, state=text(f"state.{ticket.state}", language)),
             turn_line(session, ticket, language), *_deadline(ticket, language), *_last_step(session, ticket, language),
             ticket.description[:80]]
    alive = goes_on(session, ticket)
    if alive.answer and TicketState(alive.state) in DONE | ENDED:  # not one that was sent back
        lines.append(text("ticket.line_answer", language, answer=alive.answer[:200]))
    return Card("ticket", f"{title}{ticket.number} {item.name(language)}", [line for line in lines if line],
                buttons=buttons or [])


def goes_on(session: Session, ticket: Ticket) -> Ticket:
    """The ticket itself, or the one it was merged into."""
    return session.get_one(Ticket, ticket.merged_into) if ticket.merged_into else ticket


def is_open(ticket: Ticket) -> bool:
    """Whether a department, or the hotline, still has to do something about it."""
    return TicketState(ticket.state) in GROUPS["open"]


def takes_more(session: Session, ticket: Ticket) -> bool:
    """Whether something can be added: not to what is over, except a closed one that may still be taken up again."""
    alive = goes_on(session, ticket)
    state = TicketState(alive.state)
    return state not in ENDED or (state == TicketState.CLOSED and may_reopen(alive.closed_at, now()))


def withdrawable(ticket: Ticket) -> bool:
    """Whether its citizen may still take it back."""
    return TicketState.WITHDRAWN in NEXT[TicketState(ticket.state)]


def again(session: Session, ticket: Ticket) -> datetime | None:
    """From when on it may be urged again; None: now."""
    return next_urge(ticket.last_urged_at, now(), special_days(session))


def buttons(session: Session, ticket: Ticket, language: str, which: str = "") -> list[Button]:
    """What its citizen can do as it stands; `which` tells tickets of a list apart."""
    alive = goes_on(session, ticket)
    offered = []
    if is_open(alive) and alive.state != TicketState.WAITING and again(session, alive) is None:
        offered.append("urge")
    if TicketState(alive.state) not in ENDED:
        offered.append("add")
    if withdrawable(ticket):
        offered.append("drop")
    found = [Button(f"{verb}:{ticket.number}", text(f"button.{verb}", language, which=which)) for verb in offered]
    return [*_verdict_buttons(ticket, alive, language, which), *found]


def span(length: timedelta, language: str) -> str:
    """`2 天`, `5 小时`, `20 分钟`."""
    minutes = max(int(length.total_seconds() // 60), 1)
    if minutes >= 24 * 60:
        return text("ticket.days", language, n=minutes // (24 * 60))
    if minutes >= 60:
        return text("ticket.hours", language, n=minutes // 60)
    return text("ticket.minutes", language, n=minutes)


def _verdict_buttons(ticket: Ticket, alive: Ticket, language: str, which: str) -> list[Button]:
    if alive.state == TicketState.ANSWERED and ticket.solved is None:
        if not which:
            return verdict_buttons(ticket, language)
        return [Button(f"rate:T{ticket.id}", text("button.rate", language, which=which)),
                Button(f"unsolved:T{ticket.id}", text("button.unsolved", language) + which)]
    if alive.state != TicketState.CLOSED:
        return []
    if may_reopen(alive.closed_at, now()):
        return [Button(f"unsolved:T{ticket.id}", text("button.unsolved", language) + which)]
    return [Button(f"ticket:{ticket.item}:{ticket.number}", text("button.once_more", language, which=which))]


def turn_line(session: Session, ticket: Ticket, language: str) -> str:
    """Whose turn it is, and what the citizen can do or leave."""
    state, facts = ticket.state, {"department": in_charge(session, ticket, ticket.lead, language)}
    if state == TicketState.WAITING:
        facts["question"] = _why(session, ticket, state)
    elif state == TicketState.SUSPENDED:
        facts |= {"why": _why(session, ticket, state), "until": _until(session, ticket, language)}
    elif state == TicketState.MERGED:
        other = goes_on(session, ticket)
        facts |= {"other": other.number, "state": text(f"state.{other.state}", language)}
    elif state == TicketState.CLOSED:
        state = f"closed_{ticket.outcome if ticket.outcome in HONEST else verdict(ticket.solved)}"
    return text(f"turn.{state}", language, **facts)


def _deadline(ticket: Ticket, language: str) -> list[str]:
    state, due = TicketState(ticket.state), when_in_words(ticket.due_at, language)
    if state in DONE | ENDED:
        return []
    if state in (TicketState.WAITING, TicketState.SUSPENDED):
        return [text("ticket.line_paused", language)]
    late = now() - ticket.due_at
    if late > timedelta():
        return [text("ticket.line_late", language, due=due, span=span(late, language))]
    return [text("ticket.line_due", language, due=due)]


def _last_step(session: Session, ticket: Ticket, language: str) -> list[str]:
    query = select(Change.what, Change.at).where(Change.subject == "ticket", Change.subject_id == str(ticket.id),
                                                 Change.what.in_(STEPS))
    last = session.execute(query.order_by(Change.id.desc()).limit(1)).first()
    if last is None or last.what == "opened":
        return []
    return [text("ticket.line_last", language, when=when_in_words(last.at, language),
                 step=text(f"step.{last.what}", language))]


def _why(session: Session, ticket: Ticket, what: str) -> str:
    query = select(Change.why).where(Change.subject == "ticket", Change.subject_id == str(ticket.id),
                                     Change.what == what)
    return session.scalar(query.order_by(Change.id.desc()).limit(1)) or ""


def _until(session: Session, ticket: Ticket, language: str) -> str:
    query = select(Clock.due_at).where(Clock.subject == "ticket", Clock.subject_id == ticket.id,
                                       Clock.kind == "follow_up", Clock.stopped_at.is_(None))
    due = session.scalar(query)
    return when_in_words(due, language) if due else ""
