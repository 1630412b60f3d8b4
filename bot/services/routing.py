"""Whose turn it is: offering each waiting citizen to one operator at a time."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.presence import OFFER_LASTS, choose
from bot.services import presence
from bot.services.settings import value
from bot.storage import Handoff, now, touch


def offer(session: Session) -> int:
    """Offer every waiting citizen nobody is being offered, or whose offer lapsed, to one operator. Returns how many."""
    if value(session, "assignment") != "offer":
        return 0
    lapsed = now() - OFFER_LASTS
    waiting = session.scalars(
        select(Handoff).where(Handoff.state == "waiting",
                              or_(Handoff.offered_to.is_(None), Handoff.offered_at < lapsed))
        .order_by(Handoff.priority.desc(), Handoff.waiting_since, Handoff.id)
    ).all()
    offered = sum(_offer_one(session, handoff) for handoff in waiting)
    if offered:
        touch(session, "queue")
    return offered


def _offer_one(session: Session, handoff: Handoff) -> bool:
    before, handoff.offered_to = handoff.offered_to, None
    session.flush()  # her own lapsed offer is no load
    desk = choose(presence.desks(session), handoff.team, now(), not_again=before)
    handoff.offered_to, handoff.offered_at = (desk.account_id, now()) if desk else (None, None)
    session.flush()
    return desk is not None or before is not None
