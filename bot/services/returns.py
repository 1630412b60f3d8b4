"""退单 as it is decided and counted: how often departments asked, how often they were right."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.ticket import ENDED
from bot.services import assignments
from bot.storage import Assignment, Change, Ticket

APPROVED, REFUSED = "return_approved", "return_refused"


@dataclass(frozen=True)
class Returns:
    """Of one department. `asked` are all, `open` those that nobody has decided yet."""

    approved: int = 0
    refused: int = 0
    open: int = 0

    @property
    def asked(self) -> int:
        return self.approved + self.refused + self.open


def approve(session: Session, number: str, actor: Actor, why: str, department: str = "") -> Ticket:
    """退单通过: the ticket goes to the department that was proposed, or to another one. Raises BadInput without
    either."""
    ticket = assignments.held(session, number, actor)
    proposed = next((a.proposed for a in ticket.assignments if a.role == AssignmentRole.LEAD), "")
    return assignments.dispatch(session, number, actor, department or proposed, why)


def counts(session: Session, since: datetime | None = None) -> Mapping[str, Returns]:
    """By department: decided `since` then, and those that wait now."""
    query = select(Change.after, Change.what, func.count()).where(Change.subject == "ticket",
                                                                  Change.what.in_([APPROVED, REFUSED]))
    if since is not None:
        query = query.where(Change.at >= since)
    decided = {(code, what): n for code, what, n in session.execute(query.group_by(Change.after, Change.what))}
    waiting = _waiting(session)
    codes = {code for code, _ in decided} | set(waiting)
    return {code: Returns(decided.get((code, APPROVED), 0), decided.get((code, REFUSED), 0), waiting[code])
            for code in codes}


def _waiting(session: Session) -> Counter[str]:
    query = (
        select(Assignment.department, func.count()).join(Ticket, Ticket.id == Assignment.ticket_id)
        .where(Assignment.state == AssignmentState.RETURNED, Assignment.role != AssignmentRole.PAST,
               Ticket.state.not_in(ENDED))
        .group_by(Assignment.department)
    )
    return Counter(dict(session.execute(query).tuples().all()))
