"""Telling citizens how their ticket goes on: all who reported it, each in their own language, nobody woken for it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain import quiet
from bot.domain.clock import AROUND_THE_CLOCK_HOURS
from bot.domain.message import Button
from bot.domain.setting import span
from bot.i18n import text
from bot.services import files, units
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.history import note
from bot.services.referrals import rating_buttons
from bot.services.replies import spoken, tell
from bot.services.settings import value
from bot.services.workdays import when_in_words
from bot.storage import Attachment, Conversation, Message, Ticket, now
from bot.storage.session import anew, once

Buttons = Callable[[Ticket, str], list[Button]]
"""Buttons for one reporter, of their own ticket and in their own language."""
PDF = "application/pdf"
FOR_CITIZENS = ("image/jpeg", "image/png", "image/webp", PDF)
"""What every phone opens."""
KINDS = {PDF: "document"}
"""Kinds of message that are not pictures."""
WHOSE = frozenset({"ticket.accepted", "ticket.redispatched", "ticket.resumed", "ticket.merged"})
"""News of who works on it now: these name the unit as well."""


def tell_citizen(
    session: Session, ticket: Ticket, key: str, department: str, buttons: Buttons | None = None, skip: str = "",
    judged: bool = True, **facts: str | datetime,
) -> None:
    """Tell who reported it, and those whose tickets were merged into it; not the conversation `skip`, which knows, nor,
    without `judged`, those who have said whether it is solved. The
    text may use {number}, {item}, {department}, {due} and {by}, which is the whole sentence on the deadline; an instant
    among the facts is put into words in each reader's language."""
    moved = note(session, "ticket", ticket.id, "bot", "told", why=key)
    session.flush()
    later = _not_before(session, ticket)
    for reported in reporters(session, ticket):
        conversation = session.get_one(Conversation, reported.conversation_id)
        if conversation.id == skip or (reported.solved is not None and not judged):
            continue
        language = conversation.language
        whose = (in_charge(session, ticket, department, language) if key in WHOSE
                 else department_name(department, language))
        words = text(key, language, **_facts(ticket, reported, whose, language, facts))
        tell(session, conversation.id, words, f"ticket:{reported.id}:{moved.id}",
             buttons(reported, language) if buttons else None, not_before=later)


def ask_anew(session: Session, ticket: Ticket) -> None:
    """A new answer wants a new verdict of everybody; what they said of the last one stays in the story."""
    for reported in reporters(session, ticket):
        reported.score = reported.solved = None


def send_files(session: Session, ticket: Ticket) -> None:
    """What a department has put to its answer, pictures and PDFs, to everybody who reported the ticket; each once."""
    query = select(Attachment).where(Attachment.ticket_id == ticket.id, Attachment.by != "citizen",
                                     Attachment.internal.is_(False), Attachment.media_type.in_(FOR_CITIZENS))
    later = _not_before(session, ticket)
    for file in session.scalars(query.order_by(Attachment.id)).all():
        for reported in reporters(session, ticket):
            _send(session, reported, file, later)


def verdict_buttons(ticket: Ticket, language: str) -> list[Button]:
    """Five stars, and "not solved"."""
    return rating_buttons(f"T{ticket.id}", language)


def reporters(session: Session, ticket: Ticket) -> list[Ticket]:
    """The ticket and those that were merged into it: one for each time it was reported."""
    others = select(Ticket).where(Ticket.merged_into == ticket.id).order_by(Ticket.id)
    return [ticket, *once(session, f"reporters:{ticket.id}", lambda: list(session.scalars(others)))]


def reported_anew(session: Session, *tickets: Ticket) -> None:
    """In this transaction others have come to be reporters of them."""
    for ticket in tickets:
        anew(session, f"reporters:{ticket.id}")


def urgent(ticket: Ticket) -> bool:
    """An open manhole, a road under water: news of it is told by night as well."""
    return item_or_raise(ticket.item).sla_hours <= AROUND_THE_CLOCK_HOURS


def by_when(ticket: Ticket, language: str) -> str:
    """The deadline as a sentence; honest where it has passed."""
    key = "ticket.by" if ticket.due_at > now() else "ticket.late"
    return text(key, language, due=when_in_words(ticket.due_at, language))


def department_name(code: str, language: str) -> str:
    """As citizens know it."""
    department = catalogue().departments.get(code)
    return department.name(language) if department else text("ticket.desk", language)


def in_charge(session: Session, ticket: Ticket, department: str, language: str) -> str:
    """The department, with its unit for the place where there is one."""
    name = department_name(department, language)
    code = next((a.unit for a in ticket.assignments if a.department == department), "")
    unit = units.name(session, code, language)
    return text("ticket.department_unit", language, department=name, unit=unit) if unit else name


def _not_before(session: Session, ticket: Ticket) -> datetime | None:
    return None if urgent(ticket) else by_day(session)


def by_day(session: Session) -> datetime | None:
    """The morning, by night; None where news may be told now."""
    return quiet.until(now(), span(value(session, "news_hours")))


def _facts(
    ticket: Ticket, reported: Ticket, department: str, language: str, more: dict[str, str | datetime]
) -> dict[str, Any]:
    said = {name: when_in_words(fact, language) if isinstance(fact, datetime) else fact for name, fact in more.items()}
    return {"number": reported.number, "item": item_or_raise(ticket.item).name(language),
            "department": department, "due": when_in_words(ticket.due_at, language),
            "by": by_when(ticket, language), **said}


def _send(session: Session, reported: Ticket, file: Attachment, later: datetime | None) -> None:
    """Once. A reporter of another conversation gets a copy: files are shown, and deleted, within their conversation."""
    conversation, said = reported.conversation_id, f"photo:{reported.id}:{file.id}"
    known = select(Message.id).where(Message.conversation_id == conversation, Message.reply_key == said)
    if spoken(session, conversation) or session.scalar(known) is not None or not files.path_of(file).is_file():
        return
    key = file.key
    if file.conversation_id != conversation:
        path = files.path_of(file)
        kept = files.Kept(path.read_bytes(), file.media_type, path.suffix[1:])
        key = files.store(session, conversation, kept, file.name)
    language, kind = session.get_one(Conversation, conversation).language, KINDS.get(file.media_type, "photo")
    facts = {"name": file.name, "size": file.size} if kind == "document" else {}
    tell(session, conversation, text(f"ticket.{kind}", language, number=reported.number), said, kind=kind,
         payload={"attachment": key, **facts}, not_before=later)
