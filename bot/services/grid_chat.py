"""Community workers in the chat: linking it, taking tasks, reporting on them. Anything else they write goes the way of
any citizen's words, so a new matter is reported as everybody reports it."""

from typing import Any

from sqlalchemy.orm import Session

from bot.domain import choice as choices
from bot.domain.grid import OPEN, TaskState, asks_for_tasks, link_code
from bot.errors import BadInput, Conflict, NotFound
from bot.i18n import text
from bot.services import chat_links, grid_tasks
from bot.services.conversations import attachments_of
from bot.services.replies import Turn, say, say_text
from bot.storage import Account, GridTask, Message, Ticket, touch

LISTED = 5


def concerns(session: Session, conversation_id: str, message: Message) -> bool:
    """Whether a message is a worker's about tasks, or a code that links this chat."""
    pressed = choices.parse(message.payload.get("choice", ""))
    if pressed is None and message.kind == "text" and link_code(message.text):
        return True
    worker = chat_links.worker(session, conversation_id)
    if worker is None or message.kind == "voice":
        return False
    if pressed is not None:
        return pressed.verb == "task"
    return asks_for_tasks(message.text) or bool(_at_work(session, worker))


def answer(session: Session, turn: Turn) -> None:
    """Do what the message says and reply to it."""
    turn.source = "grid"
    message = session.get_one(Message, turn.message_id)
    pressed = choices.parse(message.payload.get("choice", ""))
    worker = chat_links.worker(session, turn.conversation_id)
    if pressed is None and message.kind == "text" and (code := link_code(message.text)):
        _link(session, turn, code)
    elif worker is None:
        say(session, turn, "grid.not_linked")
    elif pressed is not None:
        _press(session, turn, worker, *pressed.args)
    elif (working := _at_work(session, worker)) is None or asks_for_tasks(message.text):
        _list(session, turn, worker)
    else:
        photos = [a.id for a in attachments_of(session, message) if message.kind == "photo"]
        grid_tasks.add(session, working, _said(message), photos)
        say(session, turn, "grid.kept", n=working.id, buttons=grid_tasks.buttons(working, turn.language))


def _link(session: Session, turn: Turn, code: str) -> None:
    account = chat_links.use(session, turn.conversation_id, code)
    if account is None:
        say(session, turn, "grid.bad_code")
        return
    say(session, turn, "grid.linked", name=account.name)
    if grid_tasks.open_count(session, account.id):
        _list(session, turn, account)


def _press(session: Session, turn: Turn, worker: Account, verb: str = "", number: str = "") -> None:
    try:
        task = grid_tasks.own(session, worker.id, int(number) if number.isdigit() else 0)
        _do(session, turn, task, verb)
    except (NotFound, Conflict, BadInput) as error:
        say_text(session, turn, text(f"errors.{error.key}", turn.language, **error.facts))


def _do(session: Session, turn: Turn, task: GridTask, verb: str) -> None:
    if verb in ("done", "no"):
        _finish(session, turn, task, verb)
    elif verb == "later":
        grid_tasks.move(task, TaskState.ASKED)
        touch(session, "tickets")
        say(session, turn, "grid.later", n=task.id)
    else:
        grid_tasks.take(session, task)
        say(session, turn, "grid.at_work", n=task.id, buttons=grid_tasks.buttons(task, turn.language))


def _finish(session: Session, turn: Turn, task: GridTask, verb: str) -> None:
    then = TaskState.DONE if verb == "done" else TaskState.DECLINED
    try:
        grid_tasks.finish(session, task, then)
    except BadInput:
        grid_tasks.take(session, task)
        say(session, turn, f"grid.first_{verb}", buttons=grid_tasks.buttons(task, turn.language))
    else:
        say(session, turn, f"grid.{then.value}", n=task.id)


def _list(session: Session, turn: Turn, worker: Account) -> None:
    tasks = grid_tasks.of_worker(session, worker.id, OPEN)
    if not tasks:
        say(session, turn, "grid.none")
    for task in tasks[:LISTED]:
        ticket = session.get_one(Ticket, task.ticket_id)
        say_text(session, turn, grid_tasks.in_words(ticket, task, turn.language),
                 grid_tasks.buttons(task, turn.language))
    if len(tasks) > LISTED:
        say(session, turn, "grid.more", n=len(tasks) - LISTED)


def _at_work(session: Session, worker: Account) -> GridTask | None:
    return next(iter(grid_tasks.of_worker(session, worker.id, (TaskState.AT_WORK,), 1)), None)


def _said(message: Message) -> str:
    pin: dict[str, Any] = message.payload.get("location") or {}
    where = f"{pin['lat']:.5f}, {pin['lon']:.5f}" if pin else ""
    return message.text or where
