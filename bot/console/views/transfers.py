"""Whom a citizen can be passed on to, and which conversations are the same citizen's."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.people import accounts_by_id, team_names
from bot.console.views.queue import last_words
from bot.domain.presence import Desk, Presence
from bot.i18n import text
from bot.services import kin as kinship
from bot.services import presence
from bot.storage import Conversation, Handoff, Team, now


@dataclass(frozen=True)
class Colleague:
    """`there`: she can be given a citizen now. `presence` and `load` in words."""

    account: int
    name: str
    there: bool
    presence: str
    load: str
    teams: str


@dataclass(frozen=True)
class TeamChoice:
    """A team and how many of it are on duty."""

    code: str
    name: str
    there: int


@dataclass(frozen=True)
class Choice:
    """Everybody a citizen can be passed on to."""

    colleagues: list[Colleague]
    teams: list[TeamChoice]


@dataclass(frozen=True)
class KinRow:
    """An open conversation that may be the same citizen's, and why one thinks so."""

    conversation: str
    name: str
    channel: str
    why: str
    state: str
    last_words: str


def choices(session: Session, handoff: Handoff, language: str) -> Choice:
    """Colleagues other than the holder, the free ones first, and all teams."""
    desks = [d for d in presence.desks(session) if d.account_id != handoff.account_id]
    people, names = accounts_by_id(session, [d.account_id for d in desks]), team_names(session, language)
    desks.sort(key=lambda d: (not d.takes(now()), not _there(d), d.presence is Presence.OFF, d.load / d.capacity))
    on_duty = [d for d in presence.desks(session) if _there(d)]
    return Choice(
        [_colleague(d, people[d.account_id].name, names, language) for d in desks],
        [TeamChoice(t.code, t.name_en if language == "en" and t.name_en else t.name_zh,
                    sum(t.code in d.teams for d in on_duty))
         for t in session.scalars(select(Team).where(Team.removed.is_(False)).order_by(Team.code))],
    )


def kin(session: Session, handoff: Handoff, q: str, language: str) -> list[KinRow]:
    """Open conversations to merge into, the likeliest first."""
    this = session.get_one(Conversation, handoff.conversation_id)
    found = kinship.open_ones(session, this, q)
    said = last_words(session, [k.conversation.id for k in found], language)
    holders = accounts_by_id(session, [k.handoff.account_id for k in found])
    return [
        KinRow(
            k.conversation.id, words.citizen(k.conversation, language),
            words.channel(k.conversation.channel, language), text(f"console.like_{k.like}", language),
            text("console.held_by", language, name=holders[k.handoff.account_id].name)
            if k.handoff.account_id in holders else words.waited(k.handoff.waiting_since, language),
            said.get(k.conversation.id, ""),
        ) for k in found
    ]


def _there(desk: Desk) -> bool:
    return desk.presence is Presence.ON and desk.alive(now())


def _colleague(desk: Desk, name: str, teams: dict[str, str], language: str) -> Colleague:
    state = "gone" if desk.presence is not Presence.OFF and not desk.alive(now()) else desk.presence.value
    key = "console.load_full" if desk.load >= desk.capacity else "console.load"
    return Colleague(
        desk.account_id, name, _there(desk), text(f"console.presence_{state}", language),
        text(key, language, n=desk.load, most=desk.capacity),
        "、".join(sorted(teams[t] for t in desk.teams if t in teams)),
    )
