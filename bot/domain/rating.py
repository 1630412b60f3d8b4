"""A citizen's verdict: reading it out of words, what it does, and how long it may still be changed."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REOPEN_WITHIN = timedelta(days=15)
"""After closing: "not solved" takes the ticket up again; later it is a new matter that refers to the old one."""
LOW = 2
"""From this many stars down a citizen is asked what was wrong."""


class Complaint(StrEnum):
    """What was wrong, as hotlines sort it: nothing done, it came back, beside the question, manner, something else."""

    UNDONE = "undone"
    CAME_BACK = "came_back"
    BESIDE = "beside"
    MANNER = "manner"
    OTHER = "other"


class Verdict(StrEnum):
    """What an answered or closed ticket may be said to be. `unanswered`: the citizen was asked and said nothing, which
    is never "satisfied"."""

    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    UNANSWERED = "unanswered"


def verdict(solved: bool | None) -> Verdict:
    """The citizen's word on an answer, or that there was none."""
    return Verdict.UNANSWERED if solved is None else Verdict.SOLVED if solved else Verdict.NOT_SOLVED


def may_reopen(closed_at: datetime | None, moment: datetime) -> bool:
    """Whether "not solved" still takes a ticket up again; one that is not closed yet always."""
    return closed_at is None or moment - closed_at <= REOPEN_WITHIN

_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "１": 1, "２": 2, "３": 3, "４": 4, "５": 5}
_STARS = re.compile(r"(?<![\d.])([1-5１-５一二两三四五])\s*(?:分|星|颗星|stars?|points?|/\s*5)", re.IGNORECASE)
_BARE = re.compile(r"^\s*([1-5１-５一二两三四五])\s*[。.!！]?\s*$")
_TEN = re.compile(r"(?:10|十)\s*分")
_FULL = re.compile(r"满分|五星好评|五星|perfect|excellent", re.IGNORECASE)
_UNSOLVED = re.compile(
    r"没(有)?(解决|修好|弄好|处理好|办好|用|来|动)|未解决|又(坏|来|漏|堵|回来)|还是(没|不|老样子|在)|没人(来|管)|not (solved|fixed|resolved)|still (not|broken|there)",
    re.IGNORECASE,
)
_SOLVED = re.compile(r"解决了|修好了|弄好了|处理好了|搞定|已经好了|(?<!not )(?<!un)\b(solved|fixed|resolved)\b", re.IGNORECASE)
_BAD = re.compile(r"差评|不满意|太差|很差|糟糕|垃圾|敷衍|unsatisf|dissatisf|not satisfied|terrible|awful|\bbad\b", re.IGNORECASE)
_FAIR = re.compile(r"一般|凑合|还行|马马虎虎|so-so|okay-ish|average", re.IGNORECASE)
_GOOD = re.compile(r"很满意|非常满意|特别满意|满意|好评|很好|不错|satisf|great|very good|good", re.IGNORECASE)


@dataclass(frozen=True)
class Rating:
    """`score` 1 to 5 or None, `solved` or None where the words do not say."""

    score: int | None
    solved: bool | None


def read(text: str) -> Rating:
    """What the words say; both None where they say nothing."""
    unsolved = bool(_UNSOLVED.search(text))
    solved = True if _SOLVED.search(text) and not unsolved else False if unsolved else None
    return Rating(_score(text), solved)


def reopens(rating: Rating) -> bool:
    """Whether the work goes back: said to be unsolved, or two stars or fewer without saying it is solved."""
    return rating.solved is False or half(rating)


def half(rating: Rating) -> bool:
    """A low score that does not say whether it is solved: worth a question before the work goes back."""
    return rating.solved is None and low(rating)


def low(rating: Rating) -> bool:
    """Two stars or fewer."""
    return rating.score is not None and rating.score <= LOW


_COMPLAINTS = (
    (Complaint.CAME_BACK, re.compile(r"又|反复|老样子|复发|came back|again", re.IGNORECASE)),
    (Complaint.MANNER, re.compile(r"态度|凶|骂|不耐烦|rude|manner", re.IGNORECASE)),
    (Complaint.UNDONE, re.compile(r"没(有)?(人|处理|动|来|修|办)|没人管|not(hing)? done|nobody", re.IGNORECASE)),
    (Complaint.BESIDE, re.compile(r"答非所问|不是(我)?(问|说)的|敷衍|推(脱|来推去)|踢皮球|beside the point", re.IGNORECASE)),
)


def complaint(text: str) -> Complaint | None:
    """What the words say was wrong, None where they do not say."""
    return next((kind for kind, pattern in _COMPLAINTS if pattern.search(text)), None)


def _score(text: str) -> int | None:
    found = _STARS.search(text) or _BARE.match(text)
    if found:
        sign = found.group(1)
        return _DIGITS.get(sign) or int(sign)
    if _TEN.search(text) or _FULL.search(text):
        return 5
    for pattern, score in ((_BAD, 1), (_FAIR, 3)):
        if pattern.search(text):
            return score
    strong = re.search(r"非常满意|特别满意|很满意|very satisf|great|excellent", text, re.IGNORECASE)
    return (5 if strong else 4) if _GOOD.search(text) else None
