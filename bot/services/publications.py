"""Answered questions for everybody: worded anew and released by a supervisor, taken back at any time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.personal import Found, personal_data
from bot.domain.publication import check_may_publish, worded
from bot.domain.ticket import TicketState
from bot.errors import BadInput, HotlineError, NotFound
from bot.services.assignments import find, held
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.history import note
from bot.services.reports.dashboard import category_of
from bot.storage import Publication, Ticket, now, touch

SHOWN = 20


@dataclass(frozen=True)
class Desk:
    """What the ticket's page offers: the publication as it stands, `why_not` it may not be shown (an error's key), and
    words to begin with."""

    shown: Publication | None
    why_not: str
    question: str
    answer: str


@dataclass(frozen=True)
class Page:
    """Some publications, newest first; `older` is the number of the last where there are more."""

    found: list[Publication]
    older: int


def desk(session: Session, number: str, actor: Actor) -> Desk | None:
    """None for whoever may not release."""
    if not actor.may(Right.SUPERVISE):
        return None
    ticket = find(session, number, actor)
    kept = session.scalar(select(Publication).where(Publication.ticket_id == ticket.id))
    try:
        _check(ticket)
        why_not = ""
    except HotlineError as error:
        why_not = error.key
    shown = kept if kept and kept.withdrawn_at is None else None
    return Desk(shown, why_not, kept.question if kept else ticket.description, kept.answer if kept else ticket.answer)


def finds(session: Session, number: str, actor: Actor, words: str) -> list[Found]:
    """What in the words may be personal data; the citizen's own name and number always are."""
    actor.must(Right.SUPERVISE)
    return _finds(find(session, number, actor), words)


def release(session: Session, number: str, actor: Actor, question: str, answer: str,
            cleared: Mapping[str, str]) -> Publication:
    """Show it to everybody from now on. Whatever looks like personal data must be gone, or be `cleared`: {words: the
    reason why they are none}, which is written down. Raises BadInput, Conflict."""
    actor.must(Right.SUPERVISE)
    ticket = held(session, number, actor)
    _check(ticket)
    asked, told = worded(question), worded(answer)
    found = dict.fromkeys(one.words for words in (asked, told) for one in _finds(ticket, words))
    left = [words for words in found if len(cleared.get(words, "").strip()) < 2]
    if left:
        raise BadInput("publication.personal", found="、".join(left))
    shown = session.scalar(select(Publication).where(Publication.ticket_id == ticket.id))
    if shown is None:
        shown = Publication(ticket_id=ticket.id)
        session.add(shown)
    shown.item, shown.department, shown.street = ticket.item, ticket.lead, ticket.street
    shown.question, shown.answer = asked, told
    shown.released_by, shown.released_at, shown.withdrawn_by, shown.withdrawn_at = actor.id, now(), "", None
    why = json.dumps({words: cleared[words] for words in found}, ensure_ascii=False) if found else ""
    note(session, "ticket", ticket.id, actor.id, "published", why=why)
    session.flush()
    touch(session, "tickets")
    return shown


def take_back(session: Session, number: str, actor: Actor, why: str = "") -> None:
    """Show it no longer. Raises NotFound where it is not shown."""
    actor.must(Right.SUPERVISE)
    ticket = held(session, number, actor)
    shown = session.scalar(select(Publication).where(Publication.ticket_id == ticket.id,
                                                     Publication.withdrawn_at.is_(None)))
    if shown is None:
        raise NotFound("publication.not_shown")
    shown.withdrawn_by, shown.withdrawn_at = actor.id, now()
    note(session, "ticket", ticket.id, actor.id, "unpublished", why=why.strip()[:500])
    touch(session, "tickets")


def listed(session: Session, words: str = "", category: str = "", older: int = 0) -> Page:
    """What everybody may read: those with all the words in question or answer, of a category (or department)."""
    query = select(Publication).where(Publication.withdrawn_at.is_(None))
    for word in words.split()[:5]:
        part = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        named = [i.code for i in catalogue().items.values() if word in (i.name_zh, i.name_en)]
        query = query.where(or_(Publication.question.ilike(part, escape="\\"),
                                Publication.answer.ilike(part, escape="\\"), Publication.item.in_(named)))
    if category:
        query = query.where(Publication.item.in_([c for c in catalogue().items if category_of(c) == category]))
    if older:
        query = query.where(Publication.id < older)
    found = list(session.scalars(query.order_by(Publication.id.desc()).limit(SHOWN + 1)))
    return Page(found[:SHOWN], found[SHOWN - 1].id if len(found) > SHOWN else 0)


def used_categories(session: Session) -> list[str]:
    """Those that something is shown of."""
    query = select(Publication.item).where(Publication.withdrawn_at.is_(None)).distinct()
    return sorted({category_of(item) for item in session.scalars(query)})


def _check(ticket: Ticket) -> None:
    check_may_publish(TicketState(ticket.state), ticket.answer, item_or_raise(ticket.item).name_zh,
                      confidential=ticket.confidential, anonymous=ticket.anonymous)


def _finds(ticket: Ticket, words: str) -> list[Found]:
    known = [ticket.contact_name, ticket.contact_phone, ticket.contact_phone.removeprefix("+86"), ticket.number]
    return personal_data(words, tuple(name for name in known if name))
