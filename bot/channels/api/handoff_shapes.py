"""What goes in and out of the handoff API, with the examples that /api/openapi.json shows."""

from typing import Any

from pydantic import BaseModel, Field

ClientId = Field(default="", max_length=40, examples=["r-20261126-1"],
                 description="The same one again changes nothing and says so.")


class Reply(BaseModel):
    """Words to the citizen."""

    text: str = Field(min_length=1, max_length=4000, examples=["您好，我来看看。"])
    client_message_id: str = ClientId


class End(BaseModel):
    """How the help ended: solved | ticket | referral | explained | unreachable, or empty."""

    outcome: str = Field(default="", max_length=12, examples=["solved"])


class Transfer(BaseModel):
    """Exactly one of `account`, an operator on duty, and `team`."""

    account: int | None = Field(default=None, examples=[7])
    team: str = Field(default="", max_length=32, examples=["english"])
    why: str = Field(default="", max_length=200, examples=["只会说英语"])


class TakeOver(BaseModel):
    """Why a supervisor takes it."""

    why: str = Field(default="", max_length=200, examples=["等得太久"])


class Note(BaseModel):
    """Words for colleagues; the citizen never sees them."""

    text: str = Field(min_length=1, max_length=2000, examples=["老人家，说话慢一点。"])


class Correction(BaseModel):
    """What a citizen's message really meant: an item's code, or `out_of_scope`."""

    message: int = Field(examples=[4711], description="`id` in the transcript")
    item: str = Field(max_length=48, examples=["streetlight-out"])


class TicketForm(BaseModel):
    """A ticket for the citizen; `street` is a territory's code. Without `phone` and `on_record` it is anonymous."""

    item: str = Field(max_length=48, examples=["streetlight-out"])
    kind: str = Field(default="", max_length=12, examples=["complaint"])
    description: str = Field(max_length=2000, examples=["新典路口路灯三天不亮"])
    place: str = Field(max_length=200, examples=["西门街道新典路12号"])
    street: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=40, examples=["陈秀英"])
    phone: str = Field(default="", max_length=40, examples=["13900000010"])
    when: str = Field(default="", max_length=60, examples=["三天前"])
    photos: tuple[int, ...] = Field(default=(), max_length=20, description="`file.id` of photos in the transcript")
    on_record: bool = Field(default=False, description="Use the name and number known already, unseen.")
    client_message_id: str = ClientId


class Referral(BaseModel):
    """A provider for a life service; its contact is told to the citizen, who is asked later how it went."""

    item: str = Field(max_length=48, examples=["drain-unclogging"])
    provider: str = Field(max_length=48, examples=["vendor-unclogging-01"])
    client_message_id: str = ClientId


class Handoff(BaseModel):
    """A citizen in the queue. `state`: waiting | active | returned | ended. `holder`: `account:7` or `token:3`;
    `offered_to`: the account whose turn it is; `brief`: item, kind, candidates, words, place, when, photos, asked, as
    far as they were known when a person was asked for."""

    id: int = Field(examples=[12])
    conversation: str
    reason: str = Field(examples=["asked"])
    emergency: str | None
    item: str | None = Field(examples=["streetlight-out"])
    team: str | None
    priority: int = Field(examples=[10])
    state: str = Field(examples=["waiting"])
    outcome: str | None
    waiting_since: str = Field(examples=["2026-11-26T09:05:33+00:00"])
    warned: bool = Field(description="waited over three minutes")
    escalated: bool = Field(description="waited over five minutes; the supervisors know")
    account: int | None
    holder: str | None = Field(examples=["token:3"])
    offered_to: int | None = Field(examples=[7])
    brief: dict[str, Any] = Field(examples=[{"words": "新典路口路灯三天不亮", "item": "streetlight-out"}])


class Handoffs(BaseModel):
    handoffs: list[Handoff]


class Reach(BaseModel):
    """The citizen; the number is masked."""

    name: str = Field(examples=["陈秀英"])
    phone: str = Field(examples=["139****0010"])


class NoteTaken(BaseModel):
    author: str
    text: str
    at: str


class Story(Handoff):
    """A handoff with what else is known. `language` is the citizen's."""

    language: str = Field(examples=["zh"])
    channel: str = Field(examples=["telegram"])
    contact: Reach
    notes: list[NoteTaken]


class File(BaseModel):
    """A photo or voice note. `id` puts a photo into a ticket; `url` gives its bytes to the same token."""

    id: int
    url: str = Field(examples=["/api/v1/handoffs/12/files/6f0c…"])


class Message(BaseModel):
    """One message. `sender`: citizen | bot | operator | system; `seq` numbers the conversation without gaps."""

    id: str = Field(examples=["4711"])
    seq: int = Field(examples=[3])
    sender: str = Field(examples=["citizen"])
    kind: str = Field(examples=["text"])
    text: str = Field(examples=["新典路口路灯三天不亮"])
    buttons: list[dict[str, str]]
    cards: list[dict[str, Any]]
    choice: str | None
    location: dict[str, float] | None
    file: File | None
    operator_name: str | None
    created_at: str


class Transcript(BaseModel):
    messages: list[Message]


class Sent(BaseModel):
    """`id` of the message; none where it had been sent before."""

    id: str | None = Field(examples=["4720"])
    duplicate: bool


class Made(BaseModel):
    """`id` of what was made; none where it had been made before."""

    id: int | None
    duplicate: bool


class Corrected(BaseModel):
    message: int
    item: str


class Opened(BaseModel):
    number: str = Field(examples=["HS202611260001"])
    due_at: str


class Provider(BaseModel):
    """Somebody who offers an item; `km` from where the citizen is, if that is known."""

    id: str = Field(examples=["vendor-unclogging-01"])
    name: str
    phone: str
    open: bool
    km: float | None
    rating: float
    price: str


class Providers(BaseModel):
    providers: list[Provider]


class Told(BaseModel):
    key: str = Field(examples=["handoff.taken"])
    message: str = Field(examples=["已被别人接起。"])


class Refusal(BaseModel):
    """Why not: `key` for programs, `message` for people (`Accept-Language: en` or Chinese)."""

    error: Told


REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Refusal, "description": "No token, or a revoked one"},
    403: {"model": Refusal, "description": "Not for this role"},
    404: {"model": Refusal, "description": "No such handoff"},
    409: {"model": Refusal, "description": "Somebody else was first or holds it, or it is over"},
    422: {"model": Refusal, "description": "Something in the request cannot be used"},
}
REPLY_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {
    "application/json": {"schema": Reply.model_json_schema(),
                         "example": {"text": "您好，我来看看。", "client_message_id": "r-20261126-1"}},
    "multipart/form-data": {"schema": {
        "type": "object", "required": ["photo"],
        "properties": {"photo": {"type": "string", "format": "binary", "description": "JPEG, PNG or WebP"},
                       "text": {"type": "string", "maxLength": 1000, "description": "under the picture"},
                       "client_message_id": {"type": "string", "maxLength": 40}},
    }},
}}}
EVENT_STREAM: dict[int | str, dict[str, Any]] = {200: {"description": "The stream", "content": {"text/event-stream": {
    "schema": {"type": "string"},
    "example": 'event: queue\ndata: {"handoffs": [{"id": 12, "state": "waiting"}]}\n\n',
}}}}
