"""Operators on duty: what they chose, that their consoles still beat, and what happens when one vanishes."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Role
from bot.domain.presence import VANISHED_AFTER, Desk, Presence
from bot.errors import BadInput, NotAllowed
from bot.services import handoffs
from bot.services.history import note
from bot.services.replies import SPOKEN
from bot.storage import Account, Change, Conversation, Handoff, TeamMember, now, touch, transaction

BEAT_AT_MOST = timedelta(seconds=10)
AT_THE_DESK = (Role.OPERATOR.value, Role.SUPERVISOR.value)


@dataclass(frozen=True)
class Standing:
    """How somebody stands. `vanished`: it was the clock that sent her off duty, and `released` is how many citizens
    went back into the queue with that."""

    presence: Presence
    vanished: bool = False
    released: int = 0
    held: int = 0


def choose(session: Session, actor: Actor, wanted: str) -> Presence:
    """On duty, on a break or off, as the operator says. Off gives back whom she holds, a break does not."""
    try:
        presence = Presence(wanted)
    except ValueError as error:
        raise BadInput("presence.unknown", name=wanted) from error
    if actor.role not in AT_THE_DESK:
        raise NotAllowed("access.not_allowed")
    account = session.get_one(Account, actor.account_id)
    if account.presence == presence:
        return presence
    _set(session, account, presence, actor.id)
    account.last_seen_at = now()
    if presence is Presence.OFF:
        handoffs.release_all_of(session, account.id, actor.id)
    return presence


def arrived(session: Session, account: Account) -> None:
    """An operator signs in: she is on duty until she says otherwise. Others choose for themselves."""
    account.last_seen_at = now()
    if account.role == Role.OPERATOR and account.presence != Presence.ON:
        _set(session, account, Presence.ON, f"account:{account.id}")


def left(session: Session, account: Account, by: str = "") -> None:
    """She signs out, or an admin (`by`) ends her work: off duty, whom she holds back into the queue."""
    actor = by or f"account:{account.id}"
    if account.presence != Presence.OFF:
        _set(session, account, Presence.OFF, actor)
    handoffs.release_all_of(session, account.id, actor)


def standing(session: Session, actor: Actor) -> Standing:
    """What she chose, or that her console fell silent. Raises NotAllowed for who is never on duty."""
    if actor.account_id is None or actor.role not in AT_THE_DESK:
        raise NotAllowed("access.not_allowed")
    account = session.get_one(Account, actor.account_id)
    held = session.scalar(select(func.count()).select_from(Handoff)
                          .where(Handoff.account_id == account.id, Handoff.state == "active")) or 0
    last = session.scalar(_sent_off().where(Change.subject_id == str(account.id)).order_by(Change.id.desc()).limit(1))
    if account.presence != Presence.OFF or last is None or last.why != "vanished":
        return Standing(Presence(account.presence), held=held)
    return Standing(Presence.OFF, True, _released_with(session, last))


def _sent_off() -> Select[tuple[Change]]:
    return select(Change).where(Change.subject == "account", Change.what == "presence")


def _released_with(session: Session, change: Change) -> int:
    """The rows after hers and before the next one's who vanished: `requeue_vanished` writes them in that order."""
    following = session.scalar(_sent_off().where(Change.id > change.id, Change.why == "vanished")
                               .order_by(Change.id).limit(1))
    query = select(func.count()).select_from(Change).where(
        Change.subject == "handoff", Change.what == "released", Change.why == "vanished", Change.id > change.id)
    return session.scalar(query.where(Change.id < following.id) if following else query) or 0


def beat(actor: Actor) -> None:
    """The console is open in this browser; noted at most every ten seconds."""
    if actor.account_id is None:
        return
    with transaction() as session:
        session.execute(
            update(Account).where(
                Account.id == actor.account_id,
                or_(Account.last_seen_at.is_(None), Account.last_seen_at < now() - BEAT_AT_MOST))
            .values(last_seen_at=now())
        )


def desks(session: Session) -> list[Desk]:
    """Everybody who could take citizens, with what they hold now."""
    held = select(Handoff.account_id, func.count()).where(Handoff.state == "active").group_by(Handoff.account_id)
    offered = select(Handoff.offered_to, func.count()).where(Handoff.state == "waiting").group_by(Handoff.offered_to)
    load: dict[int | None, int] = {}
    for query in (held, offered):
        for account_id, count in session.execute(query):
            load[account_id] = load.get(account_id, 0) + count
    teams: dict[int, set[str]] = {}
    for team, account_id in session.execute(select(TeamMember.team, TeamMember.account_id)):
        teams.setdefault(account_id, set()).add(team)
    people = select(Account).where(Account.role.in_(AT_THE_DESK), Account.disabled.is_(False)).order_by(Account.id)
    return [
        Desk(a.id, Presence(a.presence), a.last_seen_at, load.get(a.id, 0), max(a.capacity, 1),
             frozenset(teams.get(a.id, ())), a.presence_since)
        for a in session.scalars(people)
    ]


def on_duty(session: Session) -> bool:
    """Whether somebody is there to take citizens."""
    return any(d.presence is Presence.ON and d.alive(now()) for d in desks(session))


def requeue_vanished(session: Session) -> int:
    """Operators whose console fell silent go off duty, and whom they held back into the queue. Returns how many."""
    held = (select(Handoff.account_id).join(Conversation, Conversation.id == Handoff.conversation_id)
            .where(Handoff.state == "active", Conversation.channel.not_in(SPOKEN)))
    gone = session.scalars(
        select(Account).where(
            or_(Account.presence != Presence.OFF.value,
                Account.id.in_(held)),
            or_(Account.last_seen_at.is_(None), Account.last_seen_at < now() - VANISHED_AFTER))
    ).all()
    for account in gone:
        if account.presence != Presence.OFF:
            _set(session, account, Presence.OFF, "clock", "vanished")
        handoffs.release_all_of(session, account.id, "clock", "vanished")
    return len(gone)


def _set(session: Session, account: Account, presence: Presence, actor: str, why: str = "") -> None:
    note(session, "account", account.id, actor, "presence", account.presence, presence.value, why)
    account.presence, account.presence_since = presence.value, now()
    touch(session, "queue")
