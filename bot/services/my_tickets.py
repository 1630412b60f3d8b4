"""Tickets as their citizen has them: how they stand, urging, sending one back, taking one back."""

from typing import Any

from sqlalchemy.orm import Session

from bot.domain.calendar import LOCAL
from bot.domain.handoff import Reason
from bot.domain.message import Button
from bot.domain.rating import REOPEN_WITHIN
from bot.domain.ticket import TicketState, check_number
from bot.domain.ticket_words import numbers, takes_back
from bot.i18n import text
from bot.services import additions, calling, handoffs, standing, ticket_moves
from bot.services.assignments import CALL_AFTER
from bot.services.catalogue import item_or_raise
from bot.services.history import note
from bot.services.replies import Step, Turn, back, say
from bot.services.telling import by_when, department_name, tell_citizen
from bot.services.tickets import named, of_conversation, replied_to, spoken_of
from bot.services.workdays import day_in_words
from bot.storage import Ticket, now, touch

PAGE = 5
FIRST = (TicketState.WAITING, TicketState.ANSWERED)
"""What waits for the citizen comes first."""


def status(session: Session, turn: Turn) -> Step:
    """How the citizen's own tickets stand: the one named, else five, those still open first. Nobody else's, whatever is
    named."""
    if turn.heard.choice.startswith("add:"):
        return additions.asked_for(session, turn)
    if (taken := additions.says_so(session, turn)) is not None:
        return taken
    mine = in_order(session, of_conversation(session, turn.conversation_id))
    one = named(turn, mine) or replied_to(session, turn, mine)
    if one is None and (said := numbers(turn.heard.text)):
        say(session, turn, "ticket.not_yours" if all(map(check_number, said)) else "ticket.typing_error")
    elif not mine:
        say(session, turn, "ticket.none")
    elif one is not None or len(mine) == 1:
        _show_one(session, turn, one or mine[0])
    else:
        _show_page(session, turn, mine, _page_of(turn.heard.choice))
    return back(turn)


def in_order(session: Session, tickets: list[Ticket]) -> list[Ticket]:
    """Those that wait for the citizen, those in progress, those that are over; the newest first."""
    def place(ticket: Ticket) -> int:
        alive = standing.goes_on(session, ticket)
        return 0 if alive.state in FIRST else 1 if standing.is_open(alive) else 2
    return sorted(tickets, key=place)


def _page_of(choice: str) -> int:
    verb, _, begin = choice.partition(":")
    return int(begin) if verb == "status" and begin.isdigit() else 0


def _show_one(session: Session, turn: Turn, ticket: Ticket) -> None:
    shown = standing.card(session, ticket, turn.language)
    say(session, turn, "ticket.status_one", cards=[shown], buttons=standing.buttons(session, ticket, turn.language))


def _show_page(session: Session, turn: Turn, mine: list[Ticket], begin: int) -> None:
    cards = []
    for place, ticket in enumerate(mine[begin:begin + PAGE], start=begin + 1):
        which = text("button.which", turn.language, n=place)
        cards.append(standing.card(session, ticket, turn.language, title=f"{place}. ",
                                   buttons=standing.buttons(session, ticket, turn.language, which)))
    left = len(mine) - begin - PAGE
    more = [Button(f"status:{begin + PAGE}", text("button.more_tickets", turn.language, n=left))] if left > 0 else []
    say(session, turn, "ticket.status", cards=cards, buttons=more, n=len(mine))


def urge(session: Session, turn: Turn) -> Step:
    """催办: once on each working day, shown to the department and, once it is late, to who supervises."""
    mine = of_conversation(session, turn.conversation_id)
    going = [t for t in mine if standing.is_open(standing.goes_on(session, t))]
    ticket = named(turn, mine) or spoken_of(session, turn, going)
    if handoffs.waiting(session, turn.conversation_id) and not turn.heard.choice:
        handoffs.tell_waiting(session, turn)
    elif ticket is not None:
        _urge(session, turn, ticket)
    elif not going:
        say(session, turn, "ticket.none_open")
    else:
        say(session, turn, "ticket.urge_which", buttons=_choose("urge", going, turn.language))
    return back(turn)


