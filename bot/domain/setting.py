"""What admins set while the hotline runs: names, defaults, and what is allowed."""

import re
from datetime import time
from typing import Any

from bot.domain.clock import Ladder
from bot.errors import BadInput

SUPERVISORS = ("handler", "department", "supervisor", "leader")
"""Who hears of it at each level: due soon, overdue, written supervision, and beyond."""
STEPS = {"warn_percent": (10, 99), "accept_hours": (1, 24), "supervise_days": (1, 30), "escalate_days": (2, 60)}
DEFAULTS: dict[str, Any] = {
    "staffed_workday": "08:00-22:00",
    "staffed_restday": "09:00-21:00",
    "news_hours": "07:30-21:30",
    "assignment": "offer",
    "handoff_items": [],
    "placeless_items": ["online-service", "petition-progress", "info-disclosure", "telecom-fraud-advice"],
    "supervision": {"warn_percent": 80, "accept_hours": 4, "supervise_days": 1, "escalate_days": 2, "names": {}},
    "ranking": {"on_time": 30, "solved": 30, "satisfied": 15, "first_response": 10, "returns": 5, "cards": 10,
                "least": 20},
}
"""Hours with people on working days and on days off ("" means none), and those in which news that can wait are told
("" means all); `offer` to one operator at a time or `manual`; items that always go to a human; items for which
nobody is asked where; when supervision climbs, and who is named at each level: `names` has one of SUPERVISORS, or
that and a department (`leader:urban-management`), and the person's name; what weighs how much in the departments'
ranking, and from how many tickets a month on they are ranked."""
ITEM_LISTS = ("handoff_items", "placeless_items")
_SPAN = re.compile(r"^(\d\d):(\d\d)-(\d\d):(\d\d)$")


def check(key: str, value: Any) -> Any:
    """The value as it may be stored. Raises BadInput."""
    if key not in DEFAULTS:
        raise BadInput("setting.unknown", name=key)
    if key.endswith(("_workday", "_restday", "_hours")) and value:
        span(str(value))
    if key == "assignment" and value not in ("offer", "manual"):
        raise BadInput("setting.bad_value", name=key)
    if key in ITEM_LISTS and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
        raise BadInput("setting.bad_value", name=key)
    if key == "ranking":
        return _ranking(value)
    return _supervision(value) if key == "supervision" else value


def ladder(value: dict[str, Any]) -> Ladder:
    """The ladder a stored `supervision` setting stands for."""
    return Ladder(**{name: value[name] for name in STEPS})


def named(value: dict[str, Any], level: int, department: str) -> str:
    """Who is named for a level: of that department, else for all; empty where nobody is."""
    role, names = SUPERVISORS[level], value["names"]
    return str(names.get(f"{role}:{department}") or names.get(role) or "")


def _supervision(value: Any) -> dict[str, Any]:
    """The whole setting, what is left out as it is by default."""
    known = DEFAULTS["supervision"]
    if not isinstance(value, dict) or set(value) - set(known):
        raise BadInput("setting.bad_supervision")
    whole = {**known, **value}
    steps = {name: whole[name] for name in STEPS}
    if not all(type(n) is int and STEPS[name][0] <= n <= STEPS[name][1] for name, n in steps.items()):
        raise BadInput("setting.bad_supervision")
    names = whole["names"]
    roles = isinstance(names, dict) and all(isinstance(key, str) and key.split(":")[0] in SUPERVISORS for key in names)
    if not roles or not all(isinstance(name, str) and len(name) <= 40 for name in names.values()):
        raise BadInput("setting.bad_supervision")
    if whole["supervise_days"] >= whole["escalate_days"]:
        raise BadInput("setting.bad_supervision")
    return whole


def _ranking(value: Any) -> dict[str, int]:
    """The whole setting, what is left out as it is by default."""
    known = DEFAULTS["ranking"]
    if not isinstance(value, dict) or set(value) - set(known):
        raise BadInput("setting.bad_ranking")
    whole = {**known, **value}
    if not all(type(n) is int and 0 <= n <= 1000 for n in whole.values()) or whole["least"] < 1:
        raise BadInput("setting.bad_ranking")
    if not any(n for name, n in whole.items() if name != "least"):
        raise BadInput("setting.bad_ranking")
    return whole


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
