"""The tickets behind a figure, found by the very condition that counted them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.domain.access import Actor
from bot.domain.span import Span
from bot.errors import BadInput
from bot.services.catalogue import catalogue
from bot.services.reports.counts import FIGURES, condition, reach_of, reaching
from bot.services.reports.dashboard import GROUPS, category_of
from bot.storage import Assignment, Conversation, Ticket, now

SHOWN = 50


def tickets(
    session: Session, actor: Actor, figure: str, span: Span, department: str = "", group: str = "", key: str = "",
    street: str = "", older: int = 0,
) -> tuple[Sequence[Ticket], int]:
    """(newest first, the last one's id where there are more). `group` and `key` as in the dashboard's tables, of one
    `street` if that is said. Raises BadInput, NotAllowed."""
    if figure not in FIGURES or group not in ("", "category", *GROUPS):
        raise BadInput("report.unknown_figure", figure=figure[:20])
    query = reaching(select(Ticket).where(condition(figure, span.since, span.until, now())),
                     reach_of(actor, department), group == "department")
    if group == "department":
        query = query.where(Assignment.department == key)
    elif group == "channel":
        query = query.join(Conversation, Conversation.id == Ticket.conversation_id).where(Conversation.channel == key)
    elif group == "category":
        known = catalogue()
        query = query.where(Ticket.item.in_([c for c in {**known.gone, **known.items} if category_of(c) == key]))
    elif group:
        query = query.where(getattr(Ticket, group) == key)
    if street:
        query = query.where(Ticket.street == street)
    if older:
        query = query.where(Ticket.id < older)
    found = session.scalars(query.options(selectinload(Ticket.assignments)).order_by(Ticket.id.desc())
                            .limit(SHOWN + 1)).all()
    return found[:SHOWN], found[SHOWN - 1].id if len(found) > SHOWN else 0
