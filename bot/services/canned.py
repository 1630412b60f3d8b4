"""Canned replies as an operator finds them: those of her team first, filled in from the conversation."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right
from bot.i18n import text
from bot.services.briefs import draft_of
from bot.services.catalogue import catalogue
from bot.services.conversations import open_handoff
from bot.services.tickets import of_conversation
from bot.storage import CannedReply, Conversation, TeamMember

_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Canned:
    """One reply, ready to send but for the gaps left in it: `〔事项〕` and the like, listed in `gaps`."""

    shortcut: str
    title: str
    text: str
    team: str
    gaps: tuple[str, ...] = ()


def replies(session: Session, conversation: Conversation, actor: Actor) -> list[Canned]:
    """Everybody's and her teams', in the citizen's language. Who is in no team finds all of them."""
    actor.must(Right.SEE_CONVERSATIONS)
    handoff = open_handoff(session, conversation.id)
    hers = set(session.scalars(select(TeamMember.team).where(TeamMember.account_id == actor.account_id)))
    first = hers | {handoff.team if handoff else ""} - {""}
    found = session.scalars(select(CannedReply).where(CannedReply.removed.is_(False)).order_by(CannedReply.id))
    wanted = [r for r in found if not r.team or not hers or r.team in first]
    known = _facts(session, conversation, actor)
    return [_filled(r, known, conversation.language)
            for r in sorted(wanted, key=lambda r: (r.team not in first, bool(r.team), r.id))]


def _facts(session: Session, conversation: Conversation, actor: Actor) -> dict[str, str]:
    handoff, draft, language = open_handoff(session, conversation.id), draft_of(conversation), conversation.language
    tickets = of_conversation(session, conversation.id)
    code = (handoff.item if handoff else "") or draft.item or (tickets[0].item if tickets else "")
    item = catalogue().items.get(code)
    department = catalogue().departments.get(item.department) if item else None
    return {
        "citizen": conversation.display_name, "operator": actor.name, "item": item.name(language) if item else "",
        "department": department.name(language) if department else "",
        "hotline": department.hotline if department else "", "number": tickets[0].number if tickets else "",
    }


def _filled(reply: CannedReply, known: dict[str, str], language: str) -> Canned:
    words = reply.text_en if language == "en" and reply.text_en else reply.text_zh
    gaps: list[str] = []

    def fill(match: re.Match[str]) -> str:
        value = known.get(match[1], "")
        if not value:
            gap = text(f"canned.gap_{match[1]}", language) if match[1] in known else match[0]
            gaps.append(gap)
            return gap
        return value

    return Canned(reply.shortcut, reply.title, _VARIABLE.sub(fill, words), reply.team, tuple(dict.fromkeys(gaps)))
