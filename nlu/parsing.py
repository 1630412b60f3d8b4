"""Understanding the messages that come at the same time in one go, through Rasa's own graph.

Rasa parses one message after the other. Its graph takes several at once, and so do our components: what a message costs
besides its own words is then paid once for all that waited while the last ones were being understood.
"""

import asyncio
from typing import Any, Dict, List, Text, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.trackers import DialogueStateTracker

from nlu.component import UNDERSTANDING

AT_ONCE = 16
Waiting = List[Tuple[Text, "asyncio.Future[Dict[Text, Any]]"]]


class Parsing:
    """Of one agent. Nobody waits for others: what is there when the loop comes round is taken."""

    def __init__(self) -> None:
        self._waiting: Waiting = []

    async def understand(self, agent: Agent, text: Text) -> Dict[Text, Any]:
        """What was heard in the text; `text` must be no command of Rasa's."""
        loop = asyncio.get_running_loop()
        found: "asyncio.Future[Dict[Text, Any]]" = loop.create_future()
        self._waiting.append((text, found))
        if len(self._waiting) == 1:
            loop.call_soon(self._take, agent)
        return await found

    def _take(self, agent: Agent) -> None:
        now, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._take, agent)
        try:
            heard = understood(agent, [text for text, _ in now])
        except Exception as error:
            for _, found in now:
                if not found.done():
                    found.set_exception(error)
            return
        for (_, found), each in zip(now, heard):
            if not found.done():  # the client may have gone
                found.set_result(each)


def understood(agent: Agent, texts: List[Text]) -> List[Dict[Text, Any]]:
    """DESIGN §8's fields for each text."""
    processor = agent.processor
    assert processor is not None
    target = processor.model_metadata.nlu_target
    inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text) for text in texts],
              PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("", [])}
    return [message.get(UNDERSTANDING) for message in processor.graph_runner.run(inputs, targets=[target])[target]]
