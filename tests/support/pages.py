"""Every console page with something on it: for the accessibility test and for `make screens`.

A new page is added here once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OPERATOR, SUPERVISOR, HANDLER, ADMIN = "wangfang", "zhaoqiang", "zhoujianguo", "chenjing"


@dataclass(frozen=True)
class Shown:
    """A page: its name, who looks, where it is ({mine}, {waiting}, {ticket} are filled in) and what is done there."""

    name: str
    who: str
    path: str
    does: Callable[[Any], None] = lambda page: None


def _key(key: str, then: str) -> Callable[[Any], None]:
    def press(page: Any) -> None:
        page.wait_for_selector("#link-state[data-state=live]")
        page.keyboard.press(key)
        page.wait_for_selector(then)

    return press


PAGES = (
    Shown("login", "", "/console/login"),
    Shown("queue", OPERATOR, "/console/queue"),
    Shown("conversation-mine", OPERATOR, "/console/conversations/{mine}"),
    Shown("conversation-waiting", OPERATOR, "/console/conversations/{waiting}"),
    Shown("keys", OPERATOR, "/console/conversations/{mine}", _key("?", "#help[open]")),
    Shown("ticket-form", OPERATOR, "/console/conversations/{mine}", _key("o", "#ticket-dialog form")),
    Shown("referral-form", OPERATOR, "/console/conversations/{mine}", _key("p", "#referral-dialog form")),
    Shown("transfer", OPERATOR, "/console/conversations/{mine}", _key("t", "dialog[open]")),
    Shown("correct", OPERATOR, "/console/conversations/{mine}", _key("x", "dialog[open]")),
    Shown("calls", OPERATOR, "/console/calls"),
    Shown("call", OPERATOR, "/console/calls", _key("Control+k", "dialog[open]")),
    Shown("supervisor", SUPERVISOR, "/console/supervisor"),
    Shown("tickets", HANDLER, "/console/tickets"),
    Shown("ticket", HANDLER, "/console/tickets/{ticket}"),
    Shown("me", OPERATOR, "/console/me"),
    Shown("audit", ADMIN, "/console/audit"),
    Shown("nowhere", OPERATOR, "/console/there-is-no-such-page"),
    Shown("admin", ADMIN, "/console/admin/"),
    Shown("admin-providers", ADMIN, "/console/admin/providers/list"),
    Shown("admin-accounts", ADMIN, "/console/admin/accounts/list"),
    Shown("admin-settings", ADMIN, "/console/admin/settings"),
    Shown("exchange", ADMIN, "/console/admin/exchange"),
)
