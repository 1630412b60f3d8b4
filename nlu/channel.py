"""The one way into Rasa: a citizen's text is only ever text.

Stock channels obey a typed `/restart` or `/intent{"slot": …}`, and `--enable-api` opens every tracker to who reaches
the port. This channel parses text with its slash hidden, and takes an act in place of text only from the
application's own allow-list of buttons, checked against the domain once more here.

POST /webhooks/hotline/turn {sender, text, act?, item?, choice?, state, metadata} → {understanding, state}
    `state` is null where an emergency was heard: nothing else was done.
POST /webhooks/hotline/understand {text} → {understanding}
POST /webhooks/hotline/ready {} → {ready}
"""

import hmac
import logging
from typing import Any, Awaitable, Callable, Dict, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from nlu.carried import CARRIED
from nlu.parsing import Parsing
from nlu.second_opinion import SecondOpinion, from_environment

log = logging.getLogger(__name__)


class HotlineInput(InputChannel):
    """Served by `rasa run` through credentials.yml."""

    def __init__(self, token: Text = "") -> None:
        self.token = "" if token.startswith("${") else token
        self.second: Optional[SecondOpinion] = from_environment()
        self._parsing = Parsing()

    @classmethod
    def name(cls) -> Text:
        return "hotline"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "HotlineInput":
        return cls(**(credentials or {}))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("hotline")

        @routes.middleware("request")
        async def check_token(request: Request) -> Optional[HTTPResponse]:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            if self.token and not hmac.compare_digest(given, self.token):
                return response.json({"error": "token"}, status=401)
            return None

        @routes.post("/ready")
        async def ready(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            return response.json({"ready": bool(agent and agent.is_ready())})

        @routes.post("/understand")
        async def understand(request: Request) -> HTTPResponse:
            return response.json({"understanding": await self._parse(request, str(request.json.get("text", "")))})

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            asked = request.json
            agent = request.app.ctx.agent
            act = asked.get("act")
            if act and act not in agent.domain.intents:
                return response.json({"error": "act"}, status=422)
            heard = _chosen(asked) if act else await self._parse(request, asked["text"])
            if heard.get("emergency") and not act:
                return response.json({"understanding": heard, "state": None})
            state: Dict[str, Any] = dict(asked.get("state") or {})
            CARRIED.set(state)
            await agent.handle_message(_message(asked, heard, self.name()))
            return response.json({"understanding": heard, "state": state})

        return routes

    async def _parse(self, request: Request, text: Text) -> Dict[str, Any]:
        hidden = "／" + text.lstrip()[1:] if text.lstrip().startswith("/") else text  # a slash is a command to Rasa
        heard = {**await self._parsing.understand(request.app.ctx.agent, hidden), "text": text}
        return await self.second.better(heard) if self.second and self.second.wanted(heard) else heard


def _chosen(asked: Dict[str, Any]) -> Dict[str, Any]:
    """A button, a pin or a photo: the act is known, nothing is parsed."""
    item = asked.get("item")
    return {
        "text": asked.get("text", ""), "act": asked["act"], "kind": None, "item": item, "emergency": None,
        "confidence": 1.0, "ranking": [{"item": item, "confidence": 1.0}] if item else [], "entities": [],
        "choice": asked.get("choice", ""),
    }


def _message(asked: Dict[str, Any], heard: Dict[str, Any], channel: Text) -> UserMessage:
    parse_data = {
        "text": heard["text"],
        "intent": {"name": heard["act"], "confidence": heard["confidence"]},
        "entities": [],
    }
    return UserMessage(
        text=heard["text"], output_channel=CollectingOutputChannel(), sender_id=asked["sender"], parse_data=parse_data,
        input_channel=channel, metadata={**(asked.get("metadata") or {}), "understanding": heard},
    )
