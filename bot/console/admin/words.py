"""Texts of the admin area, in the language of the page being made."""

from typing import Any

from babel.support import LazyProxy
from starlette_admin.i18n import get_locale

from bot.errors import HotlineError
from bot.i18n import messages, text
from bot.services.upkeep.records import StillUsed


def t(key: str, **facts: Any) -> str:
    """`admin.<key>`, now."""
    return text(f"admin.{key}", get_locale(), **facts)


def later(key: str) -> Any:
    """`admin.<key>`, in whatever language the page that shows it will have: labels are set once, at the start."""
    return LazyProxy(t, key, enable_cache=False)


def hint(name: str) -> Any:
    """What is said under a field, where there is something to say."""
    return later(f"h_{name}") if f"admin.h_{name}" in messages("zh") else None


def said(error: HotlineError) -> str:
    """What went wrong, for the admin."""
    language = get_locale()
    if isinstance(error, StillUsed):
        between = "；" if language == "zh" else "; "
        return t("still_used", uses=between.join(
            text(f"admin.use_{u.what}", language, n=u.count, names="、".join(u.names) if language == "zh"
                 else ", ".join(u.names)).rstrip("：: ") for u in error.uses))
    return text(f"errors.{error.key}", language, **error.facts)
