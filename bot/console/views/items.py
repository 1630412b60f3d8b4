"""Items of the catalogue to choose from."""

from typing import Any

from sqlalchemy.orm import Session

from bot.console.views import context
from bot.domain.catalogue import Item
from bot.services import items
from bot.services.catalogue import catalogue
from bot.storage import Conversation


def found(session: Session, words: str, conversation_id: str, language: str) -> list[dict[str, Any]]:
    """What the words find; without any, the matter at hand and what the bot thought of in that conversation."""
    if words.strip():
        return [shown(item, language) for item in items.search(words)]
    conversation = session.get(Conversation, conversation_id)
    codes = context.candidates(session, conversation) if conversation else []
    known = catalogue().items
    return [shown(known[code], language) for code in codes if code in known]


def shown(item: Item, language: str) -> dict[str, Any]:
    """One item: its code, name, whose it is, and whether it is a life service."""
    return {"code": item.code, "name": item.name(language), "owner": owner(item, language), "life": item.life}


def owner(item: Item, language: str) -> str:
    """The name of its category or department."""
    known = catalogue()
    found = known.categories.get(item.category) or known.departments.get(item.department)
    return found.name(language) if found else ""
