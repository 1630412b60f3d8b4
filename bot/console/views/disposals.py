"""What departments have written on a ticket, and what its answer form needs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.people import actor_accounts
from bot.domain.access import Actor, Right
from bot.domain.assignment import AssignmentRole, AssignmentState
from bot.domain.calendar import LOCAL
from bot.domain.disposal import Resolved, Upheld
from bot.i18n import text
from bot.services import answer_templates, assignments, disposals, papers, ticket_notes
from bot.services.catalogue import catalogue
from bot.storage import Assignment, Attachment, Disposal, Ticket, now

UPHELD, RESOLVED = tuple(u.value for u in Upheld), tuple(r.value for r in Resolved)


@dataclass(frozen=True)
class Said:
    """A line of the discussion."""

    who: str
    department: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Given:
    """A disposal as it is read: its fields in words, label and value, and who gave it."""

    department: str
    lead: bool
    at: datetime
    fields: list[tuple[str, str]]


@dataclass(frozen=True)
class Paper:
    """A department's file; `removable` by who looks."""

    file: Attachment
    who: str
    removable: bool


@dataclass(frozen=True)
class Writing:
    """`owing` are co-handlers that have not answered, `from_co` the last answers of those that have: (department,
    resolved, account); `templates` are (id, title, item or "", words filled in, words as kept);
    `earliest` and `latest` bound the time of contact, as a browser's field writes it."""

    discussion: list[Said]
    disposals: list[Given]
    papers: list[Paper]
    owing: list[str]
    from_co: list[tuple[str, str, str]]
    templates: list[tuple[int, str, str, str, str]]
    earlier: list[str]
    earliest: str
    latest: str


def writing(session: Session, ticket: Ticket, actor: Actor, language: str) -> Writing:
    """For the page of a ticket the actor may see."""
    said, given, kept = (ticket_notes.of_ticket(session, ticket), disposals.of_ticket(session, ticket),
                         papers.of_ticket(session, ticket))
    people = actor_accounts(session, [s.by for s in said] + [a.by for a in kept])
    parts = {a.id: a for a in ticket.assignments}
    handles = actor.may(Right.HANDLE_TICKETS)
    return Writing(
        discussion=[Said(words.who(s.by, people, language), _department(s.department, language), s.at, s.text)
                    for s in said],
        disposals=[Given(_department(parts[d.assignment_id].department, language),
                         parts[d.assignment_id].role == AssignmentRole.LEAD, d.at, _fields(d, language))
                   for d in given if d.assignment_id in parts],
        papers=[Paper(a, words.who(a.by, people, language), a.by == actor.id and papers.removable(session, a))
                for a in kept],
        owing=[_department(a.department, language) for a in ticket.assignments
               if a.role == AssignmentRole.CO and a.state not in (AssignmentState.ANSWERED, AssignmentState.RETURNED)],
        from_co=_from_co(given, parts, language),
        templates=[(t.id, t.title, t.item, answer_templates.filled(t, ticket, language), t.text)
                   for t in (answer_templates.of(session, ticket, actor) if handles else [])],
        earlier=disposals.earlier(session, ticket) if handles else [],
        earliest=_local(ticket.received_at), latest=_local(now()),
    )


def warned_of(session: Session, number: str, actor: Actor, answer: str) -> list[str]:
    """What in an answer may name a person, each once."""
    ticket = assignments.find(session, number, actor)
    return list(dict.fromkeys(found.words for found in disposals.warned_of(ticket, answer)))


def _from_co(given: list[Disposal], parts: dict[int, Assignment], language: str) -> list[tuple[str, str, str]]:
    last = {d.assignment_id: d for d in given
            if d.assignment_id in parts and parts[d.assignment_id].role == AssignmentRole.CO
            and parts[d.assignment_id].state == AssignmentState.ANSWERED}
    return [(_department(parts[part].department, language),
             text(f"disposal.resolved_{d.resolved}", language) if d.resolved else "", d.account)
            for part, d in last.items()]


def _fields(given: Disposal, language: str) -> list[tuple[str, str]]:
    pairs = [
        ("upheld", text(f"disposal.upheld_{given.upheld}", language) if given.upheld else ""),
        ("out_of_remit", text("disposal.yes", language) if given.out_of_remit else ""),
        ("contacted_at", words.stamp(given.contacted_at, language) if given.contacted_at else ""),
        ("resolved", text(f"disposal.resolved_{given.resolved}", language) if given.resolved else ""),
        ("whose" if given.out_of_remit else "reason", given.unresolved_reason),
        ("account", given.account),
    ]
    return [(text(f"disposal.{name}", language), value) for name, value in pairs if value]


def _department(code: str, language: str) -> str:
    department = catalogue().departments.get(code)
    return department.name(language) if department else ""


def _local(moment: datetime) -> str:
    return moment.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
