"""Tasks for community workers: somebody of the grid has a look, or sees to it, and says what they found."""

from collections.abc import Collection, Sequence

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain import grid as rules
from bot.domain.access import Actor, Right, Role
from bot.domain.grid import TaskState
from bot.domain.message import Button, clean_text
from bot.domain.personal import without_reporter
from bot.errors import BadInput, Conflict, NotFound
from bot.i18n import text
from bot.services import chat_links, grid_recall, territories
from bot.services.assignments import check_going_on, held, worded
from bot.services.catalogue import item_or_raise
from bot.services.history import note
from bot.services.replies import tell
from bot.storage import Account, Attachment, GridTask, Ticket, now, touch

MOST_OPEN = 5
"""Tasks open at a time on one ticket."""
REPORTS = ("grid_done", "grid_declined", "grid_unmanned")
"""What happens to a task that the ticket's department should look at."""


def workers(session: Session, ticket: Ticket) -> list[Account]:
    """Who looks after the place of a ticket: those of its grid, then of its community, then of its street."""
    places = [code for code in (ticket.grid, ticket.community, ticket.street) if code]
    if not places:
        return []
    near = case({code: rank for rank, code in enumerate(places)}, value=Account.territory)
    query = select(Account).where(Account.role == Role.GRID, Account.disabled.is_(False),
                                  Account.territory.in_(places))
    return list(session.scalars(query.order_by(near, Account.id)))


def may_ask(ticket: Ticket, actor: Actor) -> bool:
    """The desk, and departments with a part in it."""
    theirs = {a.department for a in ticket.assignments if a.role != "past"}
    return actor.may(Right.DISPATCH_TICKETS) or (actor.may(Right.HANDLE_TICKETS) and actor.department in theirs)


def ask(session: Session, number: str, actor: Actor, account_id: int, words: str) -> GridTask:
    """A task for somebody of the ticket's place, told in their chat if they have one. Raises BadInput, Conflict."""
    ticket = held(session, number, actor)
    if not may_ask(ticket, actor):
        raise NotFound("ticket.unknown")
    check_going_on(ticket)
    chosen = next((w for w in workers(session, ticket) if w.id == account_id), None)
    if chosen is None:
        raise BadInput("grid.no_worker")
    wanted = worded(words, "grid.no_words")
    if sum(task.state in rules.OPEN for task in of_ticket(session, ticket)) >= MOST_OPEN:
        raise Conflict("grid.too_many", most=MOST_OPEN)
    task = GridTask(ticket_id=ticket.id, account_id=chosen.id, asked_by=actor.id, words=wanted)
    session.add(task)
    session.flush()
    note(session, "ticket", ticket.id, actor.id, "grid_asked", why=f"{chosen.name}：{wanted}")
    chat = chat_links.chat_of(session, chosen.id)
    if chat is not None:
        language = chat[0].language
        tell(session, chat[0].id, in_words(ticket, task, language), f"grid:{task.id}", buttons(task, language))
    touch(session, "tickets")
    return task


def take_back(session: Session, number: str, actor: Actor, task_id: int) -> GridTask:
    """Whoever may ask may also call it off. Raises NotFound, Conflict where it is over."""
    ticket = held(session, number, actor)
    task = session.get(GridTask, task_id, with_for_update=True)
    if task is None or task.ticket_id != ticket.id or not may_ask(ticket, actor):
        raise NotFound("grid.unknown")
    grid_recall.recall(session, task, actor.id, "taken_back")
    return task


def in_words(ticket: Ticket, task: GridTask, language: str) -> str:
    """What the worker reads: what it is about and where, never who reported it."""
    where = str(ticket.place.get("text") or "") or territories.name_of(ticket.community or ticket.street, language)
    return text("grid.task", language, n=task.id, item=item_or_raise(ticket.item).name(language), place=where,
                description=described(ticket)[:400], words=task.words)


def described(ticket: Ticket) -> str:
    """The citizen's words without what tells whose they are."""
    return without_reporter(ticket.description, ticket.contact_name)


def buttons(task: GridTask, language: str) -> list[Button]:
    """What can be done with a task in chat."""
    verbs = ("done", "no", "later") if task.state == TaskState.AT_WORK else ("take", "no")
    return [Button(f"task:{verb}:{task.id}", text(f"grid.button_{verb}", language)) for verb in verbs]


