"""The stock project's action server: one look-up in SQLite per need, as a rasa-sdk tutorial would write it."""

import sqlite3
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

DATABASE = "lookup.db"


class Answer(Action):
    """Names three providers of a life service or the department in charge."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        key = _label(tracker.latest_message)
        with sqlite3.connect(DATABASE) as database:
            found = database.execute("SELECT title, track FROM label WHERE key = ?", (key,)).fetchone()
            providers = database.execute(
                "SELECT name, phone, note FROM offer WHERE key = ? ORDER BY rating DESC LIMIT 3", (key,)
            ).fetchall()
        title, track = found or ("没听懂，请再说一遍", "life")
        lines = [title, *(f"{name} {phone} {note}" for name, phone, note in providers)]
        dispatcher.utter_message(text="\n".join(lines))
        return [SlotSet("item", key), SlotSet("track", track)]


class ValidateTicketForm(FormValidationAction):
    """Takes every answer as it is."""

    def name(self) -> str:
        return "validate_ticket_form"


class OpenTicket(Action):
    """Stores the ticket and says its number."""

    def name(self) -> str:
        return "action_open_ticket"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        fields = ("item", "description", "place", "contact")
        with sqlite3.connect(DATABASE) as database:
            number = database.execute(
                "INSERT INTO ticket (item, description, place, contact) VALUES (?, ?, ?, ?)",
                [tracker.get_slot(name) for name in fields],
            ).lastrowid
        dispatcher.utter_message(text=f"已登记，单号 {number}。")
        return [SlotSet(name, None) for name in (*fields, "track")]


def _label(message: dict[str, Any]) -> str:
    """`request/<item>` or `emergency/<code>` as the response selector chose it; "" where nothing was understood."""
    if message["intent"]["name"] not in ("request", "emergency"):
        return ""
    return str(message["response_selector"]["default"]["response"]["intent_response_key"])
