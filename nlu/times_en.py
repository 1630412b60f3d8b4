"""English words of time, resolved to intervals in Asia/Shanghai.

Dates ("next Monday", "Dec 3rd", "3 days ago") and hours of the day go through dateparser
(https://github.com/scrapinghub/dateparser, BSD); parts of the day and weekends are put together here, as dateparser
gives an instant where people mean a stretch of hours.
"""

import re
from datetime import datetime, time, timedelta
from typing import Dict, List, Optional, Tuple

Stretch = Tuple[datetime, Optional[datetime]]

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?<=(?:on|is|xt|st) )(?:mon|tue|wed|thu|fri|sat|sun)"
_MONTH = (r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
          r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)")
_COUNT = r"(?:\d+|an?|two|three|four|five|six)"
_DATE = (rf"(?P<weekend>(?:this |next |last )?weekend)"
         rf"|(?P<near>(?:the )?day (?:after tomorrow|before yesterday)|today|tonight|tomorrow|yesterday|last night"
         rf"|this (?:morning|afternoon|evening))|(?P<weekday>(?:this |next |last )?(?:{_DAY}))"
         rf"|(?P<date>{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH})"
         rf"|(?P<away>in {_COUNT} (?:minutes?|hours?|days?|weeks?)"
         rf"|{_COUNT} (?:minutes?|hours?|days?|weeks?|months?) ago)")
_CLOCK = r"\d{1,2}(?:[:.]\d{2})? ?(?:am|pm|a\.m\.|p\.m\.|o'clock)|\d{1,2}:\d{2}"
_PHRASE = re.compile(
    rf"\b(?P<since>since )?(?:{_DATE})\b(?:,? (?:in the )?(?P<part>morning|afternoon|evening|night)\b)?"
    rf"(?:,? (?P<how>at|around|about|after|before|from|by)? ?(?P<clock>{_CLOCK}|(?<=(?:at|nd) )\d{{1,2}}\b))?",
    re.IGNORECASE)
_PARTS: Dict[str, Tuple[int, int]] = {
    "tonight": (18, 24), "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 24)}
_NUMBERS = {"a": 1, "an": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def english_times(text: str, now: datetime) -> List[Tuple[str, int, Stretch]]:
    """[(words, start, (from, to))]; `now` is aware and local; `to` is None where only a beginning is said."""
    found = []
    for hit in _PHRASE.finditer(text):
        stretch = _stretch(hit, now)
        if stretch is not None:
            found.append((hit.group(), hit.start(), stretch))
    return found


def _stretch(hit: "re.Match[str]", now: datetime) -> Optional[Stretch]:
    if hit["away"]:
        return _away(hit["away"], now)
    day = _day(hit, now)
    if day is None:
        return None
    if hit["since"]:
        return (day - timedelta(days=7) if hit["weekday"] and day > now - timedelta(days=1) else day), None
    if hit["weekend"]:
        return day, day + timedelta(days=2)
    named = (hit["near"] or "").lower()
    part = (hit["part"] or next((p for p in _PARTS if p in named), "")).lower()
    if hit["clock"]:
        return _at(day, hit["clock"], part, (hit["how"] or "").lower())
    if part:
        first, last = _PARTS[part]
        return day + timedelta(hours=first), day + timedelta(hours=last)
    return day, day + timedelta(days=1)


def _day(hit: "re.Match[str]", now: datetime) -> Optional[datetime]:
    today = datetime.combine(now.date(), time(), now.tzinfo)
    words = hit.group(hit.lastgroup or 0)
    if hit["near"]:
        near = hit["near"].lower()
        days = {"after tomorrow": 2, "before yesterday": -2, "tomorrow": 1, "yesterday": -1, "last night": -1}
        return today + timedelta(days=next((n for word, n in days.items() if word in near), 0))
    if hit["weekend"]:
        ahead = (5 - today.weekday()) if today.weekday() < 6 else -1
        weeks = {"next": 1, "last": -1}.get(hit["weekend"].split()[0].lower(), 0)
        return today + timedelta(days=ahead + 7 * weeks)
    if hit["weekday"]:
        return _weekday(hit["weekday"].lower(), today)
    return _parsed(hit["date"] or words, today)


def _weekday(words: str, today: datetime) -> datetime:
    """`Friday` and `this Friday`: the coming one, today included; `next Friday`: of the week after; `last`: gone by."""
    number = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(words.split()[-1][:3])
    if words.startswith("last"):
        return today - timedelta(days=(today.weekday() - number) % 7 or 7)
    if words.startswith("next"):
        return today + timedelta(days=7 - today.weekday() + number)
    return today + timedelta(days=(number - today.weekday()) % 7)


def _away(words: str, now: datetime) -> Stretch:
    amount = re.sub(r"^in |\bago\b", "", words.lower()).split()
    number = _NUMBERS.get(amount[0]) or int(amount[0])
    unit = amount[1].rstrip("s")
    step = timedelta(days=30 * number) if unit == "month" else timedelta(**{f"{unit}s": number})
    moment = now - step if words.lower().endswith("ago") else now + step
    if unit in ("minute", "hour"):
        return moment, moment + timedelta(hours=1)
    day = datetime.combine(moment.date(), time(), now.tzinfo)
    return day, day + timedelta(days=1)


def _at(day: datetime, clock: str, part: str, how: str) -> Optional[Stretch]:
    """An hour of that day; a bare `at 3` on a visit means the afternoon, as nobody comes at three in the night."""
    bare = re.fullmatch(r"(\d{1,2})(?: ?o'clock)?", clock)
    words = f"{bare[1]}:00" if bare else clock.replace(".", ":", clock.count(".") == 1)
    parsed = _parsed(words, day)
    if parsed is None:
        return None
    late = part not in ("", "morning") or (bool(bare) and part != "morning" and parsed.hour < 7)
    moment = day.replace(hour=parsed.hour, minute=parsed.minute)
    if late and moment.hour < 12 and "am" not in clock.lower():
        moment += timedelta(hours=12)
    if how in ("after", "from"):
        return moment, None
    if how in ("before", "by"):
        return day, moment
    return moment, moment + timedelta(hours=1)


def _parsed(words: str, base: datetime) -> Optional[datetime]:
    import dateparser  # read at the first English time, 80 ms

    found = dateparser.parse(words, languages=["en"], settings={
        "RELATIVE_BASE": base.replace(tzinfo=None), "PREFER_DATES_FROM": "future", "DATE_ORDER": "MDY"})
    return found.replace(tzinfo=base.tzinfo) if found else None
