"""Photos and voice notes, for those who may see where they came from."""

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import FileResponse, Response

from bot.console.deps import SignedIn
from bot.console.pages import error_page
from bot.console.route import ConsoleRoute
from bot.domain.access import Actor, Right, may_see_ticket
from bot.domain.assignment import AssignmentRole
from bot.i18n import text
from bot.services.files import path_of
from bot.storage import Assignment, Attachment, GridTask, reading

router = APIRouter(route_class=ConsoleRoute)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=86400, immutable",
}
SHOWN = ("image/", "audio/")
"""What a browser shows by itself; papers are always downloaded."""


@router.get("/files/{key}")
def show(request: Request, key: str, who: SignedIn) -> Response:
    """The file itself: operators see all, a department those of its tickets, a community worker pictures of theirs; 404
    for anything else."""
    with reading() as session:
        attachment = session.scalar(select(Attachment).where(Attachment.key == key))
        if attachment is None or not _may_see(session, attachment, who.actor) or not path_of(attachment).is_file():
            return error_page(request, 404, text("console.no_file", who.language))
    shown = attachment.media_type.startswith(SHOWN)
    return FileResponse(path_of(attachment), media_type=attachment.media_type, headers=HEADERS,
                        filename=attachment.name or path_of(attachment).name,
                        content_disposition_type="inline" if shown else "attachment")


def _may_see(session: Session, attachment: Attachment, actor: Actor) -> bool:
    if actor.may(Right.SEE_CONVERSATIONS):
        return True
    if actor.may(Right.WORK_GRID):
        theirs = select(GridTask.id).where(GridTask.account_id == actor.account_id,
                                           GridTask.ticket_id == attachment.ticket_id)
        shown = attachment.by in ("citizen", actor.id) and attachment.media_type.startswith("image/")
        return shown and session.scalar(theirs.limit(1)) is not None
    query = select(Assignment.department, Assignment.unit).where(
        Assignment.ticket_id == attachment.ticket_id, Assignment.role != AssignmentRole.PAST
    )
    return attachment.ticket_id is not None and may_see_ticket(actor, set(session.execute(query).tuples()))
