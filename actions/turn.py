"""From Rasa's tracker to a service call and back: the one shape of every action here.

An action reads the slots, calls one service inside one transaction and returns what changed. It says nothing through
Rasa: the service has stored the replies together with what they announce (DESIGN §4).
"""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from bot.domain.draft import Draft
from bot.domain.understanding import Understanding
from bot.services import drafts
from bot.services.replies import Step, Turn
from bot.storage import transaction

Service = Callable[[Session, Turn], Step | None]


class ServiceAction(Action):
    """Base of all actions: `action_name` as in domain.yml, `service` the use case it calls."""

    action_name: ClassVar[str] = ""
    service: ClassVar[Service]

    def name(self) -> str:
        return self.action_name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = turn_of(tracker, self.name())
        step = await asyncio.to_thread(self._serve, turn)
        return self.events(tracker, step)

    def _serve(self, turn: Turn) -> Step | None:
        with transaction() as session:
            step = type(self).service(session, turn)
            if step is not None and step.resume and step.form and step.draft.next_question(step.form):
                drafts.ask(session, turn, step.draft, step.form)
            return step

    def events(self, tracker: Tracker, step: Step | None) -> list[EventType]:
        """The slots that changed and the form to be open. The service has asked the form's question already, so
        the form counts as run and Rasa listens; running it would only call back here."""
        if step is None:
            return []
        events = changed_slots(tracker, step.draft)
        if step.form:
            asked = step.draft.next_question(step.form)
            return [*events, ActiveLoop(step.form), SlotSet("requested_slot", asked), ActionExecuted(step.form)]
        return [*events, ActiveLoop(None), SlotSet("requested_slot", None)] if open_form(tracker) else events


class FormAction(ServiceAction):
    """`validate_<form>`: takes what a message brings to the open form. No event at all means that the message is
    not for the form; Rasa then rejects it and the rules answer."""

    def events(self, tracker: Tracker, step: Step | None) -> list[EventType]:
        if step is None:
            return []
        events = changed_slots(tracker, step.draft)
        if step.form != open_form(tracker):
            return [*events, SlotSet("requested_slot", None)]
        return events or [SlotSet("asked", step.draft.asked or None)]


def turn_of(tracker: Tracker, source: str) -> Turn:
    """The turn a tracker stands for; `metadata` comes from the application through nlu/channel.py."""
    about = tracker.latest_message.get("metadata") or {}
    return Turn(
        conversation_id=tracker.sender_id,
        message_id=int(about["message_id"]),
        language=about.get("language") or "zh",
        source=source,
        heard=Understanding.from_dict(about.get("understanding") or {}),
        draft=Draft.from_slots(tracker.slots),
        form=open_form(tracker),
        requested=tracker.get_slot("requested_slot"),
        place=about.get("location") or {},
        photos=tuple(about.get("photos") or ()),
    )


def open_form(tracker: Tracker) -> str | None:
    """The name of the active form, or None."""
    return tracker.active_loop.get("name") or None


def changed_slots(tracker: Tracker, draft: Draft) -> list[EventType]:
    """A SlotSet for each slot that differs."""
    return [SlotSet(name, value) for name, value in draft.to_slots().items() if tracker.slots.get(name) != value]
