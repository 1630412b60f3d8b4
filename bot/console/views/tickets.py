"""Tickets as departments and operators see them."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.people import actor_accounts
from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.clock import RED, YELLOW
from bot.domain.ticket import DONE, ENDED, RESTING, RequestKind, TicketState
from bot.i18n import text
from bot.services import additions, assignments, confidence, supervision, territories, ticket_boxes, ticket_notes, units
from bot.services.catalogue import catalogue
from bot.services.ticket_search import COUNTED, Filter
from bot.storage import Assignment, Attachment, Change, Conversation, Ticket

_NAMES_DEPARTMENTS = ("dispatched", "reassigned", "co_added", "co_dropped", "co_ordered", "co_dispatched",
                      "answered_without")
CHANNELS = ("telegram", "web", "sms", "phone")


@dataclass(frozen=True)
class Row:
    """One ticket in a list. `running` where its clock still counts, `resting` where that stands still; `news`: the
    citizen has added something since; `acceptable`: whose department looks may take its part on; `card`: yellow | red,
    the worse one it had; `talk`: another department has said something since."""

    number: str
    item: str
    kind: str
    description: str
    place: str
    department: str
    state: str
    state_code: str
    part: str
    due_at: datetime
    running: bool
    received_at: datetime
    answered_at: datetime | None
    urged: int
    reopened: int
    score: int | None
    news: bool = False
    acceptable: bool = False
    resting: bool = False
    confidential: bool = False
    card: str = ""
    talk: bool = False


@dataclass(frozen=True)
class Step:
    """One line of a ticket's history."""

    at: datetime
    what: str
    who: str
    why: str


@dataclass(frozen=True)
class Part:
    """A department's share; `unit` is its office for the place. `order` says which co-handlers work side by side and
    which one after the other; `proposed` is whose it is, as one that gave it back sees it."""

    department: str
    unit: str
    role: str
    state: str
    note: str
    order: str = ""
    proposed: str = ""


@dataclass(frozen=True)
class Sheet:
    """A whole ticket. `may` holds the actions open to who looks: accept, answer, return, dispatch; `proposed` is the
    code of the department that the lead named when it gave the ticket back."""

    row: Row
    ticket: Ticket
    territory: str
    parts: list[Part]
    files: list[Attachment]
    history: list[Step]
    outcome: str
    citizen: str
    may: frozenset[str]
    lead: bool
    proposed: str = ""


@dataclass(frozen=True)
class Listing:
    """A page of a box: its rows, the cursor of the next page ("" at the end), and how many lie in each box."""

    rows: list[Row]
    after: str
    counts: dict[str, int]


def listing(session: Session, actor: Actor, wanted: Filter, box: str, after: str, language: str) -> Listing:
    """What lies in a box and fits the filter."""
    found = ticket_boxes.page(session, actor, wanted, box, after)
    fresh = additions.news(session, [t.id for t in found.tickets])
    worst = supervision.worst(session, [t.id for t in found.tickets], actor.department)
    talk = ticket_notes.unread(session, actor, [t.id for t in found.tickets])
    rows = [replace(row(t, actor, language, t.id in fresh, worst.get(t.id, 0)), talk=t.id in talk)
            for t in found.tickets]
    return Listing(rows, found.after, ticket_boxes.counts(session, actor, wanted))


def row(ticket: Ticket, actor: Actor, language: str, news: bool = False, level: int = 0) -> Row:
    """One ticket in short; `level` is the highest that supervision has reached."""
    state = TicketState(ticket.state)
    mine = _part_of(ticket, actor)
    lead = next((a for a in ticket.assignments if a.role == AssignmentRole.LEAD), None)
    return Row(
        number=ticket.number, item=item_name(ticket.item, language), kind=text(f"kind.{ticket.kind}", language),
        description=confidence.readable(ticket, ticket.description, actor), place=_place(ticket, language),
        department=department_name(lead.department, language) if lead else "",
        state=text(f"console.ticket_{state.value}", language), state_code=state.value,
        part=text(f"console.part_{mine.state}", language) if mine and mine.role == AssignmentRole.CO else "",
        due_at=ticket.due_at, running=state not in DONE | ENDED, received_at=ticket.received_at,
        answered_at=ticket.answered_at, urged=ticket.urged, reopened=ticket.reopened, score=ticket.score,
        news=news, acceptable="accept" in actions(ticket, actor), resting=state in RESTING,
        confidential=ticket.confidential, card="red" if level >= RED else "yellow" if level == YELLOW else "",
    )


def sheet(session: Session, number: str, actor: Actor, language: str) -> Sheet:
    """The ticket with all that belongs to it. Raises NotFound where the actor may not see it."""
    ticket = assignments.find(session, number, actor)
    files = session.scalars(select(Attachment).where(Attachment.ticket_id == ticket.id, Attachment.by == "citizen")
                            .order_by(Attachment.id))
    conversation = session.get_one(Conversation, ticket.conversation_id)
    mine = _part_of(ticket, actor)
    return Sheet(
        row=row(ticket, actor, language, bool(additions.news(session, [ticket.id]))), ticket=ticket,
        territory=_territory(ticket, language),
        parts=[_part(session, ticket, a, language) for a in ticket.assignments],
        files=list(files), history=_history(session, ticket, actor, language),
        outcome=text(f"console.outcome_{ticket.outcome}", language) if ticket.outcome else "",
        citizen=words.citizen(conversation, language), may=actions(ticket, actor),
        lead=mine is not None and mine.role == AssignmentRole.LEAD,
        proposed=next((a.proposed for a in ticket.assignments if a.role == AssignmentRole.LEAD), ""),
    )


