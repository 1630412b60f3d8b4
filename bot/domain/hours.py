"""Opening hours in the directory's small format: `MO-FR 08:00-17:30;SA,SU 09:00-12:00`.

Days are iCalendar's two letters (RFC 5545), as in Open Referral HSDS `schedule.byday`. A span that ends at or before
its start runs past midnight; `24:00` is the end of the day.
"""

import re
from datetime import datetime, time, timedelta

from bot.domain.calendar import LOCAL
from bot.errors import BadInput

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_RULE = re.compile(r"^([A-Z,\-]+) (\d\d):(\d\d)-(\d\d):(\d\d)$")


def parse(hours: str) -> list[tuple[frozenset[int], int, int]]:
    """[(weekdays 0..6, opening minute, closing minute > opening, up to 2880)]. Raises BadInput."""
    return [_rule(part.strip()) for part in hours.split(";") if part.strip()]


def is_open(hours: str, moment: datetime) -> bool:
    """Open at that instant, Shanghai time. Empty hours mean unknown and count as closed."""
    local = moment.astimezone(LOCAL)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.weekday(), (local.weekday() - 1) % 7
    return any(
        (today in days and opens <= minute < closes) or (yesterday in days and opens <= minute + 1440 < closes)
        for days, opens, closes in parse(hours)
    )


def next_opening(hours: str, moment: datetime) -> datetime | None:
    """When it opens next within a week, or None. Aware, Shanghai time."""
    local = moment.astimezone(LOCAL)
    rules = parse(hours)
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), LOCAL)
        starts = [midnight + timedelta(minutes=opens) for days, opens, _ in rules if day.weekday() in days]
        later = [s for s in starts if s > local]
        if later:
            return min(later)
    return None


_NAMES = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def in_words(hours: str, language: str) -> str:
    """The hours as a person reads them: "周一至周五 08:30-17:30，周六 09:00-12:00", "每天 24 小时"."""
    parts = [f"{_days_in_words(days, language)} {_span_in_words(a, b, language)}" for days, a, b in parse(hours)]
    return ("，" if language == "zh" else ", ").join(parts)


def _days_in_words(days: frozenset[int], language: str) -> str:
    if len(days) == 7:
        return "每天" if language == "zh" else "every day"
    names, runs, ordered = _NAMES[language], [], sorted(days)
    to = "至" if language == "zh" else "–"
    while ordered:
        first = last = ordered.pop(0)
        while ordered and ordered[0] == last + 1:
            last = ordered.pop(0)
        runs.append(names[first] if first == last else names[first] + to + names[last])
    return ("、" if language == "zh" else ", ").join(runs)


def _span_in_words(opens: int, closes: int, language: str) -> str:
    if closes - opens == 1440:
        return "24 小时" if language == "zh" else "24 hours"
    night = ("次日" if language == "zh" else "next day ") if closes > 1440 else ""
    hour = 24 if closes == 1440 else closes // 60 % 24
    return f"{opens // 60:02d}:{opens % 60:02d}-{night}{hour:02d}:{closes % 60:02d}"


def _rule(part: str) -> tuple[frozenset[int], int, int]:
    match = _RULE.match(part)
    if not match:
        raise BadInput("hours.unreadable", hours=part)
    days, h1, m1, h2, m2 = match.groups()
    opens, closes = int(h1) * 60 + int(m1), int(h2) * 60 + int(m2)
    if not (opens < 1440 and closes <= 1440 and int(m1) < 60 and int(m2) < 60):
        raise BadInput("hours.unreadable", hours=part)
    return _days(days, part), opens, closes if closes > opens else closes + 1440


def _days(spec: str, part: str) -> frozenset[int]:
    found: set[int] = set()
    for piece in spec.split(","):
        first, _, last = piece.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            raise BadInput("hours.unreadable", hours=part)
        a, b = DAYS.index(first), DAYS.index(last or first)
        found.update(range(a, b + 1) if a <= b else (*range(a, 7), *range(b + 1)))
    return frozenset(found)
