"""What everybody may see, without signing in: this month's totals, and answered questions."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.console.pages import language_of, part
from bot.console.route import ConsoleRoute
from bot.console.views import public as view
from bot.services import publications
from bot.services.reports import public
from bot.storage import reading

KEPT = "public, max-age=60"
"""What is taken back is gone from every screen within a minute."""

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)


class Looked(BaseModel):
    """What the public page's address says."""

    q: str = Field(default="", max_length=60)
    category: str = Field(default="", max_length=40)
    older: int = Field(default=0, ge=0, le=2**31 - 1)
    lang: str = ""


@router.get("/public")
def show(request: Request, asked: Annotated[Looked, Query()]) -> Response:
    """Totals and questions."""
    language = asked.lang if asked.lang in ("zh", "en") else language_of(request)
    with reading() as session:
        shown = view.sheet(public.totals(session), publications.listed(session, asked.q, asked.category, asked.older),
                           publications.used_categories(session), language)
    html = part("public.html", language, shown=shown, asked=asked)
    return Response(html, media_type="text/html", headers={"Cache-Control": KEPT, "Vary": "Cookie"})
