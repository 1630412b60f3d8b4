"""What is set for the whole hotline: hours with people, how citizens are offered, items that always go to a human."""

from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin import CustomView, route
from starlette_admin.flash import flash

from bot.console.admin import choices
from bot.console.admin.words import later, said, t
from bot.domain.access import Actor
from bot.domain.setting import DEFAULTS, ITEM_LISTS, STEPS
from bot.errors import BadFields
from bot.services.upkeep import settings as upkeep
from bot.storage import transaction

HOURS = ("staffed_workday", "staffed_restday", "news_hours")
GROUPS = {"supervision": tuple(STEPS), "ranking": tuple(DEFAULTS["ranking"])}
"""Settings that are several numbers."""


class SettingsView(CustomView):
    path = "/settings"

    def __init__(self) -> None:
        super().__init__(menu_label=later("view_settings"))

    @route("", methods=["GET", "POST"], name="settings")
    async def index(self, request: Request) -> Response:
        if request.method == "GET":
            return self._form(request, upkeep.read_all(request.state.session), {})
        form = await request.form()
        given: dict[str, Any] = {name: form.get(name) for name in (*HOURS, "assignment") if name in form}
        given |= {key: form.getlist(key) for key in ITEM_LISTS}
        given |= {key: _numbers(form, key) for key in GROUPS if any(name.startswith(f"{key}.") for name in form)}
        if "supervision" in given:
            given["supervision"]["names"] = _names(str(form.get("supervision_names") or ""))
        try:
            await run_sync(_put, given, request.state.visitor.actor)
        except BadFields as error:
            shown = {**upkeep.read_all(request.state.session), **given}
            return self._form(request, shown, {name: said(why) for name, why in error.problems.items()}, 422)
        flash(request, t("settings_saved"), "success")
        return RedirectResponse(request.url_for("admin:settings"), 303)

    def _form(self, request: Request, values: Any, problems: dict[str, str], status: int = 200) -> Response:
        items = choices.entries("life_services", "government_services", with_code=False)(request)
        facts = {"title": t("view_settings"), "values": values, "problems": problems, "items": items, "hours": HOURS,
                 "item_lists": ITEM_LISTS, "number_groups": GROUPS, "names": _lines(values["supervision"])}
        return self._admin._template_response(request, "settings.html", facts, status)


def _numbers(form: FormData, key: str) -> dict[str, Any]:
    """The numbers of a group; what is no whole number stays as it is and is refused by the rules."""
    said = {name: str(form.get(f"{key}.{name}") or "").strip() for name in GROUPS[key]}
    return {name: int(words) if words.isdecimal() else words for name, words in said.items()}


def _names(words: str) -> dict[str, str]:
    """`leader = 李副区长` and `leader:urban-management = 王局长`, one in a line."""
    pairs = (line.partition("=") for line in words.replace("＝", "=").splitlines() if line.strip())
    return {role.strip(): name.strip() for role, _, name in pairs}


def _lines(setting: Any) -> str:
    names = setting.get("names", {}) if isinstance(setting, dict) else {}
    return "\n".join(f"{role} = {name}" for role, name in names.items())


def _put(given: dict[str, Any], actor: Actor) -> None:
    with transaction() as session:
        upkeep.put_all(session, given, actor)
