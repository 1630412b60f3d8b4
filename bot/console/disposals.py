"""What departments write on a ticket: the answer with its disposal form, templates, discussion, files, the print."""

from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from bot.config import settings
from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page
from bot.console.route import ConsoleRoute
from bot.console.views import disposals as view
from bot.console.views import tickets as ticket_view
from bot.console.words import phone_shown
from bot.domain.calendar import LOCAL
from bot.domain.disposal import Form, is_thin
from bot.errors import BadFields, BadInput
from bot.i18n import text
from bot.services import answer_templates, disposals, papers, ticket_notes
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])
FORM_BYTES = 65_536


class Answer(BaseModel):
    """The disposal form as its fields are sent; `contacted_at` is local time, as a browser's field says it. A
    co-handler fills in `account` and `resolved` only."""

    upheld: str = ""
    out_of_remit: bool = False
    contacted_at: str = ""
    resolved: str = ""
    reason: str = ""
    account: str = ""
    answer: str = ""
    without: bool = False

    def form(self) -> Form:
        """Raises BadFields for a time that is none."""
        try:
            when = datetime.fromisoformat(self.contacted_at).replace(tzinfo=LOCAL) if self.contacted_at else None
        except ValueError as error:
            raise BadFields({"contacted_at": BadInput("disposal.no_time")}) from error
        return Form(self.upheld, self.out_of_remit, when, self.resolved, self.reason, self.account, self.answer)


class Words(BaseModel):
    text: str = ""


class Template(BaseModel):
    """A template as it is saved; `id` of one that is changed."""

    title: str = ""
    text: str = ""
    item: str = Field(default="", max_length=48)
    id: int = 0


@router.post("/api/tickets/{number}/answer", response_model=None)
def answer(number: str, sent: Answer, who: SignedIn) -> dict[str, str] | JSONResponse:
    """答复; what is wrong with which field stands in `error.fields`."""
    try:
        with transaction() as session:
            return {"state": disposals.answer(session, number, who.actor, sent.form(), sent.without).state}
    except BadFields as error:
        fields = {name: text(f"errors.{p.key}", who.language, **p.facts) for name, p in error.problems.items()}
        message = text("errors.disposal.incomplete", who.language)
        return JSONResponse({"error": {"key": error.key, "message": message, "fields": fields}}, error.status)


@router.post("/api/tickets/{number}/answer/check")
def check(number: str, sent: Words, who: SignedIn) -> dict[str, list[str] | bool]:
    """{found, thin}: what in the words may name a person, and whether they are shorter than a sentence."""
    with reading() as session:
        return {"found": view.warned_of(session, number, who.actor, sent.text), "thin": is_thin(sent.text)}


@router.post("/api/tickets/{number}/notes")
def discuss(number: str, sent: Words, who: SignedIn) -> dict[str, int]:
    """内部沟通."""
    with transaction() as session:
        said = ticket_notes.add(session, number, who.actor, sent.text)
        session.flush()
        return {"id": said.id}


@router.post("/api/tickets/{number}/files")
async def add_file(number: str, request: Request, who: SignedIn) -> dict[str, str]:
    """A picture or paper, multipart: `file`, and `internal` unless it goes to the citizen."""
    limit = settings().upload_limit_bytes
    if int(request.headers.get("content-length") or 0) > limit + FORM_BYTES:
        raise BadInput("file.too_big", limit=limit // 1_048_576)
    async with request.form(max_files=1, max_fields=5) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise BadInput("file.empty")
        name, content, internal = sent.filename or "", await sent.read(limit + 1), form.get("internal") != "false"
    return {"key": await run_in_threadpool(_add_file, number, who, name, content, internal)}


@router.post("/api/tickets/{number}/files/{key}/remove")
def remove_file(number: str, key: str, who: SignedIn) -> dict[str, str]:
    """One's own."""
    with transaction() as session:
        papers.remove(session, number, who.actor, key)
    return {"key": key}


@router.post("/api/answer-templates")
def save_template(sent: Template, who: SignedIn) -> dict[str, int]:
    """A new one, or one changed."""
    with transaction() as session:
        return {"id": answer_templates.save(session, who.actor, sent.title, sent.text, sent.item, sent.id).id}


@router.post("/api/answer-templates/{template_id}/remove")
def remove_template(template_id: int, who: SignedIn) -> dict[str, int]:
    """Offered no more."""
    with transaction() as session:
        answer_templates.remove(session, who.actor, template_id)
    return {"id": template_id}


@router.get("/tickets/{number}/print")
def show_print(request: Request, number: str, who: SignedIn) -> Response:
    """The ticket as a sheet of paper; the browser prints it or keeps it as PDF."""
    with reading() as session:
        sheet = ticket_view.sheet(session, number, who.actor, who.language)
        writing = view.writing(session, sheet.ticket, who.actor, who.language)
    return page(request, who, "ticket_print.html", sheet=sheet, writing=writing)


@router.post("/api/tickets/{number}/print-contact")
def show_contact(number: str, sent: Words, who: SignedIn) -> dict[str, str]:
    """{contact}: the citizen's name and number in full for the sheet; the look is written down with its reason."""
    with transaction() as session:
        ticket = disposals.contact_for_print(session, number, who.actor, sent.text)
        return {"contact": f"{ticket.contact_name} {phone_shown(ticket.contact_phone, True)}".strip()}


def _add_file(number: str, who: Visitor, name: str, content: bytes, internal: bool) -> str:
    with transaction() as session:
        return papers.add(session, number, who.actor, name, content, internal).key
