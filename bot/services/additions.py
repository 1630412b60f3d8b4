"""What a citizen adds to a ticket that is there: words, photos, places, at once or by saying so first."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from bot.domain.draft import Draft
from bot.domain.message import Button, clean_text
from bot.domain.ticket import TicketState
from bot.domain.ticket_words import adds, only_says_so
from bot.i18n import text
from bot.services import parts, standing, ticket_moves
from bot.services.catalogue import item_or_raise
from bot.services.grid_tasks import REPORTS
from bot.services.history import note
from bot.services.replies import Step, Turn, back, say
from bot.services.telling import by_when, department_name
from bot.services.tickets import attach, named, of_conversation, replied_to, spoken_of
from bot.storage import Change, Ticket, touch

SURELY_ANOTHER = 0.85
"""From this confidence on, words are a new need, whatever they were asked for."""
WHICH = "?"
"""Stands for the ticket in `draft.comment_on` while the citizen is asked which one is meant."""
LONGEST = 1000
NEWS = ("added", "said_again", "complained")
"""What a citizen does to a ticket that its department should look at."""


def take(session: Session, turn: Turn) -> Step | None:
    """A message that is for a ticket: what a department has asked for, what was announced, or says itself that it adds
    something. None where it is something else."""
    if turn.form or (turn.heard.choice and turn.heard.choice != "new"):
        return None
    if turn.heard.choice == "new":
        return _another_matter(session, turn)
    if supplement(session, turn):
        return Step(turn.draft)
    return _replied(session, turn) or announced(session, turn) or says_so(session, turn) or _photo(session, turn)


def supplement(session: Session, turn: Turn) -> bool:
    """What a department has asked for: the citizen's next words, place or photo join the ticket that waits for them,
    and it goes on. False where none waits, or something else was plainly meant."""
    if turn.heard.choice or turn.form:
        return False
    waits = [t for t in _mine(session, turn) if standing.goes_on(session, t).state == TicketState.WAITING]
    waits = [t for t in waits if not _another(turn, t)]
    ticket = (named(turn, waits) or spoken_of(session, turn, waits) or waits[0]) if waits else None
    if ticket is None:
        return False
    add(session, turn, ticket, _words(turn))
    return True


def says_so(session: Session, turn: Turn) -> Step | None:
    """补充一下: with what is to be added, or before it. None where the words do not say so, or there is no ticket."""
    if turn.form or turn.heard.choice or not adds(turn.heard.text):
        return None
    mine = _open_to_more(session, turn)
    if not mine:
        return None
    ticket = named(turn, mine) or spoken_of(session, turn, mine)
    if only_says_so(turn.heard.text) and not turn.photos:
        if ticket is None:
            return _which(session, turn, mine, turn.draft)
        return asked_for(session, replace(turn, heard=replace(turn.heard, choice=f"add:{ticket.number}")))
    return _add_or_ask(session, turn, ticket, mine)


def announced(session: Session, turn: Turn, going: bool = False) -> Step | None:
    """What follows "I want to add something", or "tell us how it is now"; with `going` only to a ticket in progress."""
    number = turn.draft.comment_on
    if turn.form or turn.heard.choice or not number or number == WHICH:
        return None
    ticket = next((t for t in _mine(session, turn) if t.number == number), None)
    if ticket is None or _another(turn, ticket) or not standing.takes_more(session, ticket):
        return None
    if going and not standing.is_open(standing.goes_on(session, ticket)):
        return None
    add(session, turn, ticket, _words(turn))
    return Step(replace(turn.draft, comment_on=""))


def asked_for(session: Session, turn: Turn) -> Step:
    """The button "add": what was said already joins the ticket, else it is asked for."""
    mine = _mine(session, turn)
    ticket = named(turn, mine)
    draft = turn.draft
    if ticket is None or not standing.takes_more(session, ticket):
        say(session, turn, "ticket.over")
        return back(turn)
    if draft.comment_on == WHICH:
        add(session, turn, ticket, draft.description or "photo", draft.photos)
        return Step(replace(draft, comment_on="", description="", photos=()))
    say(session, turn, "ticket.add_what", number=ticket.number, item=item_or_raise(ticket.item).name(turn.language))
    return Step(replace(draft, comment_on=ticket.number))


def add(session: Session, turn: Turn, ticket: Ticket, words: str, photos: tuple[int, ...] = ()) -> None:
    """Words and photos join a ticket, or the one it was merged into; the department sees them as new. One that waited
    for them goes on; after the answer it is asked whether that means "not solved"."""
    alive = standing.goes_on(session, ticket)
    attach(session, alive, [*photos, *turn.photos], turn.conversation_id)
    note(session, "ticket", alive.id, "citizen", "added", why=clean_text(words, LONGEST)[0])
    if turn.place and alive is ticket:
        parts.moved_to(session, ticket, turn.place)
    touch(session, "tickets")
    if ticket_moves.supplied(session, alive):
        say(session, turn, "ticket.supplied", number=ticket.number, by=by_when(alive, turn.language),
            department=department_name(alive.lead, turn.language))
    elif standing.is_open(alive):
        say(session, turn, "ticket.added", number=ticket.number)
    else:
        say(session, turn, "ticket.added_after", number=ticket.number,
            buttons=[Button(f"unsolved:T{ticket.id}", text("button.unsolved", turn.language))])


def news(session: Session, tickets: Collection[int]) -> set[int]:
    """Those of these tickets to which a citizen has added something, or a community worker has reported, since other
    staff last did anything with them."""
    keys = [str(number) for number in tickets]
    said = or_(and_(Change.actor == "citizen", Change.what.in_(NEWS)), Change.what.in_(REPORTS))
    staff = and_(or_(Change.actor.like("account:%"), Change.actor.like("token:%")), Change.what.not_in(REPORTS))
    theirs, ours = (func.max(case((which, Change.id), else_=0)) for which in (said, staff))
    query = (select(Change.subject_id).where(Change.subject == "ticket", Change.subject_id.in_(keys))
             .group_by(Change.subject_id).having(theirs > ours))
    return {int(key) for key in session.scalars(query)} if keys else set()


def _replied(session: Session, turn: Turn) -> Step | None:
    """A reply to what was said of a ticket."""
    ticket = replied_to(session, turn, _open_to_more(session, turn))
    if ticket is None or _another(turn, ticket):
        return None
    add(session, turn, ticket, _words(turn))
    return Step(replace(turn.draft, comment_on=""))


def _photo(session: Session, turn: Turn) -> Step | None:
    """A photo by itself: for the ticket that was just spoken of, else it is asked."""
    mine = _open_to_more(session, turn) if turn.photos and not turn.heard.settled() else []
    if not mine:
        return None
    recently = spoken_of(session, turn, mine) if len(mine) > 1 else mine[0]
    return _add_or_ask(session, turn, named(turn, mine) or recently, mine)


def _add_or_ask(session: Session, turn: Turn, ticket: Ticket | None, mine: list[Ticket]) -> Step:
    if ticket is None:
        return _which(session, turn, mine, replace(turn.draft, comment_on=WHICH, description=_words(turn),
                                                   photos=turn.photos))
    add(session, turn, ticket, _words(turn))
    return Step(replace(turn.draft, comment_on=""))


def _which(session: Session, turn: Turn, mine: list[Ticket], then: Draft) -> Step:
    offered = [Button(f"add:{t.number}", text("button.add_one", turn.language, number=t.number,
                                              item=item_or_raise(t.item).name(turn.language))) for t in mine[:5]]
    say(session, turn, "ticket.add_which", buttons=[*offered, Button("new", text("button.new_matter", turn.language))])
    return Step(then)


def _another_matter(session: Session, turn: Turn) -> Step:
    """None of the tickets: what was sent is kept for the matter that is told next."""
    say(session, turn, "inform.kept")
    return Step(replace(turn.draft, comment_on="", item=""))


def _another(turn: Turn, ticket: Ticket) -> bool:
    """Whether the words are surely on another matter than the ticket's: the same again is more of it."""
    sure = turn.heard.settled() and turn.heard.confidence >= SURELY_ANOTHER
    return sure and turn.heard.best != ticket.item


def _words(turn: Turn) -> str:
    where = f"{turn.place['lat']:.5f}, {turn.place['lon']:.5f}" if turn.place else ""
    return turn.heard.text[:LONGEST] or where or "photo"


def _mine(session: Session, turn: Turn) -> list[Ticket]:
    return of_conversation(session, turn.conversation_id)


def _open_to_more(session: Session, turn: Turn) -> list[Ticket]:
    """Those not over; where there are none, what was closed lately."""
    more = [t for t in _mine(session, turn) if standing.takes_more(session, t)]
    going = [t for t in more if standing.goes_on(session, t).state != TicketState.CLOSED]
    return going or more
