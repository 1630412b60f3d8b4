"""The citizen's page and what it is made of. Pages only: every word of a conversation goes through `channels/api`."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

HERE = Path(__file__).parent
STATIC = HERE / "static"
REVALIDATE = {"Cache-Control": "no-cache"}
"""Kept by the browser, asked about each time: modules of two releases never meet in one page."""

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(directory=HERE / "templates")
files = StaticFiles(directory=STATIC)


@router.get("/")
def chat(request: Request, language: str = "", embed: bool = False) -> Response:
    """The chat. `language` is what the link wants (the citizen's own choice wins), `embed` is the widget's panel."""
    facts = {"language": language if language == "en" else "zh", "embed": embed, "modules": _modules()}
    return templates.TemplateResponse(request, "chat.html", facts, headers=REVALIDATE)


@router.get("/widget.js")
def widget() -> Response:
    """The script other sites include; they may load it from anywhere."""
    headers = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
    return FileResponse(STATIC / "widget.js", media_type="text/javascript", headers=headers)


@router.get("/widget-demo")
def widget_demo(request: Request, language: str = "zh") -> Response:
    """An ordinary page that includes the widget."""
    facts = {"language": language if language == "en" else "zh"}
    return templates.TemplateResponse(request, "widget_demo.html", facts, headers=REVALIDATE)


@router.get("/manifest.webmanifest")
def manifest() -> Response:
    """Lets a phone put the page on its home screen."""
    path = STATIC / "manifest.webmanifest"
    return FileResponse(path, media_type="application/manifest+json", headers=REVALIDATE)


@router.get("/static/chat/{path:path}")
async def static(path: str, request: Request) -> Response:
    """One file of the page, with ETag and 304."""
    response = await files.get_response(path, request.scope)
    response.headers.update(REVALIDATE)
    return response


def _modules() -> list[str]:
    """Module files to fetch at once rather than one import after another."""
    return sorted(path.name for path in STATIC.glob("*.js") if path.name not in ("early.js", "widget.js"))
