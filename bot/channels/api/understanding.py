"""The API for programs with a token: understanding a text."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bot.channels.api.callers import Caller
from bot.domain.access import Right
from bot.services import rasa

router = APIRouter(prefix="/api/v1", tags=["understanding"])


class Text(BaseModel):
    text: str = Field(max_length=4000)


@router.post("/understand")
def understand(actor: Caller, body: Text) -> dict[str, Any]:
    """`{act, kind, item, category, department, emergency, confidence, ranking[], entities[]}`."""
    actor.must(Right.UNDERSTAND)
    return rasa.understand(body.text)
