"""Rendering: one Jinja environment, every text through `|t`, nothing unescaped."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.console import words
from bot.domain.handoff import ESCALATE_AFTER_SECONDS, WARN_AFTER_SECONDS
from bot.i18n import LANGUAGES, messages, text
from bot.storage import now

if TYPE_CHECKING:
    from bot.console.deps import Visitor

LANGUAGE_COOKIE = "hotline_lang"

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)


def language_of(request: Request) -> str:
    """The language chosen on this browser; Chinese until another is."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else "zh"


def page(request: Request, who: "Visitor | None", template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """A whole page."""
    return HTMLResponse(part(template, language_of(request), **facts | frame(request, who)), status)


def frame(request: Request, who: "Visitor | None") -> dict[str, Any]:
    """What `base.html` needs of every page."""
    return {
        "who": who, "path": request.url.path, "now_iso": now().isoformat(),
        "script_texts": _script_texts(language_of(request)),
        "warn_after": WARN_AFTER_SECONDS, "escalate_after": ESCALATE_AFTER_SECONDS,
    }


def filters() -> dict[str, Any]:
    """The filters of our templates, for the admin area's own environment."""
    return _OURS


def part(template: str, language: str, **facts: Any) -> str:
    """A piece of a page as HTML, for scripts to put in its place."""
    return _environment.get_template(template).render(lang=language, **facts)


def error_page(request: Request, status: int, message: str) -> HTMLResponse:
    """403, 404 and the like in words, with the way back."""
    return page(request, None, "error.html", status, code=status, message=message)


def _script_texts(language: str) -> str:
    """The texts the scripts need: all of `console.js_*` and the spans of time, as JSON."""
    prefixes = ("console.js_", "console.under_", "console.minutes", "console.hours", "console.days", "console.waited",
                "console.due_")
    found = {k.removeprefix("console."): v for k, v in messages(language).items() if k.startswith(prefixes)}
    return json.dumps(found, ensure_ascii=False)


@pass_context
def _t(context: Context, key: str, **facts: Any) -> str:
    return text(key, context["lang"], **facts)


@pass_context
def _stamp(context: Context, moment: datetime) -> str:
    return words.stamp(moment, context["lang"])


@pass_context
def _day(context: Context, moment: datetime) -> str:
    return words.day(moment, context["lang"])


@pass_context
def _waited(context: Context, since: datetime) -> str:
    return words.waited(since, context["lang"])


@pass_context
def _due(context: Context, moment: datetime) -> str:
    return words.due(moment, context["lang"])


@pass_context
def _span(context: Context, since: datetime) -> str:
    return words.span((now() - since).total_seconds(), context["lang"])


_OURS = {
    "t": _t, "dated": words.dated, "stamp": _stamp, "day": _day, "waited": _waited, "due": _due, "clock": words.clock,
    "phone": words.phone_shown, "level": words.level, "span": _span,
}
_environment.filters |= _OURS
