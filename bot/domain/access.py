"""Who may do what. Roles are fixed; a handler belongs to one department, a community worker to a territory."""

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import NotAllowed


class Role(StrEnum):
    OPERATOR = "operator"
    HANDLER = "handler"
    GRID = "grid"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Right(StrEnum):
    TAKE_HANDOFFS = "take_handoffs"
    SEE_CONVERSATIONS = "see_conversations"
    SEE_ALL_TICKETS = "see_all_tickets"
    HANDLE_TICKETS = "handle_tickets"
    DISPATCH_TICKETS = "dispatch_tickets"
    UNDERSTAND = "understand"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_DIRECTORY = "manage_directory"
    SUPERVISE = "supervise"
    SEE_AUDIT = "see_audit"
    WORK_GRID = "work_grid"


_R = Right
_DESK = frozenset({_R.TAKE_HANDOFFS, _R.SEE_CONVERSATIONS, _R.SEE_ALL_TICKETS, _R.DISPATCH_TICKETS, _R.UNDERSTAND})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPERATOR: _DESK,
    Role.HANDLER: frozenset({_R.HANDLE_TICKETS}),
    Role.GRID: frozenset({_R.WORK_GRID}),
    Role.SUPERVISOR: _DESK | {_R.SUPERVISE, _R.SEE_AUDIT},
    Role.ADMIN: frozenset(_R) - {_R.HANDLE_TICKETS, _R.WORK_GRID},
}


@dataclass(frozen=True)
class Actor:
    """Who acts: an account or an API token. `id` is `account:7` or `token:3`. A handler of one `unit` has to do with
    that unit's tickets only."""

    id: str
    name: str
    role: Role
    department: str = ""
    account_id: int | None = None
    unit: str = ""

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def must(self, right: Right) -> None:
        """Raise NotAllowed without that right."""
        if not self.may(right):
            raise NotAllowed("access.not_allowed")


def may_see_ticket(actor: Actor, parts: set[tuple[str, str]]) -> bool:
    """All tickets, or those in which the actor's department, and unit if there is one, has a part. `parts` are
    (department, unit)."""
    if actor.may(Right.SEE_ALL_TICKETS):
        return True
    return any(actor.department == department and actor.unit in ("", unit) for department, unit in parts if department)
