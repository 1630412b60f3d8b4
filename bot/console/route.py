"""How every console route answers: errors in words, as a page or as JSON, and headers that keep the browser strict."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.console.pages import error_page, language_of
from bot.console.words import problem
from bot.errors import BadInput, HotlineError, NotSignedIn

POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class ConsoleRoute(APIRoute):
    """A route of the console; use it as `route_class`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except HotlineError as error:
                response = in_words(request, error)
            except RequestValidationError as error:
                response = in_words(request, BadInput("request.invalid", why=_first(error)))
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer


def in_words(request: Request, error: HotlineError) -> Response:
    """What went wrong, for a person who opened a page or a script that fetched."""
    words = problem(error, language_of(request))
    if not _is_page(request):
        return told(error, words)
    if isinstance(error, NotSignedIn):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/console/login?{urlencode({'next': wanted})}", 303)
    return error_page(request, error.status, words)


def told(error: HotlineError, words: str) -> JSONResponse:
    """An error for a script: its key and what to show."""
    return JSONResponse({"error": {"key": error.key, "message": words}}, error.status)


def _is_page(request: Request) -> bool:
    """A person opened it, rather than a script."""
    return "/api/" not in request.url.path and "text/html" in request.headers.get("accept", "")


def _first(error: RequestValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
