"""Teams of operators: which matters they take and who is in them."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, object_session

from bot.domain import entry
from bot.errors import BadInput
from bot.services.upkeep.catalogue import live
from bot.services.upkeep.records import Column, Noun, Problems, Use, Values
from bot.storage import Account, CannedReply, Handoff, Team, TeamMember, touch

TOPIC_TABLES = ("categories", "departments", "life_services", "government_services", "emergencies")
LANGUAGES = ("lang:zh", "lang:en")
SHOWN = 3


class Teams(Noun):
    """`members` are ids of accounts, kept in a table of their own."""

    def values(self, row: Any) -> Values:
        return {c.name: members(row) if c.name == "members" else getattr(row, c.name) for c in self.columns}

    def make(self, session: Session, values: Values) -> Team:
        chosen = values.pop("members")
        team = Team(**values)
        session.add(team)
        session.flush()
        _set_members(session, team.code, chosen)
        return team

    def write(self, session: Session, row: Any, values: Values) -> None:
        if "members" in values:
            _set_members(session, row.code, values.pop("members"))
        super().write(session, row, values)
        touch(session, "queue")

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        problems: Problems = {}
        if row is None and values["code"] and session.get(Team, values["code"]):
            problems["code"] = BadInput("entry.taken", value=values["code"])
        topics = [t for t in values["topics"] or () if t not in LANGUAGES]
        wrong = [t for t in topics if not any(live(session, table, t) for table in TOPIC_TABLES)]
        if "topics" in changed and wrong:
            problems["topics"] = BadInput("entry.unknown", value=", ".join(wrong))
        if "members" in changed:
            known = {str(a.id) for a in at_the_desk(session)}
            strangers = [m for m in values["members"] or () if m not in known]
            if strangers:
                problems["members"] = BadInput("entry.unknown", value=", ".join(strangers))
        return problems

    def uses(self, session: Session, row: Any) -> list[Use]:
        people = session.scalars(select(Account.name).join(TeamMember).where(TeamMember.team == row.code)).all()
        waiting = session.scalars(select(Handoff.id).where(Handoff.team == row.code, Handoff.state == "waiting")).all()
        canned = session.scalars(select(CannedReply.shortcut).where(CannedReply.team == row.code,
                                                                    CannedReply.removed.is_(False))).all()
        return [Use("members", len(people), tuple(people[:SHOWN])), Use("waiting", len(waiting)),
                Use("canned", len(canned), tuple(canned[:SHOWN]))]


def at_the_desk(session: Session) -> list[Account]:
    """Who can be in a team: everybody who takes citizens."""
    query = select(Account).where(Account.role.in_(["operator", "supervisor", "admin"])).order_by(Account.name)
    return list(session.scalars(query))


def members(team: Team) -> list[str]:
    """Ids of the accounts in it, as text. The team must belong to a session."""
    session = object_session(team)
    assert session is not None
    query = select(TeamMember.account_id).where(TeamMember.team == team.code).order_by(TeamMember.account_id)
    return [str(i) for i in session.scalars(query)]


def _set_members(session: Session, team: str, chosen: list[str]) -> None:
    session.execute(delete(TeamMember).where(TeamMember.team == team))
    session.add_all(TeamMember(team=team, account_id=int(i)) for i in chosen)
    session.flush()


TEAMS = Teams("team", Team, (
    Column("code", entry.code(), required=True, fixed=True),
    Column("name_zh", entry.words(40), required=True),
    Column("name_en", entry.words(60)),
    Column("topics", entry.several),
    Column("members", entry.several),
))
