"""保密: a citizen asks that nobody be told who it was."""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.contact import wants_confidence
from bot.domain.personal import without_reporter
from bot.services import standing
from bot.services.history import note
from bot.services.replies import Step, Turn, back, say
from bot.services.tickets import named, of_conversation, spoken_of
from bot.storage import Change, Ticket, touch

ONLY_THE_WISH = 20
"""Words longer than this that name a matter are about the matter."""


def heed(session: Session, turn: Turn) -> Step | None:
    """The wish, or its taking back, outside the form's own questions: for the request being put together, else for the
    ticket that was spoken of, else for those in progress. None where the words say nothing of it, or there is none."""
    wish = None if turn.heard.choice else wants_confidence(turn.heard.text)
    if wish is None:
        return None
    if turn.form:
        say(session, turn, "ticket.confidential_soon" if wish else "ticket.not_confidential_soon")
        return back(replace(turn, draft=replace(turn.draft, contact=marked(turn.draft.contact, wish))))
    mine = of_conversation(session, turn.conversation_id)
    going = [t for t in mine if standing.takes_more(session, t)]
    one = named(turn, mine) or spoken_of(session, turn, going)
    if not going or (turn.heard.settled() and len(turn.heard.text) > ONLY_THE_WISH):
        return None  # a new matter, told in confidence: its form takes the wish
    meant = [one] if one else going
    for ticket in meant:
        ticket.confidential = wish
        note(session, "ticket", ticket.id, "citizen", "confidential" if wish else "not_confidential")
    touch(session, "tickets")
    key = "ticket.confidential" if wish else "ticket.not_confidential"
    say(session, turn, key, number="、".join(t.number for t in meant))
    return Step(turn.draft)


def readable_step(ticket: Ticket, change: Change, words: str, actor: Actor) -> str:
    """The same of a step in its story: where the words are a citizen's."""
    theirs = change.actor == "citizen" or change.what == "took_over"
    return readable(ticket, words, actor) if theirs else words


def readable(ticket: Ticket, words: str, actor: Actor) -> str:
    """A citizen's words as the actor may read them: in a confidential ticket departments find nothing in them that
    tells whose they are."""
    if not ticket.confidential or actor.may(Right.SEE_ALL_TICKETS):
        return words
    return without_reporter(words, ticket.contact_name)


def marked(contact: dict[str, Any], wish: bool) -> dict[str, Any]:
    """A draft's contact with the wish; one taken back leaves nothing."""
    rest = {k: v for k, v in contact.items() if k != "confidential"}
    return rest | {"confidential": True} if wish else rest
