"""A department's own beginnings of answers."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.domain.calendar import LOCAL
from bot.domain.message import clean_text
from bot.errors import BadInput, NotAllowed, NotFound
from bot.services.catalogue import catalogue
from bot.services.history import note
from bot.storage import AnswerTemplate, Ticket, now

MOST = 100


def of(session: Session, ticket: Ticket, actor: Actor) -> list[AnswerTemplate]:
    """Those that fit a ticket: its item's first, then those for all."""
    query = (
        select(AnswerTemplate).where(AnswerTemplate.department == actor.department, AnswerTemplate.removed.is_(False),
                                     AnswerTemplate.item.in_(["", ticket.item]))
        .order_by(AnswerTemplate.item.desc(), AnswerTemplate.title)
    )
    return list(session.scalars(query))


def filled(template: AnswerTemplate, ticket: Ticket, language: str = "zh") -> str:
    """Its words with {number}, {item}, {place}, {department} and {today} filled in; other braces stay."""
    known = catalogue()
    item, department = known.items.get(ticket.item), known.departments.get(template.department)
    today: datetime = now().astimezone(LOCAL)
    facts = {
        "number": ticket.number, "item": item.name(language) if item else ticket.item,
        "place": str(ticket.place.get("text") or ""), "department": department.name(language) if department else "",
        "today": f"{today.year}年{today.month}月{today.day}日",
    }
    words = template.text
    for name, fact in facts.items():
        words = words.replace(f"{{{name}}}", fact)
    return words


def save(session: Session, actor: Actor, title: str, text: str, item: str = "", template_id: int = 0) -> AnswerTemplate:
    """A new one of the actor's department, or one of its own changed. Raises BadInput."""
    _handler(actor)
    name, _ = clean_text(title, 60)
    words, _ = clean_text(text, 2000)
    if not name or len(words) < 2:
        raise BadInput("template.incomplete")
    if item and item not in catalogue().items:
        raise BadInput("entry.unknown", value=item)
    if template_id:
        made = _own(session, actor, template_id)
        made.title, made.text, made.item = name, words, item
    else:
        count = len(session.scalars(select(AnswerTemplate.id).where(
            AnswerTemplate.department == actor.department, AnswerTemplate.removed.is_(False))).all())
        if count >= MOST:
            raise BadInput("template.too_many", most=MOST)
        made = AnswerTemplate(department=actor.department, item=item, title=name, text=words)
        session.add(made)
        session.flush()
    note(session, "template", made.id, actor.id, "changed" if template_id else "created", why=name)
    return made


def remove(session: Session, actor: Actor, template_id: int) -> None:
    """Offered no more."""
    template = _own(session, actor, template_id)
    template.removed = True
    note(session, "template", template.id, actor.id, "removed", why=template.title)


def _handler(actor: Actor) -> None:
    actor.must(Right.HANDLE_TICKETS)
    if not actor.department:
        raise NotAllowed("access.not_allowed")


def _own(session: Session, actor: Actor, template_id: int) -> AnswerTemplate:
    _handler(actor)
    template = session.get(AnswerTemplate, template_id)
    if template is None or template.removed or template.department != actor.department:
        raise NotFound("template.unknown")
    return template
