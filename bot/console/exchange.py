"""Import and export of catalogue, directory, territories and canned replies, for admins."""

import io
import zipfile
from codecs import BOM_UTF8
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from bot.config import settings
from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page
from bot.console.route import ConsoleRoute
from bot.domain.access import Right
from bot.errors import BadInput, Conflict, HotlineError, NotFound
from bot.i18n import text
from bot.services import exchange
from bot.services.exchange import kept
from bot.storage import reading, transaction

SHOWN = 200
FORM_BYTES = 65_536
"""What a form has besides its files."""


def admin(who: SignedIn) -> Visitor:
    """Somebody who keeps the directory. Raises NotAllowed."""
    who.actor.must(Right.MANAGE_DIRECTORY)
    return who


def fitting(request: Request) -> None:
    """No upload is read that is too big anyway. Raises BadInput."""
    limit, length = settings().upload_limit_bytes, request.headers.get("content-length", "")
    if request.method == "POST" and (not length.isdecimal() or int(length) > limit + FORM_BYTES):
        raise BadInput("file.too_big", limit=limit // 1_048_576)


async def sent_files(request: Request) -> list[tuple[str, bytes]]:
    """(name, content) of the files of a form."""
    sent = [one for one in (await request.form()).getlist("files") if isinstance(one, UploadFile)]
    files = [(one.filename or "", await one.read()) for one in sent]
    for one in sent:
        await one.close()
    return [(name, content) for name, content in files if name or content]


Admin = Annotated[Visitor, Depends(admin)]
router = APIRouter(prefix="/admin/exchange", route_class=ConsoleRoute,
                   dependencies=[Depends(admin), Depends(fitting), Depends(guard)])


@router.get("")
def show(request: Request, who: Admin, done: str = "", count: int = 0) -> Response:
    """What can be downloaded, and the form to upload."""
    return _overview(request, who, done=done if done in exchange.WHATS else "", count=count)


@router.get("/{what}.zip")
def download_all(what: str, who: Admin) -> Response:
    """All files of one thing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _exported(what, who).items():
            archive.writestr(name, BOM_UTF8 + content)
    return _attachment(f"{what}.zip", out.getvalue(), "application/zip")


@router.get("/{what}/{name}.csv")
def download(what: str, name: str, who: Admin) -> Response:
    """One file, with the mark by which Excel knows UTF-8."""
    if f"{name}.csv" not in exchange.file_names(what):
        raise NotFound("exchange.no_such_file", file=f"{name}.csv")
    return _attachment(f"{name}.csv", BOM_UTF8 + _exported(what, who)[f"{name}.csv"], "text/csv; charset=utf-8")


@router.post("")
def upload(
    request: Request, who: Admin, sent: Annotated[list[tuple[str, bytes]], Depends(sent_files)],
    what: Annotated[str, Form()] = "", remove_missing: Annotated[bool, Form()] = False,
) -> Response:
    """Keep the files and show what they would do."""
    try:
        token = kept.keep(what, sent, remove_missing, who.actor)
    except BadInput as error:
        return _overview(request, who, error, chosen=what)
    return RedirectResponse(f"/console/admin/exchange/plans/{token}", 303)


@router.get("/plans/{token}")
def dry_run(request: Request, token: str, who: Admin) -> Response:
    """What an upload would do now."""
    return _plan(request, token, who)


@router.post("/plans/{token}")
def confirm(request: Request, token: str, who: Admin, digest: Annotated[str, Form()] = "") -> Response:
    """Do what was shown; where that has changed meanwhile, show what it is now."""
    try:
        with transaction() as session:
            done = kept.confirm(session, token, digest, who.actor)
    except Conflict as error:
        return _plan(request, token, who, error)
    return RedirectResponse(f"/console/admin/exchange?done={done.what}&count={len(done.edits)}", 303)


def _overview(
    request: Request, who: Visitor, error: HotlineError | None = None, chosen: str = "", done: str = "", count: int = 0
) -> Response:
    files = {what: exchange.file_names(what) for what in exchange.WHATS}
    return page(request, who, "exchange.html", error.status if error else 200, files=files, done=done, count=count,
                chosen=chosen, problem=_words(error, who), limit=settings().upload_limit_bytes)


def _plan(request: Request, token: str, who: Visitor, error: HotlineError | None = None) -> Response:
    with reading() as session:
        plan = kept.review(session, token, who.actor)
    return page(request, who, "exchange_plan.html", error.status if error else 200, plan=plan, counts=plan.counts(),
                token=token, shown=SHOWN, problem=_words(error, who))


def _exported(what: str, who: Visitor) -> dict[str, bytes]:
    with transaction() as session:
        return exchange.export(session, what, who.actor.id)


def _attachment(name: str, content: bytes, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _words(error: HotlineError | None, who: Visitor) -> str:
    return text(f"errors.{error.key}", who.language, **error.facts) if error else ""
