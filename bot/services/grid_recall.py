"""Tasks of community workers that nobody needs any more, or that nobody is there to do."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.domain.grid import OPEN, TaskState, check_move
from bot.i18n import text
from bot.services import chat_links
from bot.services.catalogue import item_or_raise
from bot.services.history import note
from bot.services.replies import tell
from bot.storage import Account, GridTask, Ticket, touch


def recall(session: Session, task: GridTask, by: str, why: str) -> None:
    """The task is off, and its worker is told why (`why` as in grid.off_*). Raises Conflict where it is over."""
    _end(session, task, by, "grid_recalled")
    chat = chat_links.chat_of(session, task.account_id)
    if chat is not None:
        language = chat[0].language
        item = item_or_raise(session.get_one(Ticket, task.ticket_id).item).name(language)
        reason = text(f"grid.off_{why}", language)
        tell(session, chat[0].id, text("grid.off", language, n=task.id, item=item, why=reason), f"grid-off:{task.id}")


def ticket_ended(session: Session, ticket: Ticket, by: str) -> None:
    """Nobody goes in vain to see to what is over."""
    for task in _open(session, GridTask.ticket_id == ticket.id):
        recall(session, task, by, "ended")


def unmanned(session: Session, account: Account, by: str) -> None:
    """Somebody is no community worker any more: those who asked see it as news of their tickets and can ask another."""
    for task in _open(session, GridTask.account_id == account.id):
        _end(session, task, by, "grid_unmanned")


def _open(session: Session, whose: ColumnElement[bool]) -> list[GridTask]:
    query = select(GridTask).where(whose, GridTask.state.in_([s.value for s in OPEN]))
    return list(session.scalars(query.order_by(GridTask.id).with_for_update()))


def _end(session: Session, task: GridTask, by: str, what: str) -> None:
    check_move(TaskState(task.state), TaskState.RECALLED)
    task.state = TaskState.RECALLED.value
    note(session, "ticket", task.ticket_id, by, what, why=session.get_one(Account, task.account_id).name)
    touch(session, "tickets")