def of_worker(session: Session, account_id: int, states: Collection[TaskState], limit: int = 50) -> list[GridTask]:
    """A worker's tasks: those at work first, then the newest."""
    query = (select(GridTask).where(GridTask.account_id == account_id, GridTask.state.in_([s.value for s in states]))
             .order_by((GridTask.state == TaskState.AT_WORK).desc(), GridTask.id.desc()).limit(limit))
    return list(session.scalars(query))


def of_ticket(session: Session, ticket: Ticket) -> list[GridTask]:
    """A ticket's tasks, oldest first."""
    return list(session.scalars(select(GridTask).where(GridTask.ticket_id == ticket.id).order_by(GridTask.id)))


def open_count(session: Session, account_id: int) -> int:
    """How many wait for the worker."""
    query = select(func.count()).select_from(GridTask).where(
        GridTask.account_id == account_id, GridTask.state.in_([s.value for s in rules.OPEN]))
    return session.scalar(query) or 0


def own(session: Session, account_id: int, task_id: int) -> GridTask:
    """The worker's task, locked. Raises NotFound for anybody else's, Conflict for one that is over."""
    task = session.get(GridTask, task_id, with_for_update=True)
    if task is None or task.account_id != account_id:
        raise NotFound("grid.unknown")
    if task.state not in rules.OPEN:
        raise Conflict("grid.cannot_move")
    return task


def take(session: Session, task: GridTask) -> None:
    """At work on it: what the worker writes from now on is its report. Another one at work is put aside."""
    others = select(GridTask).where(GridTask.account_id == task.account_id, GridTask.state == TaskState.AT_WORK,
                                    GridTask.id != task.id)
    for other in session.scalars(others):
        move(other, TaskState.ASKED)
    if task.state != TaskState.AT_WORK:
        move(task, TaskState.AT_WORK)


def move(task: GridTask, then: TaskState) -> None:
    """Raises Conflict where it is over."""
    rules.check_move(TaskState(task.state), then)
    task.state = then.value


def add(session: Session, task: GridTask, words: str, photos: Sequence[int] = ()) -> None:
    """Words and pictures join the task's report; the pictures lie with the ticket, for its departments."""
    said = clean_text(words, settings().message_limit_chars)[0].strip()
    task.report = "\n".join(part for part in (task.report, said) if part)
    if photos:
        name = text("grid.photo", "zh", n=task.id)
        ours = or_(Attachment.ticket_id.is_(None), Attachment.ticket_id == task.ticket_id)
        session.execute(update(Attachment).where(Attachment.id.in_(photos), ours).values(
            ticket_id=task.ticket_id, by=f"account:{task.account_id}", internal=True, name=name))
    touch(session, "tickets")


def finish(session: Session, task: GridTask, then: TaskState) -> None:
    """Done, or declined: either says something. Raises BadInput where nothing was reported, Conflict where it is
    over."""
    rules.check_move(TaskState(task.state), then)
    if not task.report and not (then == TaskState.DONE and has_pictures(session, task)):
        raise BadInput("grid.nothing_said" if then == TaskState.DONE else "grid.no_reason")
    move(task, then)
    task.reported_at = now()
    note(session, "ticket", task.ticket_id, f"account:{task.account_id}", f"grid_{then.value}", why=task.report)
    touch(session, "tickets")


def ids(session: Session, keys: Sequence[str]) -> list[int]:
    """Stored files by their keys."""
    return list(session.scalars(select(Attachment.id).where(Attachment.key.in_(keys)))) if keys else []


def own_chat(session: Session, task: GridTask) -> str:
    """The conversation under which a worker's pictures are kept: their own chat, else the ticket's."""
    chat = chat_links.chat_of(session, task.account_id)
    return chat[0].id if chat else session.get_one(Ticket, task.ticket_id).conversation_id


def has_pictures(session: Session, task: GridTask) -> bool:
    """Whether the worker has sent any since the task was given."""
    query = select(Attachment.id).where(Attachment.ticket_id == task.ticket_id, Attachment.created_at >= task.asked_at,
                                        Attachment.by == f"account:{task.account_id}")
    return session.scalar(query.limit(1)) is not None
