"""What an operator does for the citizen besides writing: a ticket, a referral, a photo; and being seen to write and
read."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from bot.config import settings
from bot.console.deps import Operator, Visitor, guard
from bot.console.pages import part
from bot.console.route import ConsoleRoute
from bot.console.views import referral_form, ticket_form
from bot.errors import BadInput, HotlineError
from bot.i18n import text
from bot.services import desk, files, handoffs, typing
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])
FIELDS = {"form.bad_phone": "phone", "form.bad_street": "street", "ticket.life_item": "item",
          "catalogue.no_item": "item"}
"""Errors that belong to one field of the ticket form."""
NEEDED = ("item", "description", "place")
ClientId = Annotated[str, Field(min_length=8, max_length=40)]


class TicketSent(BaseModel):
    """The ticket form; the names are `desk.TicketForm`'s. The same `client_id` again opens nothing twice."""

    item: str = Field(max_length=48)
    kind: str = Field(default="", max_length=12)
    description: str = Field(max_length=4000)
    place: str = Field(max_length=200)
    street: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=40)
    phone: str = Field(default="", max_length=40)
    when: str = Field(default="", max_length=60)
    photos: tuple[int, ...] = Field(default=(), max_length=20)
    on_record: bool = False
    client_id: ClientId


class ReferralSent(BaseModel):
    """A provider chosen for an item. `street` is where it was looked for, empty where the citizen is."""

    item: str = Field(max_length=48)
    provider: str = Field(max_length=48)
    street: str = Field(default="", max_length=40)
    client_id: ClientId


class Shown(BaseModel):
    """The number of the newest message the console has shown."""

    seq: int = Field(ge=0, le=2**31 - 1)


@router.get("/api/handoffs/{handoff_id}/ticket")
def begin_ticket(handoff_id: int, who: Operator) -> dict[str, Any]:
    """{html}: the form, filled in as far as the matter is known."""
    with reading() as session:
        form = ticket_form.read(session, handoffs.held_by(session, handoff_id, who.actor), who.language)
    return {"html": part("parts/ticket_form.html", who.language, form=form)}


@router.get("/api/handoffs/{handoff_id}/ticket/terms")
def ticket_terms(handoff_id: int, item: str, who: Operator, kind: str = "") -> dict[str, Any]:
    """{html}: kinds, department and deadline of another item."""
    with reading() as session:
        handoffs.held_by(session, handoff_id, who.actor)
        terms = ticket_form.terms(session, item, kind, who.language)
    return {"html": part("parts/ticket_terms.html", who.language, terms=terms)}


@router.post("/api/handoffs/{handoff_id}/ticket")
def open_ticket(handoff_id: int, sent: TicketSent, who: Operator) -> Response:
    """{number}; what is wrong with which field stands in `error.fields`."""
    missing = {name: text(f"console.form_needs_{name}", who.language) for name in NEEDED
               if not getattr(sent, name).strip()}
    if missing:
        return _in_fields(BadInput("form.incomplete", n=len(missing)), missing, who.language)
    form = desk.TicketForm(**sent.model_dump(exclude={"client_id"}))
    try:
        with transaction() as session:
            ticket = desk.open_ticket(session, handoff_id, who.actor, form, sent.client_id)
    except HotlineError as error:
        if error.key not in FIELDS:
            raise
        words = text(f"errors.{error.key}", who.language, **error.facts)
        return _in_fields(error, {FIELDS[error.key]: words}, who.language)
    return JSONResponse({"number": ticket.number})


@router.get("/api/handoffs/{handoff_id}/referral")
def begin_referral(handoff_id: int, who: Operator) -> dict[str, Any]:
    """{html}: the form with those who offer the item near the citizen."""
    with reading() as session:
        form = referral_form.read(session, handoffs.held_by(session, handoff_id, who.actor), who.language)
    return {"html": part("parts/referral_form.html", who.language, form=form)}


@router.get("/api/handoffs/{handoff_id}/providers")
def providers(handoff_id: int, item: str, who: Operator, street: str = "") -> dict[str, Any]:
    """{html}: those who offer an item near a street; `anywhere` for all."""
    with reading() as session:
        handoff = handoffs.held_by(session, handoff_id, who.actor)
        listing = referral_form.listing(session, handoff, item, street, who.language)
    return {"html": part("parts/referral_list.html", who.language, listing=listing)}


@router.post("/api/handoffs/{handoff_id}/referral")
def refer(handoff_id: int, sent: ReferralSent, who: Operator) -> dict[str, Any]:
    """{repeated}: whether that had been sent before."""
    street = "" if sent.street == "anywhere" else sent.street
    with transaction() as session:
        made = desk.refer(session, handoff_id, who.actor, sent.item, sent.provider, sent.client_id, street)
    return {"repeated": made is None}


@router.post("/api/handoffs/{handoff_id}/photo")
async def send_photo(handoff_id: int, request: Request, who: Operator) -> dict[str, Any]:
    """A picture to the citizen: multipart `photo`, `caption` and `client_id`; {seq, repeated}."""
    if int(request.headers.get("content-length") or 0) > settings().upload_limit_bytes + 10_000:
        raise BadInput("file.too_big", limit=settings().upload_limit_bytes // 1_048_576)
    async with request.form(max_files=1, max_fields=5) as form:
        upload, client_id = form.get("photo"), str(form.get("client_id") or "")
        if not isinstance(upload, UploadFile) or not 8 <= len(client_id) <= 40:
            raise BadInput("request.invalid", why="photo, client_id")
        content, caption = await upload.read(), str(form.get("caption") or "")
    return await run_in_threadpool(_photo, handoff_id, content, caption, client_id, who)


@router.post("/api/conversations/{conversation_id}/typing")
def writes(conversation_id: str, who: Operator) -> dict[str, bool]:
    """The operator is writing; {told}: whether the citizen is shown that. Nothing is stored."""
    with reading() as session:
        return {"told": typing.operator_writes(session, conversation_id, who.actor)}


@router.post("/api/conversations/{conversation_id}/seen")
def seen(conversation_id: str, shown: Shown, who: Operator) -> dict[str, int]:
    """The holder's console has shown the messages up to `seq`; anybody else's look counts for nothing."""
    with transaction() as session:
        desk.seen(session, conversation_id, who.actor, shown.seq)
    return {"seq": shown.seq}


def _photo(handoff_id: int, content: bytes, caption: str, client_id: str, who: Visitor) -> dict[str, Any]:
    checked = files.checked_photo(content)
    with transaction() as session:
        message = desk.send_photo(session, handoff_id, who.actor, checked, caption, client_id)
    return {"seq": message.seq if message else None, "repeated": message is None}


def _in_fields(error: HotlineError, fields: dict[str, str], language: str) -> JSONResponse:
    words = text(f"errors.{error.key}", language, **error.facts)
    return JSONResponse({"error": {"key": error.key, "message": words, "fields": fields}}, error.status)
