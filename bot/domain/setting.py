"""What admins set while the hotline runs: names, defaults, and what is allowed."""

import re
from datetime import time
from typing import Any

from bot.errors import BadInput

DEFAULTS: dict[str, Any] = {
    "staffed_workday": "08:00-22:00",
    "staffed_restday": "09:00-21:00",
    "assignment": "offer",
    "handoff_items": [],
}
"""Hours with people on working days and on days off ("" means none); `offer` to one operator at a time or `manual`;
items that always go to a human."""
_SPAN = re.compile(r"^(\d\d):(\d\d)-(\d\d):(\d\d)$")


def check(key: str, value: Any) -> Any:
    """The value as it may be stored. Raises BadInput."""
    if key not in DEFAULTS:
        raise BadInput("setting.unknown", name=key)
    if key.startswith("staffed_") and value:
        span(str(value))
    if key == "assignment" and value not in ("offer", "manual"):
        raise BadInput("setting.bad_value", name=key)
    if key == "handoff_items" and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
        raise BadInput("setting.bad_value", name=key)
    return value


def span(hours: str) -> tuple[time, time] | None:
    """(from, to) of `08:00-22:00`; None for no hours. `24:00` is the day's last instant. Raises BadInput."""
    if not hours:
        return None
    found = _SPAN.match(hours)
    if not found:
        raise BadInput("setting.bad_value", name=hours)
    h1, m1, h2, m2 = (int(part) for part in found.groups())
    try:
        first, last = time(h1, m1), time.max if (h2, m2) == (24, 0) else time(h2, m2)
    except ValueError as error:
        raise BadInput("setting.bad_value", name=hours) from error
    if first >= last:
        raise BadInput("setting.bad_value", name=hours)
    return first, last
