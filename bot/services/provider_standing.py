"""What citizens' verdicts do to the providers the hotline names: their rating, and a pause for review."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from bot.domain import standing as rules
from bot.domain.access import Actor, Right
from bot.errors import BadInput, Conflict, NotFound
from bot.services.history import note
from bot.storage import Change, Provider, Referral, now, touch

SUSPENDED = "suspended"


@dataclass(frozen=True)
class Review:
    """A provider that is no longer named, and what citizens said."""

    provider: Provider
    words: list[tuple[datetime, str]]


def judged(session: Session, referral: Referral, before: int | None) -> None:
    """A verdict has been given, or another than `before` (its stars then): the provider's rating follows at once, and
    the third bad one suspends it, once."""
    provider = session.get_one(Provider, referral.provider_id, with_for_update=True)
    then = rules.stars(referral.came, referral.solved, referral.score)
    if then != before:
        provider.rating, provider.rating_count = rules.rated(provider.rating, provider.rating_count, before, then)
    if rules.bad(referral.came, referral.solved, referral.score):
        _suspend_if_due(session, provider)


def stars_of(referral: Referral) -> int | None:
    """What its verdict so far is in stars."""
    return rules.stars(referral.came, referral.solved, referral.score)


def under_review(session: Session) -> list[Review]:
    """Those suspended by bad verdicts, longest first."""
    query = select(Provider).where(Provider.standing == SUSPENDED, Provider.suspended_at.is_not(None))
    return [Review(p, _words(session, p)) for p in session.scalars(query.order_by(Provider.suspended_at))]


def reinstate(session: Session, provider_id: str, actor: Actor, why: str) -> Provider:
    """Named again; what was bad before counts no more. Raises BadInput, Conflict, NotFound."""
    actor.must(Right.SUPERVISE)
    if len(why.strip()) < 2:
        raise BadInput("ticket.no_reason_given")
    if session.get(Provider, provider_id) is None:
        raise NotFound("directory.no_provider")
    won = session.execute(
        update(Provider).where(Provider.id == provider_id, Provider.standing == SUSPENDED)
        .values(standing="active", suspended_at=None, suspended_why="")
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        raise Conflict("directory.not_suspended")
    note(session, "provider", provider_id, actor.id, "reinstated", why=why.strip()[:500])
    touch(session, "tickets")
    return session.get_one(Provider, provider_id, populate_existing=True)


def _suspend_if_due(session: Session, provider: Provider) -> None:
    session.flush()
    since = max(filter(None, [now() - rules.WINDOW, _reinstated_at(session, provider)]))
    citizens = session.scalar(
        select(func.count(Referral.conversation_id.distinct())).where(
            Referral.provider_id == provider.id, Referral.closed_at > since,
            or_(Referral.came.is_(False), Referral.solved.is_(False), Referral.score <= rules.LOW))
    ) or 0
    if citizens < rules.BAD_ENOUGH:
        return
    won = session.execute(
        update(Provider).where(Provider.id == provider.id, Provider.standing != SUSPENDED)
        .values(standing=SUSPENDED, suspended_at=now(), suspended_why=str(citizens))
    )
    if won.rowcount:  # type: ignore[attr-defined]
        note(session, "provider", provider.id, "bot", "suspended", after=str(citizens))
        touch(session, "tickets")


def _reinstated_at(session: Session, provider: Provider) -> datetime | None:
    return session.scalar(select(func.max(Change.at)).where(
        Change.subject == "provider", Change.subject_id == provider.id, Change.what == "reinstated"))


def _words(session: Session, provider: Provider) -> list[tuple[datetime, str]]:
    """What citizens said of it lately, newest first."""
    since = (provider.suspended_at or now()) - rules.WINDOW
    ids = [str(i) for i in session.scalars(select(Referral.id).where(Referral.provider_id == provider.id))]
    query = select(Change.at, Change.why).where(
        Change.subject == "referral", Change.subject_id.in_(ids), Change.what.in_(["rated", "complained"]),
        Change.at > since, Change.why != "").order_by(Change.id.desc()).limit(10)
    return list(session.execute(query).tuples())
