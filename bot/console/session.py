"""Signing in and out, the language switch, and where the console begins."""

import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.console.deps import COOKIE, SignedIn, guard, same
from bot.console.pages import LANGUAGE_COOKIE, error_page, language_of, page
from bot.console.route import ConsoleRoute
from bot.domain.access import Right
from bot.errors import TooMany
from bot.i18n import LANGUAGES, text
from bot.services import accounts
from bot.storage import transaction
from bot.storage.signals import signals

router = APIRouter(route_class=ConsoleRoute)
LOGIN_CSRF_COOKIE = "hotline_login"
COOKIE_PATH = "/console"
LOGINS_PER_MINUTE = 30


@router.get("")
@router.get("/")
def start(who: SignedIn) -> Response:
    """The right first page for the role."""
    takes_citizens = who.actor.may(Right.TAKE_HANDOFFS)
    return RedirectResponse("/console/queue" if takes_citizens else "/console/tickets", 303)


@router.get("/login")
def login_form(request: Request, next: str = "") -> Response:
    """The form to sign in."""
    return _form(request, wanted=next)


@router.post("/login")
def login(
    request: Request, username: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "",
    csrf: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "",
) -> Response:
    """Sign in. The form's token must be the one in the cookie the form came with."""
    if not same(csrf, request.cookies.get(LOGIN_CSRF_COOKIE, "")):
        return _form(request, next, username, "form.csrf", 403)
    try:
        _not_too_fast(request)
        with transaction() as session:
            found = accounts.sign_in(session, username, password)
    except TooMany as error:
        return _form(request, next, username, error.key, 429)
    if found is None:
        return _form(request, next, username, "account.wrong", 401)
    response = RedirectResponse(_inside(next), 303)
    _set(request, response, COOKIE, found[0], int(accounts.LOGIN_LASTS.total_seconds()))
    response.delete_cookie(LOGIN_CSRF_COOKIE, path=COOKIE_PATH)
    return response


@router.post("/logout", dependencies=[Depends(guard)])
def logout(who: SignedIn) -> Response:
    """Sign this browser out."""
    with transaction() as session:
        accounts.sign_out(session, who.token)
    response = RedirectResponse("/console/login?next=", 303)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response


@router.get("/language/{language}")
def choose_language(request: Request, language: str, next: str = "") -> Response:
    """Remember the language on this browser and go back."""
    response = RedirectResponse(_inside(next), 303)
    if language in LANGUAGES:
        _set(request, response, LANGUAGE_COOKIE, language, 365 * 86400)
    return response


@router.get("/{anything:path}")
def nowhere(request: Request, anything: str) -> Response:
    """Every other address: a page that says so. Must stay the router's last route."""
    return error_page(request, 404, text("console.no_page", language_of(request)))


def _form(request: Request, wanted: str = "", username: str = "", problem: str = "", status: int = 200) -> Response:
    token = request.cookies.get(LOGIN_CSRF_COOKIE) or secrets.token_hex(16)
    words = text(f"errors.{problem}", language_of(request)) if problem else ""
    response = page(request, None, "login.html", status, csrf=token, next=wanted, username=username, problem=words)
    _set(request, response, LOGIN_CSRF_COOKIE, token, 3600)
    return response


def _not_too_fast(request: Request) -> None:
    address = request.client.host if request.client else "unknown"
    if not signals().allow(f"login:{address}", LOGINS_PER_MINUTE, 60):
        raise TooMany("rate.too_many")


def _set(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path=COOKIE_PATH, httponly=True, samesite="lax",
                        secure=request.url.scheme == "https")


def _inside(wanted: str) -> str:
    """An address within the console, whatever was asked for."""
    parts = urlsplit(wanted)
    inside = not parts.scheme and not parts.netloc and wanted.startswith("/console") and "\\" not in wanted
    return wanted if inside and wanted.isprintable() else "/console"
