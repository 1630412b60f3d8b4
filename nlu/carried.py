"""A tracker store that keeps nothing: the dialogue's state comes with each message and goes back with the answer.

Rasa's cost of a turn grows with the length of the tracker, and a tracker in memory dies with the process. Here every
turn starts from a tracker of a few events rebuilt from the caller's state (slots, open form, slot asked for), so turn
400 costs what turn 5 costs, Rasa may be killed at any time, and many Rasa processes can serve one conversation.
The story itself is in the application's own tables.
"""

from contextvars import ContextVar
from typing import Any, Dict, Iterable, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

CARRIED: ContextVar[Dict[str, Any]] = ContextVar("carried_state")
"""The state of the turn that runs in this task: {slots, form, requested}; replaced by the state after it."""


class CarriedTrackerStore(TrackerStore):
    """Rebuilds the tracker from `CARRIED` and writes the new state back into it."""

    def __init__(self, domain: Domain, event_broker: Optional[EventBroker] = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker, **kwargs)

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The tracker of the turn at hand."""
        tracker = self.init_tracker(sender_id)
        tracker.update_with_events(opening_events(CARRIED.get({}), self.domain), self.domain)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Take the state out of the tracker; nothing is stored."""
        CARRIED.get({}).update(state_of(tracker))

    async def keys(self) -> Iterable[Text]:
        """No conversation is known between turns."""
        return []


def opening_events(state: Dict[str, Any], domain: Domain) -> Iterable[Event]:
    """The events that bring an empty tracker into that state. Slots and forms the model does not know are dropped:
    a newer model may serve an older conversation."""
    known = {slot.name for slot in domain.slots}
    events = [SlotSet(name, value) for name, value in (state.get("slots") or {}).items() if name in known]
    form = state.get("form")
    if form in domain.form_names:
        events += [ActionExecuted(form), ActiveLoop(form), SlotSet(REQUESTED_SLOT, state.get("requested"))]
    return [*events, ActionExecuted(ACTION_LISTEN_NAME)]


def state_of(tracker: DialogueStateTracker) -> Dict[str, Any]:
    """{slots: filled ones, form: name or None, requested: slot or None}."""
    slots = {k: v for k, v in tracker.current_slot_values().items() if v is not None and k != REQUESTED_SLOT}
    slots.pop("session_started_metadata", None)
    form = tracker.active_loop_name
    return {"slots": slots, "form": form, "requested": tracker.get_slot(REQUESTED_SLOT) if form else None}
