"""The door of the admin area: who comes in, that a change was meant, what the browser may load.

starlette-admin brings its own sign-in and its own CSRF cookie; both are left out. Here the console's session decides
(`bot/console/deps.py`), and every request that changes something must come from our own pages twice over: the browser
says so itself (`Sec-Fetch-Site`, else `Origin` or `Referer`), and it brings the session's CSRF token, as the field
`csrftoken` the library writes into its forms or as the header `X-CSRFToken` its scripts send.

The policy is the console's, with one concession: the library's widgets set styles inline, so styles may be inline here.
Scripts may not: the few inline ones of its templates are replaced by `static/js/admin.js`.
"""

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from bot.console.deps import SAFE, Visitor, same, visitor
from bot.console.route import HEADERS, POLICY, in_words
from bot.domain.access import Right
from bot.errors import HotlineError, NotAllowed
from bot.storage import reading

STATIC = "/static/"
FIELD, HEADER = "csrftoken", "x-csrftoken"
ADMIN_HEADERS = {**HEADERS, "Content-Security-Policy": f"{POLICY}; style-src 'self' 'unsafe-inline'; "
                 "img-src 'self' data:"}


class Gate(BaseHTTPMiddleware):
    """Puts the visitor, the CSRF token and a session for looking into `request.state`. The library's own style sheets
    and scripts are open: they hold nothing of ours."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if request.url.path.removeprefix(request.scope["root_path"]).startswith(STATIC):
            response = await call_next(request)
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
            return response
        try:
            who = await run_in_threadpool(visitor, request)
            who.actor.must(Right.MANAGE_DIRECTORY)
            if request.method not in SAFE:
                await _guard(request, who)
        except HotlineError as error:
            response = in_words(request, error)
        else:
            response = await _let_in(request, call_next, who)
        for name, value in ADMIN_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


async def _let_in(request: Request, call_next: RequestResponseEndpoint, who: Visitor) -> Response:
    request.state.visitor, request.state.csrf_token = who, who.csrf
    with reading() as session:
        request.state.session = session
        return await call_next(request)


async def _guard(request: Request, who: Visitor) -> None:
    """Raises NotAllowed for a change that does not come from a page of ours."""
    if not from_here(request) or not same(await _sent(request), who.csrf):
        raise NotAllowed("form.csrf")


def from_here(request: Request) -> bool:
    """Whether the browser names us as where the request comes from; one that names nobody is left to the token."""
    site = request.headers.get("sec-fetch-site")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin") or request.headers.get("referer")
    return not origin or urlsplit(origin).hostname == request.url.hostname


async def _sent(request: Request) -> str:
    header = request.headers.get(HEADER)
    if header is not None:
        return header
    await request.body()  # read first, so that the page behind the door can read the form again
    value = (await request.form()).get(FIELD)
    return value if isinstance(value, str) else ""
