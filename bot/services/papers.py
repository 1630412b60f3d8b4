"""Files of departments: pictures and papers, checked by content and kept beside the ticket."""

import io
import re
import zipfile

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.domain.message import clean_text
from bot.domain.ticket import ENDED, TicketState
from bot.errors import BadInput, Conflict, NotFound
from bot.services import files
from bot.services.assignments import find
from bot.services.files import Kept
from bot.services.history import note
from bot.storage import Attachment, Ticket, touch

MOST = 10
PDF = "application/pdf"
OFFICE = {"word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
          "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")}
_ACTIVE_PDF = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?)\b|/JS\s*[(<\d]")
UNPACKED_AT_MOST = 200 * 2**20


def add(session: Session, number: str, actor: Actor, name: str, content: bytes, internal: bool) -> Attachment:
    """Keep a file; one that is not `internal` goes to the citizen with the answer. Raises BadInput, Conflict."""
    ticket = find(session, number, actor)
    if TicketState(ticket.state) in ENDED:
        raise Conflict("ticket.not_open", number=number)
    theirs = select(func.count()).where(Attachment.ticket_id == ticket.id, Attachment.by != "citizen")
    if (session.scalar(theirs) or 0) >= MOST:
        raise BadInput("file.too_many", most=MOST)
    kept = checked(content)
    if not internal and not kept.media_type.startswith("image/"):
        raise BadInput("file.only_pictures")
    key = files.store(session, ticket.conversation_id, kept)
    session.flush()
    made = session.scalars(select(Attachment).where(Attachment.key == key)).one()
    made.ticket_id, made.by, made.internal = ticket.id, actor.id, internal
    made.name = (clean_text(name, 100)[0].replace("/", "_").replace("\\", "_") or f"{key}.{kept.ending}")
    note(session, "ticket", ticket.id, actor.id, "file_added", why=made.name)
    touch(session, "tickets")
    return made


def remove(session: Session, number: str, actor: Actor, key: str) -> None:
    """One's own file, as long as the citizen has not been sent it. Raises NotFound, Conflict."""
    ticket = find(session, number, actor)
    found = session.scalar(select(Attachment).where(Attachment.key == key, Attachment.ticket_id == ticket.id,
                                                    Attachment.by == actor.id))
    if found is None:
        raise NotFound("file.unknown")
    if ticket.answer and not found.internal:
        raise Conflict("file.sent")
    files.path_of(found).unlink(missing_ok=True)
    session.delete(found)
    note(session, "ticket", ticket.id, actor.id, "file_removed", why=found.name)
    touch(session, "tickets")


def of_ticket(session: Session, ticket: Ticket) -> list[Attachment]:
    """Departments' files, oldest first."""
    query = select(Attachment).where(Attachment.ticket_id == ticket.id, Attachment.by != "citizen")
    return list(session.scalars(query.order_by(Attachment.id)))


def checked(content: bytes) -> Kept:
    """A picture (written anew, without where it was taken), a PDF without scripts, a docx or xlsx without macros: told
    by content, whatever the name says. Raises BadInput for anything else."""
    if content.startswith(b"%PDF-"):
        files.check_size(content)
        if _ACTIVE_PDF.search(content):
            raise BadInput("file.active")
        return Kept(content, PDF, "pdf")
    if content.startswith(b"PK\x03\x04"):
        files.check_size(content)
        return _office(content)
    try:
        return files.checked_photo(content)
    except BadInput as error:
        if error.key == "file.not_a_photo":
            raise BadInput("file.not_a_paper") from error
        raise


def _office(content: bytes) -> Kept:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [info.filename for info in archive.infolist()]
            size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise BadInput("file.not_a_paper") from error
    kind = next((kind for folder, kind in OFFICE.items() if any(name.startswith(folder) for name in names)), None)
    if kind is None or "[Content_Types].xml" not in names or size > UNPACKED_AT_MOST:
        raise BadInput("file.not_a_paper")
    if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) or "/embeddings/" in name for name in names):
        raise BadInput("file.active")
    return Kept(content, *kind)
