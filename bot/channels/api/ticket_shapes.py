"""What goes in and out of the tickets API, with the examples that /api/openapi.json shows."""

from typing import Any

from pydantic import BaseModel, Field

from bot.channels.api.handoff_shapes import Reach, Refusal


class Answer(BaseModel):
    """The answer; `outcome` says honestly which: solved | explained | out_of_remit."""

    text: str = Field(min_length=1, max_length=2000, examples=["灯泡已更换，当晚亮灯。"])
    outcome: str = Field(default="solved", max_length=16, examples=["solved"])


class Return(BaseModel):
    """Why the department gives it back, and the department it thinks responsible."""

    why: str = Field(min_length=1, max_length=2000, examples=["该路段由市政公司养护"])
    proposed: str = Field(default="", max_length=32, examples=["housing-construction"])


class Question(BaseModel):
    """What is needed of the citizen."""

    text: str = Field(min_length=1, max_length=2000, examples=["请发一张路灯杆编号的照片"])


class Dispatch(BaseModel):
    """The department that shall lead, and why that one."""

    department: str = Field(max_length=32, examples=["urban-management"])
    why: str = Field(max_length=2000, examples=["按权责清单"])


class Part(BaseModel):
    """A department's share. `role`: lead | co | past; `state`: queued | dispatched | accepted | answered | returned."""

    department: str = Field(examples=["urban-management"])
    unit: str | None
    role: str = Field(examples=["lead"])
    state: str = Field(examples=["accepted"])
    note: str


class Ticket(BaseModel):
    """`place`: text, street, community, lat, lon as far as known. The contact is masked, and empty where the citizen is
    anonymous or wants to be kept secret."""

    number: str = Field(examples=["HS2026112600013"])
    item: str = Field(examples=["streetlight-out"])
    kind: str = Field(examples=["complaint"])
    description: str = Field(examples=["新典路口路灯三天不亮"])
    place: dict[str, Any]
    street: str | None = Field(examples=["haishu-ximen"])
    community: str | None
    state: str = Field(examples=["accepted"])
    outcome: str | None
    answer: str
    contact: Reach
    anonymous: bool
    confidential: bool
    received_at: str
    due_at: str
    answered_at: str | None
    closed_at: str | None
    score: int | None
    solved: bool | None
    urged: int
    reopened: int
    departments: list[Part]


class Step(BaseModel):
    """From one state to another. `by`: citizen | bot | clock | account:7 | token:3."""

    at: str
    before: str | None
    state: str
    by: str
    why: str


class Story(Ticket):
    """A ticket with its steps."""

    steps: list[Step]


class Tickets(BaseModel):
    """A page of a list."""

    tickets: list[Ticket]
    next: str | None


REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Refusal, "description": "No token, or a revoked one"},
    403: {"model": Refusal, "description": "Not for this role"},
    404: {"model": Refusal, "description": "No such ticket, or none of the caller's"},
    409: {"model": Refusal, "description": "The ticket's state does not allow it"},
    422: {"model": Refusal, "description": "Something in the request cannot be used"},
}
