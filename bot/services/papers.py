"""Files of departments: pictures and papers, checked by content and kept beside the ticket."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

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
from bot.services.telling import FOR_CITIZENS, PDF, send_files
from bot.storage import Attachment, Change, Message, Ticket, touch

MOST = 10
OFFICE = {"word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
          "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")}
_ACTIVE_PDF = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?)\b|/JS\s*[(<\d]")
_HIDDEN_PDF = re.compile(rb"/ObjStm\b[^>]{0,300}>>\s*stream\r?\n")
_FETCHES = re.compile(rb"<Relationship\b(?=[^>]*(?:attachedTemplate|oleObject|subDocument))"
                      rb"[^>]*TargetMode=[\"']External")
"""A template or an object that Office would get from elsewhere."""
UNPACKED_AT_MOST = 200 * 2**20
READ_AT_MOST = 4 * 2**20


def add(session: Session, number: str, actor: Actor, name: str, content: bytes, internal: bool) -> Attachment:
    """Keep a file; one that is not `internal` goes to the citizen with the answer, or at once where that was given
    already. Raises BadInput, Conflict."""
    ticket = find(session, number, actor)
    if TicketState(ticket.state) in ENDED:
        raise Conflict("ticket.not_open", number=number)
    theirs = select(func.count()).where(Attachment.ticket_id == ticket.id, Attachment.by != "citizen")
    if (session.scalar(theirs) or 0) >= MOST:
        raise BadInput("file.too_many", most=MOST)
    kept = checked(content)
    if not internal and kept.media_type not in FOR_CITIZENS:
        raise BadInput("file.not_for_citizens")
    key = files.store(session, ticket.conversation_id, kept)
    session.flush()
    made = session.scalars(select(Attachment).where(Attachment.key == key)).one()
    made.ticket_id, made.by, made.internal = ticket.id, actor.id, internal
    made.name = (clean_text(name, 100)[0].replace("/", "_").replace("\\", "_") or f"{key}.{kept.ending}")
    note(session, "ticket", ticket.id, actor.id, "file_added", why=made.name)
    if ticket.state == TicketState.ANSWERED:
        send_files(session, ticket)
    touch(session, "tickets")
    return made


def remove(session: Session, number: str, actor: Actor, key: str) -> None:
    """One's own file, while the ticket stands as it did when it was added and no citizen has it. Raises NotFound,
    Conflict."""
    ticket = find(session, number, actor)
    found = session.scalar(select(Attachment).where(Attachment.key == key, Attachment.ticket_id == ticket.id,
                                                    Attachment.by == actor.id))
    if found is None:
        raise NotFound("file.unknown")
    if not removable(session, found):
        raise Conflict("file.kept")
    files.path_of(found).unlink(missing_ok=True)
    session.delete(found)
    note(session, "ticket", ticket.id, actor.id, "file_removed", why=found.name)
    touch(session, "tickets")


def removable(session: Session, paper: Attachment) -> bool:
    """Whether nothing has been built on it yet: the ticket has not moved since, and no citizen has been sent it."""
    moved = select(Change.id).where(Change.subject == "ticket", Change.subject_id == str(paper.ticket_id),
                                    Change.at > paper.created_at, Change.before != "", Change.before != Change.after)
    told = select(Message.id).where(Message.conversation_id == paper.conversation_id,
                                    Message.reply_key == f"photo:{paper.ticket_id}:{paper.id}")
    return session.scalar(moved.limit(1)) is None and session.scalar(told.limit(1)) is None


def of_ticket(session: Session, ticket: Ticket) -> list[Attachment]:
    """Departments' files, oldest first."""
    query = select(Attachment).where(Attachment.ticket_id == ticket.id, Attachment.by != "citizen")
    return list(session.scalars(query.order_by(Attachment.id)))


def checked(content: bytes) -> Kept:
    """A picture (written anew, without where it was taken), a PDF without scripts, a docx or xlsx without macros: told
    by content, whatever the name says. Raises BadInput for anything else."""
    if content.startswith(b"%PDF-"):
        files.check_size(content)
        if any(_ACTIVE_PDF.search(part) for part in _pdf_parts(content)):
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


def _pdf_parts(content: bytes) -> Iterator[bytes]:
    """Its bytes with escaped names written out (/J#53 is /JS), and what its packed objects hold."""
    yield _unescaped(content)
    for packed in _HIDDEN_PDF.finditer(content):
        try:
            yield _unescaped(zlib.decompressobj().decompress(content[packed.end():], READ_AT_MOST))
        except zlib.error:
            continue  # packed in another way: a viewer's own guard has to see to it


def _unescaped(content: bytes) -> bytes:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match.group(1).decode()), content)


def _office(content: bytes) -> Kept:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [info.filename for info in archive.infolist()]
            size = sum(info.file_size for info in archive.infolist())
            fetches = any(_FETCHES.search(archive.open(name).read(READ_AT_MOST))
                          for name in names if name.endswith(".rels"))
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, NotImplementedError) as error:
        raise BadInput("file.not_a_paper") from error
    kind = next((kind for folder, kind in OFFICE.items() if any(name.startswith(folder) for name in names)), None)
    if kind is None or "[Content_Types].xml" not in names or size > UNPACKED_AT_MOST:
        raise BadInput("file.not_a_paper")
    active = any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) or "/embeddings/" in name for name in names)
    if active or fetches:
        raise BadInput("file.active")
    return Kept(content, *kind)
