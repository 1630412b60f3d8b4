"""What a message gives an open form, whatever was asked: number, place, time, photos, more on the matter."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.domain.answer import is_question, refuses, says_no_place, says_submit
from bot.domain.contact import looks_like_number, read_contact, wants_confidence
from bot.domain.draft import TICKET_FORM, Draft
from bot.domain.place import CLOSEST, Place, Told, completes, exactness, looks_like_address, merged, only_theirs
from bot.domain.when import When
from bot.i18n import text
from bot.services import confidence, territories
from bot.services.replies import Turn, say

FEWEST = 4
"""Characters from which words say something of the matter."""
ENOUGH_BESIDES = 5
"""Characters besides a place or a time from which they say something of the matter as well."""


@dataclass(frozen=True)
class Absorbed:
    """A draft with what a message brought, and the names of the slots that changed."""

    draft: Draft
    got: frozenset[str]


def absorb(session: Session, turn: Turn, draft: Draft, asked: str = "") -> Absorbed:
    """Take contact, place, time and photos from a message, whatever was asked."""
    got: set[str] = set()
    words = "" if turn.heard.choice else turn.heard.text
    contact = read_contact(words)
    if contact.phone or contact.refused or (contact.name and asked == "contact"):
        known = {**draft.contact, **contact.as_dict()}
        if contact.phone:
            known.pop("refused", None)
        draft = replace(draft, contact=known)
        got.add("contact")
    if (secret := wants_confidence(words)) is not None:
        if secret != draft.reach().confidential:
            say(session, turn, "ticket.confidential_soon" if secret else "ticket.not_confidential_soon")
        draft = replace(draft, contact=confidence.marked(draft.contact, secret))
        got.add("confidential")
    said = turn.heard.entity("time")
    place = _place_in(turn, words, asked == "place")
    if place is not None and (asked != "description" or place.street or not draft.description):
        before = _told_place(draft)
        numbered = completes(place.text)
        number = numbered and (said is None or (exactness(before.text) == CLOSEST and not draft.when))
        if place.known or number or asked == "place" or not (before.text or numbered):  # else a day of the month
            whole = merged(before, place, _told(turn), asked == "place")
            draft = replace(draft, place=whole.as_dict(), duplicate="" if draft.duplicate == "ok" else draft.duplicate)
            got.add("place")
            said = None if number else said
    if said is not None and (not draft.when or asked == "confirmed" or turn.heard.act == "correct"):
        draft = replace(draft, when=When.from_entity(said).as_dict())
        got.add("when")
    if turn.photos:
        draft = replace(draft, photos=(*draft.photos, *turn.photos))
        got.add("photos")
    return Absorbed(draft, frozenset(got))


def more_of_it(turn: Turn, taken: Absorbed, question: str) -> Absorbed:
    """While a number or a place is asked for, words on the matter itself join its description, so do those around a
    place or a time: "昨天十二点还在炒"."""
    words, act = turn.heard.text.strip(), turn.heard.act
    if turn.form != TICKET_FORM or turn.heard.choice or len(words) < FEWEST or looks_like_number(words):
        return taken
    if taken.got:
        known = (taken.draft.where().text, taken.draft.moment().text)
        rest = words.replace(known[0], "").replace(known[1], "").strip(" ，,。.!！在就")
        more = question in ("contact", "place") and taken.got <= {"place", "when"} and len(rest) >= ENOUGH_BESIDES
    else:
        more = question == "contact" or (question == "place" and turn.heard.settled() and not looks_like_address(words))
    if not more or act not in ("request", "inform", "deny"):
        return taken
    if refuses(words, act) or says_submit(words) or is_question(words):
        return taken
    description = "\n".join(part for part in (taken.draft.description, words) if part)
    return Absorbed(replace(taken.draft, description=description), taken.got | {"description"})


def noted(taken: Absorbed, language: str) -> str:
    """What was kept of a message that did not answer the question, so that nobody thinks it went unheard."""
    place = taken.draft.where().text if "place" in taken.got else ""
    return text("form.noted_place", language, place=place) if place else text("form.noted", language)


def _place_in(turn: Turn, words: str, asked: bool) -> Place | None:
    if turn.place:
        return territories.from_location(**{k: turn.place[k] for k in ("lat", "lon")})
    if turn.heard.choice.startswith("place:"):
        return territories.from_code(turn.heard.choice.removeprefix("place:"))
    if not words or says_no_place(words) or (not turn.draft.asked and only_theirs(words)):
        return None
    return territories.from_words(words, asked)


def _told_place(draft: Draft) -> Place:
    """The place so far; the name of a street alone, from its button or a pin, is no description of a place."""
    known = draft.where()
    return replace(known, text="") if known.text == territories.name_of(known.street) else known


def _told(turn: Turn) -> Told:
    return "pin" if turn.place else "button" if turn.heard.choice else "words"
