"""A community worker's own page, and the tasks on a ticket's page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.people import actor_accounts
from bot.console.views.tickets import item_name
from bot.domain.access import Actor
from bot.domain.grid import OPEN, TaskState
from bot.domain.ticket import IN_HAND, TicketState
from bot.i18n import text
from bot.services import chat_links, grid_tasks, territories
from bot.storage import Account, Attachment, GridTask, Ticket

FINISHED = 20


@dataclass(frozen=True)
class Task:
    """A task as its worker sees it; `photos` are keys of what the citizen and the worker have sent."""

    id: int
    item: str
    number: str
    place: str
    pin: tuple[float, float] | None
    description: str
    wanted: str
    asked_at: datetime
    state: str
    open: bool
    at_work: bool
    report: str
    reported_at: datetime | None
    photos: list[str]


@dataclass(frozen=True)
class Own:
    """`chat` is the channel's name and since when, None without one; `territory` what the worker looks after."""

    territory: str
    chat: tuple[str, datetime] | None
    tasks: list[Task]
    finished: list[Task]


@dataclass(frozen=True)
class OnTicket:
    """The part on a ticket's page: tasks as (worker, asked by, task), who may be asked, as (id, name), whether the
    reader may call tasks off."""

    tasks: list[tuple[str, str, Task]]
    workers: list[tuple[int, str]]
    reporter: str
    recalls: bool


def own(session: Session, actor: Actor, language: str) -> Own:
    """For the worker's page."""
    account = session.get_one(Account, actor.account_id)
    linked = chat_links.chat_of(session, account.id)
    chat = (words.channel(linked[0].channel, language), linked[1]) if linked else None
    over = tuple(state for state in TaskState if state not in OPEN)
    return Own(
        territories.full_name(session, account.territory, language), chat,
        [_task(session, t, language) for t in grid_tasks.of_worker(session, account.id, OPEN)],
        [_task(session, t, language) for t in grid_tasks.of_worker(session, account.id, over, FINISHED)],
    )


def on_ticket(session: Session, ticket: Ticket, actor: Actor, language: str) -> OnTicket:
    """For the ticket's page of who may see it."""
    tasks = grid_tasks.of_ticket(session, ticket)
    going = TicketState(ticket.state) in IN_HAND | {TicketState.RETURNED}
    free = grid_tasks.workers(session, ticket) if going and grid_tasks.may_ask(ticket, actor) else []
    people = actor_accounts(session, [t.asked_by for t in tasks] + [f"account:{t.account_id}" for t in tasks]
                            + [ticket.reported_by])
    shown = [(words.who(f"account:{t.account_id}", people, language), words.who(t.asked_by, people, language),
              _task(session, t, language)) for t in tasks]
    names = [(w.id, f"{w.name}（{territories.full_name(session, w.territory, language)}）") for w in free]
    reporter = words.who(ticket.reported_by, people, language) if ticket.reported_by else ""
    return OnTicket(shown, names, reporter, grid_tasks.may_ask(ticket, actor))


def _task(session: Session, task: GridTask, language: str) -> Task:
    ticket = session.get_one(Ticket, task.ticket_id)
    lat, lon = ticket.place.get("lat"), ticket.place.get("lon")
    told = str(ticket.place.get("text") or "")
    known = [territories.name_of(code, language) for code in (ticket.street, ticket.community)]
    where = [name for name in known if name and name not in told]
    photos = select(Attachment.key).where(
        Attachment.ticket_id == ticket.id, Attachment.media_type.like("image/%"),
        Attachment.by.in_(["citizen", f"account:{task.account_id}"])).order_by(Attachment.id)
    return Task(
        task.id, item_name(ticket.item, language), ticket.number,
        " ".join(n for n in (*where, told) if n) or text("console.not_said", language),
        (lat, lon) if lat is not None and lon is not None else None, grid_tasks.described(ticket), task.words,
        task.asked_at, text(f"grid.state_{task.state}", language), task.state in OPEN,
        task.state == TaskState.AT_WORK, task.report, task.reported_at, list(session.scalars(photos)),
    )
