"""Phone calls: the page, the dialog in which a call is written up, and calls to make."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from bot.console.deps import Operator, guard
from bot.console.pages import page, part
from bot.console.route import ConsoleRoute
from bot.console.views import calls as view
from bot.errors import HotlineError
from bot.i18n import text
from bot.services import callbacks, calls
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])
FIELDS = {"form.bad_phone": "number", "call.no_words": "words", "catalogue.no_item": "item"}
"""Errors that belong to one field of the dialog."""
Words = Annotated[str, Field(max_length=8000)]
Language = Literal["zh", "en"]


class Typed(BaseModel):
    """What is in the box so far, and the language spoken."""

    text: Words
    language: Language = "zh"


class Chosen(Typed):
    """The item in question, with what was typed so far."""

    item: str = Field(max_length=48)


class Number(BaseModel):
    """A caller's number as typed."""

    number: str = Field(max_length=40)


class CallSent(BaseModel):
    """The dialog; the names are `calls.Call`'s. With an `outcome` the call is over with that. The same `client_id`
    again stores nothing twice."""

    words: Words
    number: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=40)
    language: Language = "zh"
    item: str = Field(default="", max_length=48)
    answer: Words = ""
    outcome: str = Field(default="", max_length=12)
    client_id: str = Field(min_length=8, max_length=40)


class Verdict(BaseModel):
    """What the citizen said when called."""

    solved: bool
    score: int | None = Field(default=None, ge=1, le=5)
    words: str = Field(default="", max_length=500)


@router.get("/calls")
def show(request: Request, who: Operator, q: str = "") -> Response:
    """Calls to make, today's calls, and those that `q` finds."""
    with transaction() as session:
        facts: dict[str, Any] = {
            "to_make": view.to_make(session, who.language), "today": view.today(session, who.language),
            "found": view.found(session, q, who.actor, who.language),
        }
    return page(request, who, "calls.html", q=q.strip(), **facts)


@router.post("/api/calls/understand")
def understand(typed: Typed, who: Operator) -> dict[str, Any]:
    """{html, best}: what the words mean so far; nothing is stored. `best` is the item a save would take."""
    heard = calls.hear(typed.text)
    guess = view.guess(heard, who.language, typed.language)
    return {"html": part("parts/call_guess.html", who.language, guess=guess), "best": heard.understanding.item or ""}


@router.post("/api/calls/advice")
def advise(chosen: Chosen, who: Operator) -> dict[str, str]:
    """{words}: what can be read out about the item, in the caller's language."""
    with reading() as session:
        return {"words": calls.advice(session, chosen.item, chosen.text, chosen.language)}


@router.post("/api/calls/history")
def history(sent: Number, who: Operator) -> Response:
    """{html}: what is known of the number; the look is written down."""
    try:
        with transaction() as session:
            number = calls.checked_number(sent.number)
            past = view.history(session, who.actor, number, who.language) if number else []
    except HotlineError as error:
        return _in_fields(error, who.language)
    return JSONResponse({"html": part("parts/call_history.html", who.language, past=past, number=number)})


@router.post("/api/calls")
def save(sent: CallSent, who: Operator) -> Response:
    """{conversation, next}; `next` is the form that serves the item she chose, ticket | referral, or empty. What is
    wrong with which field stands in `error.fields`."""
    call = calls.Call(**sent.model_dump(exclude={"client_id", "outcome"}))
    heard = calls.hear(sent.words)
    try:
        with transaction() as session:
            handoff = calls.begin(session, who.actor, call, heard, sent.client_id)
            if sent.outcome and handoff.state == "active":
                calls.finish(session, handoff.id, who.actor, sent.outcome)
            return JSONResponse({"conversation": handoff.conversation_id, "next": view.next_form(call.item)})
    except HotlineError as error:
        return _in_fields(error, who.language)


@router.post("/api/callbacks/{what}/{number}/contact")
def contact(what: Literal["ticket", "referral"], number: int, who: Operator) -> dict[str, str]:
    """{html}: name and number in full; the look is written down."""
    with transaction() as session:
        reach = [callbacks.reach(session, who.actor, what, number)]
    return {"html": part("parts/call_reach.html", who.language, reach=reach)}


@router.post("/api/callbacks/{what}/{number}")
def record(what: Literal["ticket", "referral"], number: int, sent: Verdict, who: Operator) -> dict[str, bool]:
    """The verdict, as said on the phone."""
    with transaction() as session:
        callbacks.record(session, who.actor, what, number, sent.solved, sent.score, sent.words)
    return {"solved": sent.solved}


def _in_fields(error: HotlineError, language: str) -> JSONResponse:
    if error.key not in FIELDS:
        raise error
    words = text(f"errors.{error.key}", language, **error.facts)
    return JSONResponse({"error": {"key": error.key, "message": words, "fields": {FIELDS[error.key]: words}}},
                        error.status)
