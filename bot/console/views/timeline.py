"""A conversation as one story: messages of all sides and what was done, in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.console import words
from bot.console.views.people import accounts_by_id, actor_accounts, team_names
from bot.console.views.sketch import Sketch, sketch
from bot.domain.calendar import LOCAL
from bot.i18n import messages, text
from bot.services import desk
from bot.services.catalogue import catalogue
from bot.services.conversations import messages_after
from bot.services.territories import spots
from bot.storage import Account, Change, Conversation, Handoff, Message, Referral, StaffNote, Ticket

PAGE = 200
SAME_BREATH = timedelta(minutes=5)
LOOK_BACK = 20
"""Changes numbered this far below the last one seen are read again: they may have been committed after it."""
HIDDEN = frozenset({"told", "dispatched", "asked"})


@dataclass(frozen=True)
class Line:
    """A message, or (`event`) something that was done, or (`note`) words between colleagues. `heads` starts a new
    speaker, `new_day` a new day."""

    id: int
    at: datetime
    text: str
    event: bool = False
    note: bool = False
    seq: int = 0
    sender: str = ""
    name: str = ""
    kind: str = "text"
    edited: bool = False
    file: str = ""
    file_name: str = ""
    location: dict[str, Any] = field(default_factory=dict)
    sketch: Sketch | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)
    heard: str = ""
    client_id: str = ""
    delivery: str = ""
    heads: bool = True
    new_day: bool = False


@dataclass(frozen=True)
class Timeline:
    """A stretch of the story. `seq`, `event` and `note` say how far it reaches; `first` is its first message's
    number."""

    lines: list[Line]
    first: int
    seq: int
    event: int
    note: int = 0

    @property
    def has_earlier(self) -> bool:
        return self.first > 1


def latest(session: Session, conversation: Conversation, language: str, before: int = 0) -> Timeline:
    """The last messages, or the last ones numbered below `before`."""
    query = select(Message).where(Message.conversation_id == conversation.id)
    if before:
        query = query.where(Message.seq < before)
    messages = list(session.scalars(query.order_by(Message.seq.desc()).limit(PAGE)))[::-1]
    first = messages[0].seq if messages else 0
    begin = messages[0].created_at if first > 1 else None
    end = _when(session, conversation.id, before) if before else None
    changes = [c for c in _changes(session, conversation.id, 0)
               if (begin is None or c.at >= begin) and (end is None or c.at < end)]
    notes = [n for n in desk.notes(session, conversation.id)
             if (begin is None or n.at >= begin) and (end is None or n.at < end)]
    lines = _merged(session, conversation, messages, changes, None, language, notes)
    return Timeline(lines, first, messages[-1].seq if messages else 0, max((c.id for c in changes), default=0),
                    max((n.id for n in notes), default=0))


def since(
    session: Session, conversation: Conversation, after: int, event: int, language: str, note: int = 0
) -> Timeline:
    """What came after message `after`, change `event` and note `note`; some changes and notes may be among them that
    were seen already."""
    messages = messages_after(session, conversation.id, max(after - 1, 0), PAGE)
    before = messages.pop(0) if messages and messages[0].seq <= after else None
    changes = _changes(session, conversation.id, max(event - LOOK_BACK, 0))
    notes = [n for n in desk.notes(session, conversation.id) if n.id > note - LOOK_BACK]
    lines = _merged(session, conversation, messages, changes, before, language, notes)
    return Timeline(lines, messages[0].seq if messages else 0, messages[-1].seq if messages else after,
                    max((c.id for c in changes), default=event), max((n.id for n in notes), default=note))


def deliveries(session: Session, conversation_id: str, language: str, count: int = 40) -> dict[int, str]:
    """Message number → how its delivery stands, of the last outgoing ones that say something about it."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.delivery.is_not(None))
    last = session.scalars(query.order_by(Message.seq.desc()).limit(count)).all()
    seen = session.scalar(select(Conversation.seen_by_citizen).where(Conversation.id == conversation_id)) or 0
    read = next((m for m in last if m.sender == "operator" and m.seq <= seen), None)
    return {m.seq: text("console.delivery_read", language) if m is read else _delivery(m, language) for m in last}


def _changes(session: Session, conversation_id: str, after: int) -> list[Change]:
    subjects = {"conversation": [conversation_id]}
    for name, model in (("handoff", Handoff), ("ticket", Ticket), ("referral", Referral)):
        ids = session.scalars(select(model.id).where(model.conversation_id == conversation_id))
        subjects[name] = [str(i) for i in ids]
    of_ours = [and_(Change.subject == name, Change.subject_id.in_(ids)) for name, ids in subjects.items() if ids]
    query = select(Change).where(or_(*of_ours), Change.id > after, Change.what.not_in(HIDDEN)).order_by(Change.id)
    return list(session.scalars(query))


