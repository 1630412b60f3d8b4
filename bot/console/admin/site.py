"""The admin area put together: its views, its menu, and the library made ours."""

import hashlib
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, PrefixLoader
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Mount, Route
from starlette.types import Scope
from starlette_admin import CustomView, I18nConfig, TimezoneConfig, route
from starlette_admin.base import BaseAdmin
from starlette_admin.views import BaseView

from bot.config import settings
from bot.console import pages
from bot.console.admin import catalogue
from bot.console.admin.accounts import AccountsView, Password, once
from bot.console.admin.calendar import SpecialDaysView
from bot.console.admin.canned import CannedView
from bot.console.admin.gate import Gate
from bot.console.admin.offers import Offers, Volunteers
from bot.console.admin.providers import Providers, VolunteerTeams
from bot.console.admin.settings import SettingsView
from bot.console.admin.teams import TeamsView
from bot.console.admin.territories import TerritoriesView
from bot.console.admin.units import UnitsView
from bot.console.admin.words import t

HERE = Path(__file__).parent
PATH = "/console/admin"
ELSEWHERE = (f"{PATH}/exchange", f"{PATH}/webhooks")
"""Pages of the console that live under this path but are none of the library's."""


class Home(CustomView):
    """What there is to keep, by group."""

    path, route_name, add_to_menu = "/", "index", False

    @route("")
    async def index(self, request: Request) -> Response:
        return self._admin._template_response(request, "home.html", {"title": t("title")})


class Site(BaseAdmin):
    """starlette-admin with our door instead of its sign-in and CSRF cookie, our look, and passwords shown once."""

    def __init__(self) -> None:
        super().__init__(
            title="", base_url=PATH, templates_dir=str(HERE / "templates"), additional_loaders=_console_templates(),
            index_view=Home(), secret_key=_secret(), middlewares=[Middleware(Gate)],
            i18n_config=I18nConfig("zh", pages.LANGUAGE_COOKIE, None),
            timezone_config=TimezoneConfig("Asia/Shanghai", None, use_user_locale_timezone=False),
        )
        self.groups = _groups()
        for _, views in self.groups:
            for view in views:
                self.add_view(view)
        self.add_view(Password())
        self.templates.env.filters.update(pages.filters())
        self.templates.env.globals.update(groups=self.groups, admin_path=PATH)
        self.templates.context_processors.append(_facts)

    def _init_csrf(self) -> None:
        """`Gate` sees to it."""

    @route("/{key}/create", methods=["GET", "POST"], name="create")
    async def _render_create(self, request: Request) -> Response:
        answer = await super()._render_create(request)
        made = getattr(request.state, "once", None)
        return once(self, request, **made) if made and answer.status_code == 303 else answer


class Beside(Mount):
    """The admin area's mount; it leaves the console's own pages under its path to the console."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and scope["path"].startswith(ELSEWHERE):
            return Match.NONE, {}
        return super().matches(scope)


def mount(app: Starlette) -> None:
    """Serve the admin area. Call it before the console's router, whose last route answers everything else."""
    holder = Starlette()
    site = Site()
    site.mount_to(holder)
    app.router.routes.append(Route(PATH, _with_slash))
    app.router.routes.append(Beside(PATH, app=site.app, name=site.route_name))


async def _with_slash(request: Request) -> Response:
    return RedirectResponse(f"{PATH}/")


def _groups() -> list[tuple[str, list[BaseView]]]:
    life, government, categories, departments, *rest = catalogue.views()
    return [
        ("directory", [Providers(), VolunteerTeams(), Volunteers(), Offers(), TerritoriesView(), UnitsView()]),
        ("catalogue", [life, government, categories, departments, *rest]),
        ("desk", [TeamsView(), CannedView(), SettingsView(), SpecialDaysView()]),
        ("people", [AccountsView()]),
    ]


def _console_templates() -> list[Any]:
    console = FileSystemLoader(HERE.parent / "templates")
    return [PrefixLoader({"@console": console}), console]


def _facts(request: Request) -> dict[str, Any]:
    """What the console's own base page needs."""
    return pages.frame(request, getattr(request.state, "visitor", None)) | {"lang": pages.language_of(request)}


def _secret() -> str:
    """Signs the cookie that carries one message to the next page. The same in every process of a deployment."""
    return hashlib.sha256(f"flash {settings().sql_url} {settings().rasa_token.get_secret_value()}".encode()).hexdigest()
