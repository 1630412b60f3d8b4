"""The rarer moves on a ticket's page: each a small form that its department or the desk fills in."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from bot.console.deps import SignedIn, guard
from bot.console.route import ConsoleRoute
from bot.services import duplicates, extensions, part_moves, ticket_moves
from bot.storage import Ticket, transaction

router = APIRouter(prefix="/api/tickets/{number}", route_class=ConsoleRoute, dependencies=[Depends(guard)])


class Words(BaseModel):
    """What is asked, answered or said, or why."""

    text: str = ""


class Time(BaseModel):
    """So many days, and why. An empty field is no number of days."""

    days: int = 0
    why: str = ""


class Part(BaseModel):
    """A department and why; `after`: when those that help already have answered."""

    department: str = ""
    why: str = ""
    after: bool = False


class Switch(BaseModel):
    on: bool = False


class Merge(BaseModel):
    """The number of the ticket that goes on."""

    into: str = ""


class Decision(BaseModel):
    """On a request for more time."""

    id: int
    granted: bool
    text: str = ""


@router.post("/ask")
def ask(number: str, sent: Words, who: SignedIn) -> dict[str, str]:
    """请市民补充: the clock stands still until something comes."""
    with transaction() as session:
        return _state(ticket_moves.ask_citizen(session, number, who.actor, sent.text))


@router.post("/extension")
def ask_for_time(number: str, sent: Time, who: SignedIn) -> dict[str, int]:
    """申请延期, which the desk decides."""
    with transaction() as session:
        return {"id": extensions.ask(session, number, who.actor, sent.days, sent.why).id}


@router.post("/extension/decide")
def decide(number: str, sent: Decision, who: SignedIn) -> dict[str, str]:
    """Granted, the citizen hears of the new deadline; refused, the department of the reason."""
    with transaction() as session:
        return _state(extensions.decide(session, sent.id, who.actor, sent.granted, sent.text))


@router.post("/suspend")
def suspend(number: str, sent: Time, who: SignedIn) -> dict[str, str]:
    """挂起 for so many days."""
    with transaction() as session:
        return _state(ticket_moves.suspend(session, number, who.actor, sent.days, sent.why))


@router.post("/resume")
def resume(number: str, who: SignedIn) -> dict[str, str]:
    """Work goes on at once."""
    with transaction() as session:
        return _state(ticket_moves.resume(session, number, who.actor))


@router.post("/refuse-return")
def refuse_return(number: str, sent: Part, who: SignedIn) -> dict[str, str]:
    """退单不予通过; `department` for a co-handler's."""
    with transaction() as session:
        return _state(part_moves.refuse_return(session, number, who.actor, sent.why, sent.department))


@router.post("/reassign")
def reassign(number: str, sent: Part, who: SignedIn) -> dict[str, str]:
    """改派 of a ticket that nobody has given back."""
    with transaction() as session:
        return _state(part_moves.reassign(session, number, who.actor, sent.department, sent.why))


@router.post("/add-part")
def add_part(number: str, sent: Part, who: SignedIn) -> dict[str, str]:
    """加派协办."""
    with transaction() as session:
        return {"state": part_moves.add_part(session, number, who.actor, sent.department, sent.why, sent.after).state}


@router.post("/order")
def set_order(number: str, sent: Part, who: SignedIn) -> dict[str, str]:
    """协办次序: at once, or after the others."""
    with transaction() as session:
        return _state(part_moves.set_order(session, number, who.actor, sent.department, sent.after))


@router.post("/drop-part")
def drop_part(number: str, sent: Part, who: SignedIn) -> dict[str, str]:
    """撤下协办."""
    with transaction() as session:
        return _state(part_moves.drop_part(session, number, who.actor, sent.department, sent.why))


@router.post("/secret")
def secret(number: str, sent: Switch, who: SignedIn) -> dict[str, bool]:
    """保密 on or off."""
    with transaction() as session:
        return {"confidential": part_moves.keep_secret(session, number, who.actor, sent.on).confidential}


@router.post("/withdraw")
def withdraw(number: str, sent: Words, who: SignedIn) -> dict[str, str]:
    """撤单, as the citizen told the desk."""
    with transaction() as session:
        return _state(ticket_moves.withdraw_for(session, number, who.actor, sent.text))


@router.post("/merge")
def merge(number: str, sent: Merge, who: SignedIn) -> dict[str, str]:
    """并单: this one ends, the other goes on for both citizens."""
    with transaction() as session:
        return {"into": duplicates.merge(session, number, sent.into.strip().upper(), who.actor).number}


@router.post("/out-of-remit")
def out_of_remit(number: str, sent: Words, who: SignedIn) -> dict[str, str]:
    """Closed, as no department here can take it, with whose matter it is."""
    with transaction() as session:
        return _state(ticket_moves.close_out_of_remit(session, number, who.actor, sent.text))


@router.post("/called")
def called(number: str, sent: Words, who: SignedIn) -> dict[str, str]:
    """What was said when a supervisor called the citizen."""
    with transaction() as session:
        return _state(ticket_moves.called(session, number, who.actor, sent.text))


def _state(ticket: Ticket) -> dict[str, Any]:
    return {"state": ticket.state}
