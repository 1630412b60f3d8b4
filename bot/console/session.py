"""Signing in, in one step or two, and out; the language switch, and where the console begins."""

import secrets
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.console.deps import COOKIE, SignedIn, guard, same
from bot.console.pages import LANGUAGE_COOKIE, error_page, language_of, page
from bot.console.route import ConsoleRoute
from bot.domain.access import Right
from bot.domain.login import LASTS, SECOND_STEP_LASTS
from bot.errors import NotSignedIn, TooMany
from bot.i18n import LANGUAGES, text
from bot.services import signing_in
from bot.storage import reading, transaction
from bot.storage.signals import signals

router = APIRouter(route_class=ConsoleRoute)
LOGIN_CSRF_COOKIE = "hotline_login"
SECOND_STEP_COOKIE = "hotline_second_step"
COOKIE_LASTS = 2 * LASTS
"""Longer than the session, so that a browser that comes late can be told why it has to sign in again."""
COOKIE_PATH = "/console"
LOGINS_PER_MINUTE = 30


@router.get("")
@router.get("/")
def start(who: SignedIn) -> Response:
    """The right first page for the role."""
    if who.actor.may(Right.WORK_GRID):
        return RedirectResponse("/console/grid", 303)
    takes_citizens = who.actor.may(Right.TAKE_HANDOFFS)
    return RedirectResponse("/console/queue" if takes_citizens else "/console/tickets", 303)


@router.get("/login")
def login_form(request: Request, next: str = "", out: bool = False) -> Response:
    """The form to sign in. It says why, where this browser was signed in before."""
    with reading() as session:
        why = "signed_out" if out else signing_in.ended_because(session, request.cookies.get(COOKIE, ""))
    return _form(request, wanted=next, why=why)


@router.post("/login")
def login(
    request: Request, username: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "",
    csrf: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "",
) -> Response:
    """Sign in. The form's token must be the one in the cookie the form came with."""
    if not same(csrf, request.cookies.get(LOGIN_CSRF_COOKIE, "")):
        return _form(request, next, username, "form.csrf", 403)
    try:
        _not_too_fast(request, "login")
        with transaction() as session:
            found = signing_in.sign_in(session, username, password, _browser(request))
    except TooMany as error:
        return _form(request, next, username, error.key, 429)
    if found is None:
        return _form(request, next, username, "account.wrong", 401)
    if not found.pending:
        return _come_in(request, found, next)
    response = RedirectResponse(f"/console/login/code?{urlencode({'next': next})}", 303)
    _set(request, response, SECOND_STEP_COOKIE, found.token, int(SECOND_STEP_LASTS.total_seconds()))
    return response


@router.get("/login/code")
def code_form(request: Request, next: str = "", recovery: bool = False) -> Response:
    """The second step: the telephone's six digits, or a recovery code."""
    try:
        with reading() as session:
            signing_in.awaited(session, request.cookies.get(SECOND_STEP_COOKIE, ""))
    except NotSignedIn:
        return RedirectResponse(f"/console/login?{urlencode({'next': next})}", 303)
    return _code_form(request, next, recovery)


@router.post("/login/code")
def second_step(
    request: Request, code: Annotated[str, Form()] = "", csrf: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "", recovery: Annotated[bool, Form()] = False,
) -> Response:
    """The code, and in."""
    if not same(csrf, request.cookies.get(LOGIN_CSRF_COOKIE, "")):
        return _code_form(request, next, recovery, "form.csrf", 403)
    try:
        _not_too_fast(request, "code")
        with transaction() as session:
            token = request.cookies.get(SECOND_STEP_COOKIE, "")
            found = signing_in.second_step(session, token, code, _browser(request))
    except TooMany as error:
        return _code_form(request, next, recovery, error.key, 429)
    except NotSignedIn as error:
        return _form(request, next, problem=error.key, status=401)
    if found is None:
        problem = "account.wrong_recovery_code" if recovery else "account.wrong_code"
        return _code_form(request, next, recovery, problem, 401)
    return _come_in(request, found, next)


@router.post("/logout", dependencies=[Depends(guard)])
def logout(who: SignedIn) -> Response:
    """Sign this browser out."""
    with transaction() as session:
        signing_in.sign_out(session, who.token)
    response = RedirectResponse("/console/login?out=1", 303)
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


def _come_in(request: Request, opened: signing_in.Opened, wanted: str) -> Response:
    response = RedirectResponse(_inside(wanted), 303)
    _set(request, response, COOKIE, opened.token, int(COOKIE_LASTS.total_seconds()))
    response.delete_cookie(LOGIN_CSRF_COOKIE, path=COOKIE_PATH)
    response.delete_cookie(SECOND_STEP_COOKIE, path=COOKIE_PATH)
    return response


def _form(
    request: Request, wanted: str = "", username: str = "", problem: str = "", status: int = 200, why: str = ""
) -> Response:
    told = text(f"errors.account.ended_{why}", language_of(request)) if why else ""
    return _page(request, "login.html", problem, status, next=wanted, username=username, why=told)


def _code_form(request: Request, wanted: str, recovery: bool, problem: str = "", status: int = 200) -> Response:
    return _page(request, "login_code.html", problem, status, next=wanted, recovery=recovery)


def _page(request: Request, template: str, problem: str, status: int, **facts: Any) -> Response:
    """A form that whoever fills it in is known by: the token is in it and in a cookie of its own."""
    token = request.cookies.get(LOGIN_CSRF_COOKIE) or secrets.token_hex(16)
    words = text(f"errors.{problem}", language_of(request)) if problem else ""
    response = page(request, None, template, status, csrf=token, problem=words, **facts)
    _set(request, response, LOGIN_CSRF_COOKIE, token, 3600)
    return response


def _browser(request: Request) -> signing_in.Browser:
    return signing_in.Browser(request.headers.get("user-agent", ""), _address(request), request.cookies.get(COOKIE, ""))


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _not_too_fast(request: Request, step: str) -> None:
    if not signals().allow(f"{step}:{_address(request)}", LOGINS_PER_MINUTE, 60):
        raise TooMany("rate.too_many")


def _set(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path=COOKIE_PATH, httponly=True, samesite="lax",
                        secure=request.url.scheme == "https")


def _inside(wanted: str) -> str:
    """An address within the console, whatever was asked for."""
    parts = urlsplit(wanted)
    inside = not parts.scheme and not parts.netloc and wanted.startswith("/console") and "\\" not in wanted
    return wanted if inside and wanted.isprintable() else "/console"
