"""Community workers: their own page with the tasks of their grid and the code that links their chat."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from bot.config import settings
from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page
from bot.console.route import ConsoleRoute
from bot.console.views import grid as view
from bot.domain.access import Right
from bot.domain.grid import TaskState
from bot.errors import BadInput, HotlineError
from bot.i18n import text
from bot.services import chat_links, files, grid_tasks
from bot.storage import reading, transaction

router = APIRouter(route_class=ConsoleRoute, dependencies=[Depends(guard)])
PICTURES = 5
FORM_BYTES = 65_536
"""What a form has besides its pictures."""


class Recall(BaseModel):
    """Which task is off."""

    task: int = 0


class Task(BaseModel):
    """Whom to ask for what."""

    worker: int = 0
    text: str = ""


def worker(who: SignedIn) -> Visitor:
    """A community worker. Raises NotAllowed."""
    who.actor.must(Right.WORK_GRID)
    return who


Worker = Annotated[Visitor, Depends(worker)]


@router.get("/grid")
def show(request: Request, who: Worker, done: str = "") -> Response:
    """Tasks, what was reported, the chat."""
    return _page(request, who, done=done if done in ("done", "declined", "unlinked") else "")


@router.post("/grid/code")
def link(request: Request, who: Worker) -> Response:
    """A code for the chat, shown with this answer only."""
    with transaction() as session:
        code = chat_links.new_code(session, who.actor)
    return _page(request, who, code=f"{code[:4]} {code[4:]}")


@router.post("/grid/unlink")
def unlink(who: Worker) -> Response:
    """The chat is a citizen's again."""
    with transaction() as session:
        chat_links.unlink(session, who.actor)
    return RedirectResponse("/console/grid?done=unlinked", 303)


@router.post("/grid/tasks/{task_id}")
async def report(request: Request, task_id: int, who: Worker) -> Response:
    """办结 or 办不了, with words and pictures; what was written is kept where something is wrong with it."""
    limit = settings().upload_limit_bytes
    if int(request.headers.get("content-length") or 0) > PICTURES * limit + FORM_BYTES:
        raise BadInput("file.too_big", limit=limit // 1_048_576)
    async with request.form() as form:
        words, then = str(form.get("text") or ""), str(form.get("then") or "")
        pictures = [await sent.read(limit + 1) for sent in _pictures(form)]
    try:
        await run_in_threadpool(_finish, task_id, who, words, pictures, then)
    except HotlineError as error:
        problem = text(f"errors.{error.key}", who.language, **error.facts)
        return await run_in_threadpool(_page, request, who, error.status, at=task_id, words=words, problem=problem)
    return RedirectResponse(f"/console/grid?done={then}", 303)


@router.post("/api/tickets/{number}/grid-tasks")
def ask(number: str, sent: Task, who: SignedIn) -> dict[str, int]:
    """请网格员到场."""
    with transaction() as session:
        return {"id": grid_tasks.ask(session, number, who.actor, sent.worker, sent.text).id}


@router.post("/api/tickets/{number}/grid-recall")
def take_back(number: str, sent: Recall, who: SignedIn) -> dict[str, int]:
    """不用去了."""
    with transaction() as session:
        return {"id": grid_tasks.take_back(session, number, who.actor, sent.task).id}


def _pictures(form: FormData) -> list[UploadFile]:
    return [one for one in form.getlist("photo") if isinstance(one, UploadFile) and one.filename]


def _finish(task_id: int, who: Visitor, words: str, pictures: list[bytes], then: str) -> None:
    if then not in (TaskState.DONE, TaskState.DECLINED):
        raise BadInput("grid.cannot_move")
    if len(pictures) > PICTURES:
        raise BadInput("file.too_many", most=PICTURES)
    checked = [files.checked_photo(content) for content in pictures]
    with transaction() as session:
        task = grid_tasks.own(session, who.actor.account_id or 0, task_id)
        keys = [files.store(session, grid_tasks.own_chat(session, task), one) for one in checked]
        session.flush()
        grid_tasks.add(session, task, words, grid_tasks.ids(session, keys))
        grid_tasks.finish(session, task, TaskState(then))


def _page(
    request: Request, who: Visitor, status: int = 200, done: str = "", code: str = "", at: int = 0, words: str = "",
    problem: str = "",
) -> Response:
    """`at` is the task the problem is about, `words` what was written there."""
    with reading() as session:
        own = view.own(session, who.actor, who.language)
    return page(request, who, "grid.html", status, own=own, done=done, code=code, at=at, words=words, problem=problem,
                minutes=int(chat_links.VALID.total_seconds() // 60))
