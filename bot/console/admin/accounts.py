"""Accounts: made with a password that is shown once, changed, disabled; a new password; the second factor reset."""

from typing import Any, ClassVar

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import CustomView, route
from starlette_admin.actions import link_row_action, row_action
from starlette_admin.fields import BooleanField
from starlette_admin.flash import flash
from starlette_admin.i18n import get_locale

from bot.console.admin import choices
from bot.console.admin.base import Table
from bot.console.admin.fields import choice, line, tick
from bot.console.admin.words import later, t
from bot.console.words import stamp
from bot.domain.access import Right, Role
from bot.services.upkeep import accounts as upkeep
from bot.storage import Account, transaction


def _last_seen(request: Request, account: Account) -> str:
    return stamp(account.last_seen_at, get_locale()) if account.last_seen_at else ""


def _out(name: str, **more: Any) -> Any:
    return line(name, read_only=True, exclude_from_create=True, exclude_from_edit=True, **more)


class AccountsView(Table):
    key = "accounts"
    noun = upkeep.ACCOUNTS
    show_pk_in_forms = False
    row_actions: Any = ("edit", "password", "totp", "disable", "enable")
    fields: ClassVar[Any] = [
        line("username", True), line("name", True), choice("role", choices.words("role", tuple(Role)), True),
        choice("department", choices.entries("departments", with_code=False)),
        choice("unit", choices.units, select2=True),
        choice("territory", choices.territories("grid", "community", "street"), select2=True),
        line("capacity", True, default="4"),
        choice("teams", choices.teams, multiple=True, getter=lambda request, account: upkeep.teams_of(account)),
        line("password", input_type="password", exclude_from_detail=True, exclude_from_edit=True),
        tick("disabled", exclude_from_create=True, exclude_from_edit=True),
        BooleanField("totp_on", label=later("f_totp_on"), exclude_from_create=True, exclude_from_edit=True),
        _out("last_seen", getter=_last_seen),
    ]
    listed = ("name", "username", "role", "department", "capacity", "totp_on", "disabled", "last_seen")
    searched = ("username", "name")
    fields_default_sort: ClassVar[Any] = ["username"]

    async def repr(self, obj: Any, request: Request) -> str:
        return f"{obj.name} ({obj.username})"

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        account, secret = await self.change(
            request, lambda session, actor: upkeep.open_account(session, data, actor))
        request.state.once = {"account": account, "secret": secret}
        return account

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        return await self.change(request, lambda session, actor: upkeep.change_account(session, pk, data, actor))

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        return {"disable": not obj.disabled, "enable": obj.disabled, "totp": obj.totp_on}.get(name, True)

    @link_row_action(name="password", text=later("new_password"))
    def password_row(self, request: Request, pk: Any) -> str:
        return f"{request.url_for('admin:password')}?pk={pk}"

    @row_action(name="totp", text=later("reset_totp"), confirmation=later("reset_totp_sure"),
                submit_btn_text=later("reset_totp"))
    async def totp_row(self, request: Request, pk: Any) -> None:
        account = await self.act(request, lambda session, actor: upkeep.reset_totp(session, pk, actor))
        flash(request, t("totp_reset_now", name=account.name), "success")

    @row_action(name="disable", text=later("disable"), confirmation=later("disable_sure"),
                submit_btn_text=later("disable"))
    async def disable_row(self, request: Request, pk: Any) -> None:
        await self._set(request, pk, True)

    @row_action(name="enable", text=later("enable"))
    async def enable_row(self, request: Request, pk: Any) -> None:
        await self._set(request, pk, False)

    async def _set(self, request: Request, pk: Any, disabled: bool) -> None:
        account = await self.act(request, lambda session, actor: upkeep.set_disabled(session, pk, disabled, actor))
        flash(request, t("disabled_now" if disabled else "enabled_now", name=account.name), "success")


class Password(CustomView):
    """Asks whether a new password is meant, makes it and shows it once. It is in no cookie and in no address."""

    path = "/password"
    add_to_menu = False

    def is_accessible(self, request: Request) -> bool:
        return bool(request.state.visitor.actor.may(Right.MANAGE_ACCOUNTS))

    @route("", methods=["GET", "POST"], name="password")
    async def index(self, request: Request) -> Response:
        pk, who = request.query_params.get("pk", ""), request.state.visitor.actor
        if request.method == "POST":
            account, secret = await run_sync(_new_password, pk, who)
            return once(self._admin, request, account, secret)
        account = upkeep.ACCOUNTS.find(request.state.session, pk)
        if account is None:
            raise HTTPException(404, t("no_account"))
        facts = {"title": t("new_password"), "account": account}
        return self._admin._template_response(request, "password.html", facts)


def once(admin: Any, request: Request, account: Account, secret: str) -> Response:
    """The page that shows a password, and is gone with the next."""
    facts = {"title": t("secret_title"), "account": account, "secret": secret}
    return admin._template_response(request, "secret.html", facts)  # type: ignore[no-any-return]


def _new_password(pk: str, actor: Any) -> tuple[Account, str]:
    with transaction() as session:
        return upkeep.new_password(session, pk, actor)
