"""Photos and voice notes, for those who may see where they came from."""

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import FileResponse

from bot.console.deps import SignedIn
from bot.console.route import ConsoleRoute
from bot.domain.access import Actor, Right
from bot.errors import NotFound
from bot.services import tickets
from bot.services.files import path_of
from bot.storage import Attachment, Ticket, reading

router = APIRouter(route_class=ConsoleRoute)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Disposition": "inline",
}


@router.get("/files/{key}")
def show(key: str, who: SignedIn) -> FileResponse:
    """The file itself: operators see all, a department those of its tickets. Raises NotFound."""
    with reading() as session:
        attachment = session.scalar(select(Attachment).where(Attachment.key == key))
        if attachment is None:
            raise NotFound("conversation.unknown")
        _check(session, attachment, who.actor)
    path = path_of(attachment)
    if not path.is_file():
        raise NotFound("conversation.unknown")
    return FileResponse(path, media_type=attachment.media_type, headers=HEADERS)


def _check(session: Session, attachment: Attachment, actor: Actor) -> None:
    if actor.may(Right.SEE_CONVERSATIONS):
        return
    ticket = session.get(Ticket, attachment.ticket_id) if attachment.ticket_id else None
    if ticket is None:
        raise NotFound("conversation.unknown")
    tickets.find(session, ticket.number, actor)
