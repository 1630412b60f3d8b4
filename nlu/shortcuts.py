"""What needs no model: keys, commands and signs whose meaning is fixed by custom."""

import re
from typing import Optional

from nlu.normalise import CRIES

_COMMANDS = {
    "start": "greet", "help": "help_menu", "human": "human", "status": "status", "language": "language",
    "lang": "language", "cancel": "cancel", "stop": "cancel", "privacy": "privacy",
}
_COMMAND = re.compile(r"[/／]([a-z]+)(?:@\w+)?(?:\s+\w{1,10})?", re.IGNORECASE)
_OPERATOR_KEY = re.compile(r"(?:请?按|拨|转|press\s*)?\s*0[号键#]?", re.IGNORECASE)
_SIGNS = (("👌👍✅🆗☑✔", "affirm"), ("👎❌✖🙅", "deny"), ("🙏🌹💐❤💖", "thanks"), ("👋", "greet"))


def shortcut(text: str) -> Optional[str]:
    """The act of a lone `0`, a bot command such as `/cancel`, or signs only; None for anything else. A command we do
    not have is not obeyed: it means nothing."""
    stripped = text.strip()
    if _OPERATOR_KEY.fullmatch(stripped):
        return "human"
    command = _COMMAND.fullmatch(stripped)
    if command:
        return _COMMANDS.get(command.group(1).lower(), "out_of_scope")
    if any(sign.isalnum() or sign in CRIES for sign in stripped):
        return None
    return next((act for signs, act in _SIGNS if any(sign in stripped for sign in signs)), "out_of_scope")