def _merged(
    session: Session, conversation: Conversation, messages: list[Message], changes: list[Change],
    before: Message | None, language: str, notes: Sequence[StaffNote] = (),
) -> list[Line]:
    speakers = accounts_by_id(session, [m.account_id for m in messages])
    actors = actor_accounts(session, [a for c in changes for a in (c.actor, _passed_to(c)) if a])
    numbers = _ticket_numbers(session, changes)
    said = [_said(m, _name(m, conversation, {i: a.name for i, a in speakers.items()}, language), language)
            for m in messages]
    done = [_done(c, words.who(c.actor, actors, language), numbers, language,
                  _passed_on(session, c, actors, language)) for c in changes]
    noted = [Line(id=n.id, at=n.at, text=n.text, note=True, sender="note", name=n.author) for n in notes]
    opening = _said(before, "", language) if before else None
    return _grouped(sorted([*said, *done, *noted], key=lambda line: (line.at, not line.event, line.id)), opening)


def _grouped(lines: Iterable[Line], before: Line | None) -> list[Line]:
    grouped = []
    for line in lines:
        new_day = before is None or before.at.astimezone(LOCAL).date() != line.at.astimezone(LOCAL).date()
        goes_on = (before is not None and not before.event and not new_day and before.sender == line.sender
                   and line.at - before.at < SAME_BREATH)
        grouped.append(_replace(line, heads=not goes_on, new_day=new_day))
        before = line
    return grouped


def _replace(line: Line, heads: bool, new_day: bool) -> Line:
    return Line(**{**line.__dict__, "heads": heads, "new_day": new_day})


def _said(message: Message, name: str, language: str) -> Line:
    location = message.payload.get("location") or {}
    return Line(
        id=message.id, at=message.created_at, text=message.text, seq=message.seq, sender=message.sender, name=name,
        kind=message.kind, edited=bool(message.payload.get("edited")), file=message.payload.get("attachment", ""),
        file_name=message.payload.get("name", ""),
        location=location, sketch=sketch(location["lat"], location["lon"], spots(), language) if location else None,
        buttons=message.buttons, cards=message.cards, heard=_heard(message, language),
        client_id=_client_id(message), delivery=_delivery(message, language),
    )


def _done(change: Change, name: str, numbers: dict[str, str], language: str, passed_on: str = "") -> Line:
    verb = words.what_happened(change.subject, change.what, language)
    number = numbers.get(change.subject_id, "") if change.subject == "ticket" else ""
    deed = text("console.event_deed", language, verb=verb, number=number) if number else verb
    why = passed_on or _why(change, language)
    key = "console.event_why" if why else "console.event"
    return Line(id=change.id, at=change.at, event=True, sender="event",
                text=text(key, language, name=name, deed=deed, why=why))


def _passed_to(change: Change) -> str:
    """`account:7` where a citizen was given to somebody else than the one who did it."""
    target = change.why.partition(" ")[0]
    given = change.subject == "handoff" and change.what == "transferred" and target.startswith("account:")
    return target if given else ""


def _passed_on(session: Session, change: Change, people: dict[int, Account], language: str) -> str:
    """To whom or to which team, and the reason given."""
    target, _, reason = change.why.partition(" ")
    if _passed_to(change):
        name = words.who(target, people, language)
    elif change.subject == "handoff" and change.what == "to_team":
        name = team_names(session, language).get(target, target)
    else:
        return reason if change.subject == "handoff" and change.what == "taken_over" else ""
    return text("console.to_because", language, name=name, why=reason) if reason else name


def _why(change: Change, language: str) -> str:
    if change.subject == "handoff" and change.what == "ended" and change.why:
        return messages(language).get(f"console.outcome_{change.why}", "")
    if change.subject == "conversation" and change.what == "corrected":
        item = catalogue().items.get(change.after)
        return item.name(language) if item else text("console.out_of_scope", language)
    if change.subject == "handoff" and change.what in ("requested", "raised"):
        emergency = catalogue().emergencies.get(change.why)
        reason = "emergency" if emergency else change.why or change.after
        return emergency.name(language) if emergency else text(f"console.reason_{reason}", language)
    return change.why[:80] if change.subject == "ticket" and change.what in ("returned", "urged") else ""


def _name(message: Message, conversation: Conversation, speakers: dict[int, str], language: str) -> str:
    if message.sender == "citizen":
        return words.citizen(conversation, language)
    if message.sender == "operator" and message.account_id in speakers:
        return speakers[message.account_id]
    return text(f"console.actor_{message.sender}", language)


def _heard(message: Message, language: str) -> str:
    heard = message.understanding or {}
    item = catalogue().items.get(heard.get("item") or "")
    if message.kind != "text" or item is None or heard.get("act") not in (None, "request"):
        return ""
    return text("console.heard_as", language, item=item.name(language), percent=round(heard.get("confidence", 0) * 100))


def _client_id(message: Message) -> str:
    return (message.reply_key or "").split(":", 2)[-1] if message.sender == "operator" and message.reply_key else ""


def _delivery(message: Message, language: str) -> str:
    if message.delivery in ("pending", "failed"):
        return text(f"console.delivery_{message.delivery}", language, why=message.delivery_error)
    return ""


def _ticket_numbers(session: Session, changes: list[Change]) -> dict[str, str]:
    ids = {int(c.subject_id) for c in changes if c.subject == "ticket"}
    rows = session.execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(ids))) if ids else ()
    return {str(id_): number for id_, number in rows}


def _when(session: Session, conversation_id: str, seq: int) -> datetime | None:
    return session.scalar(
        select(Message.created_at).where(Message.conversation_id == conversation_id, Message.seq == seq)
    )
