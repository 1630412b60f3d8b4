"""The web process: chat page, console, HTTP APIs, Telegram webhook."""

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import text as sql
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import console
from bot.channels.api import handoffs as handoffs_api
from bot.channels.api import routes as conversations_api
from bot.channels.api import tickets as tickets_api
from bot.channels.api import understanding as understanding_api
from bot.channels.api.waiting import wakeups
from bot.channels.telegram import webhook, writing
from bot.channels.webchat import routes as webchat
from bot.errors import HotlineError
from bot.i18n import text
from bot.services import rasa
from bot.storage import reading

log = logging.getLogger(__name__)
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app() -> FastAPI:
    """The ASGI application; uvicorn calls this in each process."""
    app = FastAPI(title="Yiboling 一拨灵", version="0.1", openapi_url="/api/openapi.json", docs_url="/api/docs",
                  redoc_url=None, lifespan=_life)
    app.add_exception_handler(HotlineError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(SecurityHeaders)
    for part in (conversations_api.router, understanding_api.router, handoffs_api.router, tickets_api.router,
                 webhook.router, webchat.router):
        app.include_router(part)
    console.mount_static(app)
    app.include_router(console.router)
    app.add_api_route("/health/live", _live, include_in_schema=False)
    app.add_api_route("/health/ready", _ready, include_in_schema=False)
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    wakeups.start()
    gc.collect()
    gc.freeze()  # what is there for good is looked through no more: that took 130 ms now and then, and somebody waited
    async with writing.shown():
        yield
    await webhook.close(app)


class SecurityHeaders:
    """Adds the headers every page must have. Plain ASGI: the wrapper class of the framework costs a task a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        console_page = scope["type"] == "http" and scope["path"].startswith("/console")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if console_page:
                    headers.setdefault("X-Frame-Options", "DENY")
            await send(message)

        await self._app(scope, receive, with_headers)


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, HotlineError)
    message = text(f"errors.{error.key}", _language(request), **error.facts)
    return JSONResponse({"error": {"key": error.key, "message": message}}, error.status)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    why = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors()[:3])
    message = text("errors.request.invalid", _language(request), why=why)
    return JSONResponse({"error": {"key": "request.invalid", "message": message}}, 422)


async def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        raise error
    log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
    message = text("errors.server.failed", _language(request))
    return JSONResponse({"error": {"key": "server.failed", "message": message}}, 500)


def _language(request: Request) -> str:
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


async def _live() -> dict[str, bool]:
    return {"live": True}


def _check_database() -> bool:
    with reading() as session:
        return session.scalar(sql("SELECT 1")) == 1


async def _ready() -> Response:
    """Database and Rasa, each as it is; 503 while the database is away (without Rasa citizens are served by humans)."""
    parts: dict[str, Any] = {"database": False, "rasa": await run_in_threadpool(rasa.alive)}
    try:
        parts["database"] = await run_in_threadpool(_check_database)
    except Exception as error:
        parts["why"] = type(error).__name__
    return JSONResponse(parts, 200 if parts["database"] else 503)
