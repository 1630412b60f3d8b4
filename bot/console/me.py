"""One's own account: the password, the second factor, and the browsers one is signed in at."""

import io
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page
from bot.console.route import ConsoleRoute
from bot.domain.login import browser_name
from bot.domain.token import hash_of
from bot.errors import BadInput, HotlineError, NotFound, TooMany
from bot.i18n import text
from bot.services import accounts, second_factor, signing_in
from bot.storage import Account, reading, transaction

router = APIRouter(prefix="/me", route_class=ConsoleRoute, dependencies=[Depends(guard)])
DONE = frozenset({"password", "totp_off", "others"})
Typed = Annotated[str, Form()]


@router.get("")
def show(request: Request, who: SignedIn, done: str = "") -> Response:
    """Everything about oneself on one page."""
    return _me(request, who, done=done if done in DONE else "")


@router.post("/password")
def change_password(request: Request, who: SignedIn, old: Typed = "", new: Typed = "", again: Typed = "") -> Response:
    """A new password; the other browsers are signed out."""
    if new != again:
        return _me(request, who, BadInput("account.not_the_same"), "password")
    try:
        with transaction() as session:
            done = accounts.change_password(session, who.actor, old, new, who.token)
    except (BadInput, TooMany) as error:
        return _me(request, who, error, "password")
    return _done("password") if done else _me(request, who, BadInput("account.wrong_old_password"), "password")


@router.post("/browsers")
def sign_out_others(who: SignedIn) -> Response:
    """Every browser but this one is signed out."""
    with transaction() as session:
        signing_in.sign_out_others(session, who.actor, who.token)
    return _done("others")


@router.post("/totp")
def begin(request: Request, who: SignedIn, password: Typed = "") -> Response:
    """Begin to set up the second factor."""
    try:
        with transaction() as session:
            done = second_factor.begin(session, who.actor, password)
    except TooMany as error:
        return _me(request, who, error, "totp")
    if not done:
        return _me(request, who, BadInput("account.wrong_own_password"), "totp")
    return RedirectResponse("/console/me/totp", 303)


@router.get("/totp")
def setting_up(request: Request, who: SignedIn) -> Response:
    """The QR code and the field for the first code."""
    return _setting_up(request, who)


@router.get("/totp.svg")
def qr_code(who: SignedIn) -> Response:
    """What the telephone's app scans: dark on white whatever the page's colours."""
    with reading() as session:
        found = second_factor.setup(session, who.actor)
    if found is None:
        raise NotFound("account.totp_not_begun")
    out = io.BytesIO()
    segno.make(found.uri, error="m", micro=False).save(out, kind="svg", scale=5, light="#ffffff", dark="#000000")
    return Response(out.getvalue(), media_type="image/svg+xml")


@router.post("/totp/confirm")
def confirm(request: Request, who: SignedIn, code: Typed = "") -> Response:
    """On, once the telephone shows the right code; then the recovery codes, this once."""
    with transaction() as session:
        codes = second_factor.confirm(session, who.actor, code)
    if codes is None:
        return _setting_up(request, who, BadInput("account.wrong_code"))
    return page(request, who, "me_codes.html", codes=codes, just_on=True)


@router.post("/totp/off")
def switch_off(request: Request, who: SignedIn, password: Typed = "", code: Typed = "") -> Response:
    """Off, with password and code."""
    try:
        with transaction() as session:
            done = second_factor.switch_off(session, who.actor, password, code)
    except TooMany as error:
        return _me(request, who, error, "off")
    return _done("totp_off") if done else _me(request, who, BadInput("account.wrong_proof"), "off")


@router.post("/totp/codes")
def renew_codes(request: Request, who: SignedIn, password: Typed = "", code: Typed = "") -> Response:
    """New recovery codes, with password and code."""
    try:
        with transaction() as session:
            codes = second_factor.renew_codes(session, who.actor, password, code)
    except TooMany as error:
        return _me(request, who, error, "codes")
    if codes is None:
        return _me(request, who, BadInput("account.wrong_proof"), "codes")
    return page(request, who, "me_codes.html", codes=codes, just_on=False)


def _me(
    request: Request, who: Visitor, error: HotlineError | None = None, where: str = "", done: str = ""
) -> Response:
    """`where` is the form the error belongs to."""
    with reading() as session:
        account = session.get_one(Account, who.actor.account_id)
        browsers = signing_in.browsers(session, who.actor)
        codes_left = second_factor.codes_left(session, who.actor)
    here = hash_of(who.token)
    listed = [{"name": browser_name(one.agent), "since": one.created_at, "seen": one.last_seen,
               "here": one.token_hash == here} for one in browsers]
    return page(request, who, "me.html", error.status if error else 200, account=account, browsers=listed,
                codes_left=codes_left, done=done, where=where, problem=_words(error, who),
                least=accounts.MIN_PASSWORD)


def _setting_up(request: Request, who: Visitor, error: HotlineError | None = None) -> Response:
    with reading() as session:
        found = second_factor.setup(session, who.actor)
    if found is None:
        return RedirectResponse("/console/me", 303)
    groups = [found.secret[i:i + 4] for i in range(0, len(found.secret), 4)]
    return page(request, who, "me_totp.html", error.status if error else 200, secret=groups,
                problem=_words(error, who))


def _done(what: str) -> Response:
    return RedirectResponse(f"/console/me?done={what}", 303)


def _words(error: HotlineError | None, who: Visitor) -> str:
    return text(f"errors.{error.key}", who.language, **error.facts) if error else ""
