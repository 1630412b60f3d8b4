"""Errors that carry a message key and facts; only the edge (HTTP, console, CLI) turns them into words."""

from typing import Any


class HotlineError(Exception):
    """Base. `key` names a text in `bot/i18n` under `errors`, `facts` fill it, `status` is the HTTP status."""

    status = 400

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key, facts)
        self.key = key
        self.facts = facts


class BadInput(HotlineError):
    """The caller sent something that cannot be used."""

    status = 422


class BadFields(BadInput):
    """Several fields of one form cannot be used; `problems` says why by field."""

    def __init__(self, problems: dict[str, HotlineError]) -> None:
        super().__init__("entry.bad_fields", fields=", ".join(problems))
        self.problems = problems


class NotFound(HotlineError):
    """No such thing, or none that the caller may see."""

    status = 404


class NotAllowed(HotlineError):
    """Known caller, not permitted."""

    status = 403


class NotSignedIn(HotlineError):
    """No valid session or token."""

    status = 401


class Conflict(HotlineError):
    """Somebody else was first, or the thing is not in a state that allows it."""

    status = 409


class TooMany(HotlineError):
    """Rate limit."""

    status = 429


class TurnOver(HotlineError):
    """The message this reply belongs to is already settled (handled, or handed to a human)."""

    status = 409


class BrainDown(HotlineError):
    """Rasa or the action server did not answer in time."""

    status = 503