def _urge(session: Session, turn: Turn, ticket: Ticket) -> None:
    """A merged ticket hands it on to the one that goes on, which is urged once a day whoever urges."""
    alive, language = standing.goes_on(session, ticket), turn.language
    lead = department_name(alive.lead if alive.state != TicketState.RETURNED else "", language)
    facts: dict[str, Any] = {"number": ticket.number, "department": lead, "by": by_when(alive, language)}
    if not standing.is_open(alive) or alive.state in (TicketState.WAITING, TicketState.SUSPENDED):
        _show_one(session, turn, ticket)
    elif (again := standing.again(session, alive)) is not None and alive.last_urged_at is not None:
        passed_on = alive.last_urged_at.astimezone(LOCAL)
        say(session, turn, "ticket.urged_already", when=f"{day_in_words(passed_on, language)} {passed_on:%H:%M}",
            again=day_in_words(again, language), cards=[standing.card(session, ticket, language)], **facts)
    else:
        late = "late" if alive.due_at < now() else ""
        alive.urged, alive.last_urged_at = alive.urged + 1, now()
        note(session, "ticket", alive.id, "citizen", "urged", after=late, why=turn.heard.text[:200])
        touch(session, "tickets")
        shown = standing.card(session, ticket, language)
        say(session, turn, "ticket.urged_late" if late else "ticket.urged", cards=[shown], **facts)


def not_solved_yet(session: Session, turn: Turn, one: Ticket | None) -> Step:
    """没解决 where nothing is answered yet: the words join the ticket that is meant."""
    mine = of_conversation(session, turn.conversation_id)
    going = one or next((t for t in mine if standing.is_open(standing.goes_on(session, t))), None)
    if going is not None and standing.takes_more(session, going):
        additions.add(session, turn, going, turn.heard.text)
    else:
        say(session, turn, "ticket.none_open" if mine else "ticket.none")
    return back(turn)


def offer_once_more(session: Session, turn: Turn, ticket: Ticket) -> None:
    """Closed too long ago to be taken up again: a new ticket that refers to it."""
    say(session, turn, "ticket.too_late", number=ticket.number, days=REOPEN_WITHIN.days,
        buttons=[Button(f"ticket:{ticket.item}:{ticket.number}", text("button.once_more", turn.language, which=""))])


def tell_reopened(session: Session, turn: Turn, ticket: Ticket, reasons: list[Button]) -> None:
    """It has gone back, with the clocks from the beginning; the second time a person calls as well. Who else reported
    it is told too. `reasons` are put as a question."""
    alive, language = standing.goes_on(session, ticket), turn.language
    tell_citizen(session, alive, "ticket.reopened_by_other", alive.lead, skip=turn.conversation_id)
    ask = text("rating.why" if reasons else "rating.tell_more", language)
    facts: dict[str, Any] = {"number": ticket.number, "department": department_name(alive.lead, language),
                             "by": by_when(alive, language), "ask": ask}
    if alive.reopened >= CALL_AFTER:
        handoffs.request(session, turn.conversation_id, Reason.NOT_SOLVED, turn=turn)
        say(session, turn, "ticket.reopened_call", buttons=reasons,
            call=calling.promise(session, ticket, language), **facts)
    else:
        say(session, turn, "ticket.reopened", buttons=reasons, **facts)


def withdraw(session: Session, turn: Turn) -> Step:
    """撤回, by the button that was offered: the citizen wants nothing more of it."""
    ticket = named(turn, of_conversation(session, turn.conversation_id))
    if ticket is None or not standing.withdrawable(ticket):
        say(session, turn, "ticket.cannot_withdraw")
    else:
        ticket_moves.withdraw(session, ticket, "citizen")
        say(session, turn, "ticket.withdrawn", number=ticket.number,
            item=item_or_raise(ticket.item).name(turn.language))
    return back(turn)


def offer_withdrawal(session: Session, turn: Turn) -> bool:
    """Words, or the button, that take a ticket back: which one, and a button to mean it. False where they say something
    else."""
    pressed = turn.heard.choice.startswith("drop:")
    if not pressed and not takes_back(turn.heard.text):
        return False
    mine = [t for t in of_conversation(session, turn.conversation_id) if standing.withdrawable(t)]
    one = named(turn, mine)
    if not mine or (pressed and one is None):
        return False
    offered = _choose("withdraw", [one] if one else mine, turn.language)
    say(session, turn, "ticket.withdraw_which", buttons=offered[:PAGE])
    return True


def _choose(verb: str, tickets: list[Ticket], language: str) -> list[Button]:
    """One button per ticket, by its matter and number."""
    return [Button(f"{verb}:{t.number}", text(f"button.{verb}_one", language, number=t.number,
                                              item=item_or_raise(t.item).name(language))) for t in tickets]
