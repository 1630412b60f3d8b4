"""Button ids: what a pressed button means. The only way a citizen can name an act directly.

An id is `verb` or `verb:argument[:argument]`. Unknown verbs are refused, so nothing typed or forged reaches the
dialogue as a command (DESIGN §4).
"""

from dataclasses import dataclass

# verb -> dialogue act given to Rasa as the intent
ACTS = {
    "item": "request",
    "none": "none_of_these",
    "provider": "choose_provider",
    "more": "more",
    "place": "inform",
    "skip": "inform",
    "safe": "inform",
    "confirm": "affirm",
    "edit": "correct",
    "cancel": "cancel",
    "keep": "deny",
    "withdraw": "cancel",
    "ticket": "open_ticket",
    "same": "same_ticket",
    "different": "affirm",
    "human": "human",
    "status": "status",
    "urge": "urge",
    "add": "status",
    "new": "inform",
    "drop": "cancel",
    "why": "rate",
    "came": "rate",
    "rate": "rate",
    "solved": "rate",
    "unsolved": "rate",
    "reopen": "reopen",
    "help": "help_menu",
    "language": "language",
    "forget": "privacy",
    "next": "next_need",
    "explain": "request",
    "category": "help_menu",
    "start": "greet",
    "task": "inform",
}


@dataclass(frozen=True)
class Choice:
    """A parsed button id."""

    verb: str
    args: tuple[str, ...]

    @property
    def act(self) -> str:
        return ACTS[self.verb]

    @property
    def first(self) -> str:
        """The first argument, or an empty string."""
        return self.args[0] if self.args else ""


def parse(choice_id: str) -> Choice | None:
    """The choice, or None where the id is not one of ours."""
    verb, *args = choice_id.split(":")
    return Choice(verb, tuple(args)) if verb in ACTS else None
