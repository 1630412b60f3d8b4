"""What a department says it did, and what may honestly be concluded from it (the disposal form of 12345 hotlines:
诉求属实, 超职责, 联系时间, 是否解决, 未解决原因, 公开答复)."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ticket import Outcome
from bot.errors import BadFields, BadInput, HotlineError

SHORTEST_ANSWER = 5
SENTENCE = 12
"""Characters below which an answer says hardly what was done: pointed out, not refused."""
LONGEST = 2000
_GAP = re.compile(r"[\[【〔(（][\s_…]*[\]】〕)）]|\{\w+\}|_{3,}|×{2,}|(?<![A-Za-z0-9])[XxＸ]{2,}(?![A-Za-z0-9])")


class Upheld(StrEnum):
    """Whether it is as the citizen says."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNCLEAR = "unclear"


class Resolved(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True)
class Form:
    """A lead's disposal. `reason` says why it is not resolved, or, out of remit, whose it is; `account` is for the
    desk, `answer` for the citizen."""

    upheld: str = ""
    out_of_remit: bool = False
    contacted_at: datetime | None = None
    resolved: str = ""
    reason: str = ""
    account: str = ""
    answer: str = ""

    @property
    def outcome(self) -> Outcome:
        """What closing will say: never solved where the department itself says it is not."""
        if self.out_of_remit:
            return Outcome.OUT_OF_REMIT
        return Outcome.SOLVED if self.resolved == Resolved.YES else Outcome.EXPLAINED


def check(form: Form, received_at: datetime, moment: datetime, reachable: bool) -> None:
    """Raise BadFields for what is missing or cannot be. `reachable`: the department can call the citizen."""
    problems: dict[str, HotlineError] = {}
    if form.upheld not in set(Upheld):
        problems["upheld"] = BadInput("disposal.upheld")
    if not form.out_of_remit and form.resolved not in set(Resolved):
        problems["resolved"] = BadInput("disposal.resolved")
    if form.out_of_remit and form.resolved == Resolved.YES:
        problems["resolved"] = BadInput("disposal.not_both")
    if (form.out_of_remit or form.resolved in (Resolved.PARTLY, Resolved.NO)) and len(form.reason.strip()) < 2:
        problems["reason"] = BadInput("disposal.whose" if form.out_of_remit else "disposal.reason")
    problems |= _contact(form, received_at, moment, reachable) | _answer(form.answer)
    if problems:
        raise BadFields(problems)


def check_short(form: Form) -> None:
    """A co-handler's form: what was done and whether it is resolved. Raises BadFields."""
    problems: dict[str, HotlineError] = {}
    if form.resolved not in set(Resolved):
        problems["resolved"] = BadInput("disposal.resolved")
    if len(form.account.strip()) < 2:
        problems["account"] = BadInput("disposal.account")
    if problems:
        raise BadFields(problems)


def is_thin(words: str) -> bool:
    """Whether a public answer is shorter than a sentence."""
    return len("".join(words.split())) < SENTENCE


def _contact(form: Form, received_at: datetime, moment: datetime, reachable: bool) -> dict[str, HotlineError]:
    if form.contacted_at is None:
        silent = reachable and len(form.account.strip()) < 2
        return {"account": BadInput("disposal.why_not_contacted")} if silent else {}
    if form.contacted_at > moment:
        return {"contacted_at": BadInput("disposal.in_the_future")}
    if form.contacted_at < received_at.replace(second=0, microsecond=0):  # a form knows minutes only
        return {"contacted_at": BadInput("disposal.before_receipt")}
    return {}


def _answer(words: str) -> dict[str, HotlineError]:
    if len(words.strip()) < SHORTEST_ANSWER:
        return {"answer": BadInput("disposal.answer")}
    if gap := _GAP.search(words):
        return {"answer": BadInput("disposal.gap", gap=gap.group())}
    return {}