def steps(session: Session, number: str, actor: Actor) -> int:
    """How many lines the ticket's history has. Raises NotFound where the actor may not see it."""
    ticket = assignments.find(session, number, actor)
    return len(_changes(session, ticket))


def actions(ticket: Ticket, actor: Actor) -> frozenset[str]:
    """What the actor, or the actor's department, may do with the ticket as it stands."""
    part, state = _part_of(ticket, actor), TicketState(ticket.state)
    if state == TicketState.RETURNED and actor.may(Right.DISPATCH_TICKETS):
        return frozenset({"dispatch"})
    if part is None or not actor.may(Right.HANDLE_TICKETS) or state in DONE | ENDED:
        return frozenset()
    if part.role == AssignmentRole.CO:
        open_to_co = {"dispatched": {"accept", "answer", "return"}, "accepted": {"answer", "return"}}
        return frozenset(open_to_co.get(part.state, ()))
    if state == TicketState.DISPATCHED:
        return frozenset({"accept", "return"})
    if state in (TicketState.ACCEPTED, TicketState.WAITING):
        return frozenset({"answer", "return"} if state == TicketState.ACCEPTED else {"answer"})
    return frozenset()


def choices(language: str) -> dict[str, list[tuple[str, str]]]:
    """What the desk's filter offers: departments, streets, categories, kinds."""
    known = catalogue()
    return {
        "department": departments(language),
        "street": [(s.code, territories.name_of(s.code, language)) for s in territories.streets()],
        "category": [(c.code, c.name(language)) for c in known.categories.values()],
        "kind": [(k.value, text(f"kind.{k.value}", language)) for k in RequestKind],
        "channel": [(code, words.channel(code, language)) for code in CHANNELS],
    }


def many(count: int) -> str:
    """A count as far as it was counted."""
    return f"{COUNTED}+" if count == COUNTED + 1 else str(count)


def departments(language: str) -> list[tuple[str, str]]:
    """Code and name of every department, to choose one from."""
    return [(d.code, d.name(language)) for d in catalogue().departments.values()]


def _part_of(ticket: Ticket, actor: Actor) -> Assignment | None:
    return next((a for a in ticket.assignments if actor.department and a.department == actor.department), None)


def department_name(code: str, language: str) -> str:
    """A department's name; one that is known no more by its code."""
    department = catalogue().departments.get(code)
    return department.name(language) if department else code


def item_name(code: str, language: str) -> str:
    """An item's name; one that is known no more by its code."""
    item = catalogue().items.get(code)
    return item.name(language) if item else code


def _part(session: Session, ticket: Ticket, part: Assignment, language: str) -> Part:
    given_back = part.proposed if part.state == AssignmentState.RETURNED else ""
    return Part(department_name(part.department, language), units.name(session, part.unit, language),
                text(f"console.part_{part.role}", language), text(f"console.part_{part.state}", language), part.note,
                _order(ticket, part, language), department_name(given_back, language))


def _order(ticket: Ticket, part: Assignment, language: str) -> str:
    """并联 or 串联, where there are several co-handlers."""
    steps = [a.step for a in ticket.assignments if a.role == AssignmentRole.CO]
    if part.role != AssignmentRole.CO or len(steps) < 2:
        return ""
    ranks = sorted(set(steps))
    together = "_together" if steps.count(part.step) > 1 else ""
    if len(ranks) == 1:
        return text("tickets.order_together", language)
    return text(f"tickets.order_step{together}", language, n=ranks.index(part.step) + 1)


def _territory(ticket: Ticket, language: str) -> str:
    names = [territories.name_of(ticket.place.get(level, ""), language) for level in ("street", "community")]
    return " · ".join(dict.fromkeys(n for n in names if n))


def _place(ticket: Ticket, language: str) -> str:
    street = territories.name_of(ticket.place.get("street", ""), language)
    told = str(ticket.place.get("text", ""))
    return told if not street or street in told else f"{street} {told}".strip()


def _history(session: Session, ticket: Ticket, actor: Actor, language: str) -> list[Step]:
    changes = _changes(session, ticket)
    people = actor_accounts(session, [c.actor for c in changes])
    return [Step(c.at, words.what_happened(c.subject, c.what, language), words.who(c.actor, people, language),
                 confidence.readable_step(ticket, c, _why(c, language), actor)) for c in changes]


def _changes(session: Session, ticket: Ticket) -> list[Change]:
    query = select(Change).where(Change.subject == "ticket", Change.subject_id == str(ticket.id), Change.what != "told")
    return list(session.scalars(query.order_by(Change.id)))


def _why(change: Change, language: str) -> str:
    """The reason; a dispatch names its departments before it, as codes: `transport,tax words of the operator`."""
    if change.what not in _NAMES_DEPARTMENTS:
        return change.why
    codes, _, reason = change.why.partition(" ")
    names = "、".join(department_name(code, language) for code in codes.split(",") if code)
    return f"{names}\n{reason}" if reason else names
