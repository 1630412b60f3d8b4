"""What the API says of messages."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import Account, Message


def messages(session: Session, rows: list[Message]) -> list[dict[str, Any]]:
    """Messages as JSON; system messages are for operators and left out."""
    ids = {row.account_id for row in rows if row.account_id}
    query = select(Account.id, Account.name).where(Account.id.in_(ids))
    names = dict(session.execute(query).tuples().all()) if ids else {}
    return [_message(row, names) for row in rows if row.sender != "system"]


def _message(row: Message, names: dict[int, str]) -> dict[str, Any]:
    key = row.payload.get("attachment")
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
        "photo_url": f"/api/v1/conversations/{row.conversation_id}/files/{key}" if key else None,
        "operator_name": names.get(row.account_id or 0),
        "client_message_id": row.external_id,
        "created_at": row.created_at.isoformat(),
    }
