"""What the API says of messages."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.contact import local_form
from bot.services.directory import Found
from bot.storage import Account, Attachment, Message


def messages(session: Session, rows: list[Message]) -> list[dict[str, Any]]:
    """Messages as JSON; system messages are for operators and left out."""
    names = _names(session, rows)
    return [_message(row, names) for row in rows if row.sender != "system"]


def transcript(session: Session, handoff_id: int, rows: list[Message]) -> list[dict[str, Any]]:
    """Messages as staff read them: with what the system told the operators, and files by the handoff's own address."""
    names = _names(session, rows)
    keys = {row.payload["attachment"] for row in rows if row.payload.get("attachment")}
    found = select(Attachment.key, Attachment.id).where(Attachment.key.in_(keys))
    ids = dict(session.execute(found).tuples().all()) if keys else {}
    return [_message(row, names) | {"file": _file(handoff_id, row.payload.get("attachment", ""), ids)} for row in rows]


def provider(found: Found) -> dict[str, Any]:
    """Somebody who offers an item."""
    return {"id": found.provider.id, "name": found.provider.name_zh, "phone": local_form(found.provider.phone),
            "open": found.fit.open, "km": found.fit.km, "rating": found.provider.rating,
            "price": found.offer.price_note_zh}


def _names(session: Session, rows: list[Message]) -> dict[int, str]:
    ids = {row.account_id for row in rows if row.account_id}
    query = select(Account.id, Account.name).where(Account.id.in_(ids))
    return dict(session.execute(query).tuples().all()) if ids else {}


def _file(handoff_id: int, key: str, ids: dict[str, int]) -> dict[str, Any] | None:
    return {"id": ids[key], "url": f"/api/v1/handoffs/{handoff_id}/files/{key}"} if key in ids else None


def _message(row: Message, names: dict[int, str]) -> dict[str, Any]:
    key = row.payload.get("attachment")
    url = f"/api/v1/conversations/{row.conversation_id}/files/{key}" if key else None
    return {
        "id": str(row.id),
        "seq": row.seq,
        "sender": row.sender,
        "kind": row.kind,
        "text": row.text,
        "buttons": row.buttons,
        "cards": row.cards,
        "choice": row.payload.get("choice"),
        "location": row.payload.get("location"),
        "photo_url": url if row.kind != "document" else None,
        "file": {"name": row.payload["name"], "size": row.payload["size"], "url": url}
        if row.kind == "document" else None,
        "operator_name": names.get(row.account_id or 0),
        "client_message_id": row.external_id,
        "created_at": row.created_at.isoformat(),
    }
