"""Five weeks that are over: tickets with what was written of them, for reports to count. No people in it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.services.catalogue import catalogue
from bot.storage import Account, Assignment, Change, Conversation, Supervision, Ticket, transaction

MATTERS = ("refuse-collection", "street-vending", "night-construction", "road-illegal-parking", "catering-fumes",
           "id-card-renewal", "manhole-missing", "counterfeit")
STREETS = ("haishu-ximen", "haishu-nanmen", "haishu-jiangxia", "haishu-gulou", "haishu-wangchun")
KINDS = ("complaint", "help", "consult", "complaint", "suggestion")
CHANNELS = ("telegram", "web", "phone")
HOT = "night-construction"


def fill(moment: datetime, each_day: int = 6) -> None:
    """Every day before `moment` the same little stream; in the last week one matter comes far more often."""
    with transaction() as session:
        handlers = {d: i for d, i in session.execute(select(Account.department, Account.id)) if d}
        for channel in CHANNELS:
            session.add(Conversation(id=f"past-{channel}", channel=channel, external_id=f"past-{channel}"))
        session.flush()
        count = 0
        for ago in range(35, 0, -1):
            for n in range(each_day + 4 * (ago <= 7)):
                count += 1
                item = HOT if n >= each_day else MATTERS[(ago * 3 + n) % len(MATTERS)]
                at = moment - timedelta(days=ago) + timedelta(minutes=37 * n)
                _one(session, count, item, at, handlers)


def _one(session, count: int, item: str, at: datetime, handlers: dict[str, int]) -> None:  # type: ignore[no-untyped-def]
    matter = catalogue().items[item]
    late, silent, solved = count % 7 == 0, count % 4 == 0, count % 9 != 0
    due = at + timedelta(hours=16)
    answered = due + timedelta(hours=5) if late else at + timedelta(hours=3 + count % 10)
    ticket = Ticket(
        number=f"HS{at:%Y%m%d}{count:04d}0", conversation_id=f"past-{CHANNELS[count % 3]}", item=item, kind=KINDS[count % 5],
        description="（以往的工单）", street=STREETS[0] if item == HOT else STREETS[count % 5], state="closed", outcome="solved",
        answer="已处理。", received_at=at, due_at=due, answered_at=answered, closed_at=answered + timedelta(hours=2),
        solved=None if silent else solved, score=None if silent else 5 - count % 3 if solved else 2,
        reopened=int(not solved), urged=int(count % 11 == 0),
    )
    ticket.assignments = [Assignment(department=matter.department, role="lead", state="answered",
                                     accepted_at=at + timedelta(minutes=20 + count % 90), answered_at=answered)]
    session.add(ticket)
    session.flush()
    who = f"account:{handlers.get(matter.department, 0)}"
    steps = [(answered, who, "answered", "answered")]
    if silent:
        steps.append((ticket.closed_at, "clock", "confirmed", "confirmed"))
    elif solved:
        steps += [(ticket.closed_at, "citizen", "rated", str(ticket.score)),
                  (ticket.closed_at, "citizen", "confirmed", "confirmed")]
    else:
        steps += [(ticket.closed_at, "citizen", "rated", "2"), (ticket.closed_at, "citizen", "reopened", "reopened"),
                  (ticket.closed_at, "citizen", "complained", ("undone", "came_back", "manner")[count % 3])]
    steps.append((ticket.closed_at, "citizen" if not silent else "clock", "closed", "closed"))
    for when, actor, what, after in steps:
        session.add(Change(subject="ticket", subject_id=str(ticket.id), at=when, actor=actor, what=what, after=after))
    if late:
        session.add(Supervision(ticket_id=ticket.id, department=matter.department, kind="answer", level=1, due_at=due,
                                at=due, words="超时", acknowledged_at=due))
