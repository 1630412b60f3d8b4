"""Every page with something on it: for the accessibility test and for `make screens`.

A new page is added here once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.config import ROOT
from tests.console.conftest import PASSWORD

OPERATOR, SUPERVISOR, HANDLER, ADMIN, CITIZEN = "wangfang", "zhaoqiang", "zhoujianguo", "chenjing", "citizen"
WORKER = "wangchun"
SECOND_STEP = "yangxue"
"""She signs in with a second factor."""
PROVIDERS = ROOT / "data" / "directory" / "providers.csv"


@dataclass(frozen=True)
class Shown:
    """A page: its name, who looks, where it is ({mine}, {waiting}, {others}, {ticket}, {shared}, {language} are filled
    in) and what is done there. `empty`: nothing has happened yet; `english`: it is shown in English too; `secret`: no picture,
    as what it shows is made anew each time; `past`: five weeks of tickets lie behind it."""

    name: str
    who: str
    path: str
    does: Callable[[Any], None] = lambda page: None
    empty: bool = False
    english: bool = False
    secret: bool = False
    past: bool = False

    @property
    def quiet(self) -> bool:
        """Whether nothing is done there."""
        return self.does is Shown.does


def _key(key: str, then: str) -> Callable[[Any], None]:
    def press(page: Any) -> None:
        page.keyboard.press(key)
        page.wait_for_selector(then)

    return press


def _first_step(page: Any) -> None:
    page.fill("#username", SECOND_STEP)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/console/login/code**")


def _set_up(page: Any) -> None:
    page.fill("#totp-password", PASSWORD)
    page.press("#totp-password", "Enter")
    page.wait_for_url("**/console/me/totp")


def _dry_run(page: Any) -> None:
    changed = PROVIDERS.read_bytes().replace(b"0574-00000001", b"0574-00009999", 1)
    page.check("[name=what][value=directory]")
    page.set_input_files("#files", {"name": "providers.csv", "mimeType": "text/csv", "buffer": changed})
    page.click("form[enctype] button[type=submit]")
    page.wait_for_url("**/exchange/plans/*")


def _moves(page: Any) -> None:
    page.locator("details.more > summary").click()
    page.locator("[data-move=add-part]").locator("xpath=..").locator("summary").click()


def _code(page: Any) -> None:
    page.locator("form[action$=code] button").click()
    page.wait_for_selector(".link-code")


def _answer(page: Any) -> None:
    page.click("[data-accept]")
    page.fill("#answer-text", "已与陈女士联系，摊贩已劝离，盲道恢复畅通。")
    page.check("[name=resolved][value=partly]")
    page.locator("#note").focus()
    page.wait_for_selector("[data-found]:not([hidden])")
    page.evaluate("document.activeElement.blur()")
    page.locator("[data-answer] [type=submit]").scroll_into_view_if_needed()


def _talk(page: Any) -> None:
    page.wait_for_selector("html.ready")
    for words, answer in (("水管堵了", ".card"), ("话务员在吗", ".operator")):
        page.fill("#words", words)
        page.press("#words", "Enter")
        page.wait_for_selector(answer)


PAGES = (
    Shown("chat", CITIZEN, "/?language={language}", _talk),
    Shown("login", "", "/console/login"),
    Shown("login-code", "", "/console/login", _first_step),
    Shown("queue-empty", OPERATOR, "/console/queue", empty=True),
    Shown("queue", OPERATOR, "/console/queue", english=True),
    Shown("conversation-mine", OPERATOR, "/console/conversations/{mine}", english=True),
    Shown("conversation-waiting", OPERATOR, "/console/conversations/{waiting}"),
    Shown("conversation-others", OPERATOR, "/console/conversations/{others}"),
    Shown("keys", OPERATOR, "/console/conversations/{mine}", _key("?", "#help[open]")),
    Shown("ticket-form", OPERATOR, "/console/conversations/{mine}", _key("o", "#ticket-dialog form")),
    Shown("referral-form", OPERATOR, "/console/conversations/{mine}", _key("p", "#referral-dialog form")),
    Shown("transfer", OPERATOR, "/console/conversations/{mine}", _key("t", "dialog[open]")),
    Shown("correct", OPERATOR, "/console/conversations/{mine}", _key("x", "dialog[open]")),
    Shown("calls", OPERATOR, "/console/calls"),
    Shown("call", OPERATOR, "/console/calls", _key("Control+k", "dialog[open]")),
    Shown("supervisor", SUPERVISOR, "/console/supervisor", english=True),
    Shown("tickets", HANDLER, "/console/tickets"),
    Shown("tickets-all", OPERATOR, "/console/tickets"),
    Shown("tickets-narrowed", OPERATOR, "/console/tickets?overdue=1"),
    Shown("tickets-keys", HANDLER, "/console/tickets", _key("?", "#help[open]")),
    Shown("ticket", HANDLER, "/console/tickets/{ticket}", english=True),
    Shown("ticket-answer", HANDLER, "/console/tickets/{ticket}", _answer),
    Shown("ticket-print", HANDLER, "/console/tickets/{ticket}/print"),
    Shown("ticket-shared", HANDLER, "/console/tickets/{shared}"),
    Shown("ticket-shared-print", HANDLER, "/console/tickets/{shared}/print"),
    Shown("ticket-moves", OPERATOR, "/console/tickets/{ticket}", _moves),
    Shown("supervision", SUPERVISOR, "/console/supervision", english=True),
    Shown("supervision-own", HANDLER, "/console/supervision"),
    Shown("grid", WORKER, "/console/grid", english=True),
    Shown("grid-code", WORKER, "/console/grid", _code, secret=True),
    Shown("me", OPERATOR, "/console/me"),
    Shown("me-totp", OPERATOR, "/console/me", _set_up, secret=True),
    Shown("audit", ADMIN, "/console/audit"),
    Shown("nowhere", OPERATOR, "/console/there-is-no-such-page"),
    Shown("admin", ADMIN, "/console/admin/"),
    Shown("admin-providers", ADMIN, "/console/admin/providers/list"),
    Shown("admin-provider", ADMIN, "/console/admin/providers/detail?pk=vendor-unclogging-01"),
    Shown("admin-provider-edit", ADMIN, "/console/admin/providers/edit?pk=vendor-unclogging-01"),
    Shown("admin-accounts", ADMIN, "/console/admin/accounts/list"),
    Shown("admin-units", ADMIN, "/console/admin/units/list"),
    Shown("admin-canned", ADMIN, "/console/admin/canned/list"),
    Shown("admin-calendar", ADMIN, "/console/admin/calendar/list"),
    Shown("admin-settings", ADMIN, "/console/admin/settings"),
    Shown("exchange", ADMIN, "/console/admin/exchange"),
    Shown("exchange-plan", ADMIN, "/console/admin/exchange", _dry_run),
    Shown("webhooks", ADMIN, "/console/admin/webhooks"),
    Shown("reports", SUPERVISOR, "/console/reports?span=days30", english=True, past=True),
    Shown("reports-own", HANDLER, "/console/reports?span=days30", past=True),
    Shown("reports-hot", SUPERVISOR, "/console/reports/hot", past=True),
    Shown("reports-ranking", SUPERVISOR, "/console/reports/ranking", english=True, past=True),
    Shown("reports-bulletin", SUPERVISOR, "/console/reports/bulletin/2026-11-23", english=True, past=True),
    Shown("reports-week", SUPERVISOR, "/console/reports/week/2026-W47", past=True),
    Shown("reports-tickets", SUPERVISOR, "/console/reports/tickets?figure=late&span=days30", past=True),
    Shown("public", "", "/public", english=True, past=True),
)
