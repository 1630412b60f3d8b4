"""How long somebody stays signed in, and what a browser calls itself."""

import re
from datetime import datetime, timedelta

LASTS = timedelta(hours=12)
IDLE_AFTER = timedelta(hours=2)
SECOND_STEP_LASTS = timedelta(minutes=5)
"""From the right password to the code of the second factor."""

_BROWSERS = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("QQBrowser", "QQ Browser"),
             ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
             ("Safari", "Safari"))
_SYSTEMS = (("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
            ("Windows", "Windows"), ("Macintosh", "macOS"), ("Linux", "Linux"))


def over(last_seen: datetime, expires_at: datetime, now: datetime) -> str:
    """Why a session is over: `expired`, `idle`, or empty while it goes on."""
    if expires_at <= now:
        return "expired"
    return "idle" if last_seen + IDLE_AFTER <= now else ""


def browser_name(agent: str) -> str:
    """`Chrome · Windows`; a browser nobody knows by the first word it says of itself, empty where it says nothing."""
    known = [next((name for sign, name in signs if sign in agent), "") for signs in (_BROWSERS, _SYSTEMS)]
    named = " · ".join(filter(None, known))
    first = re.match(r"[\w.-]{1,24}", agent)
    return named or (first.group() if first else "")
