"""Which answered questions may be shown to everybody."""

import re

from bot.domain.ticket import DONE, TicketState
from bot.errors import BadInput, Conflict

SHORTEST, LONGEST = 6, 2000
REPORTING = re.compile(r"举报|投诉举报|检举|线索")
SENSITIVE = re.compile(r"家暴|家庭暴力|未成年|虐待|遗弃|吸毒|毒品|赌博|传销|邪教|自杀|轻生|精神|艾滋|性骚扰|拐卖"
                       r"|低保|残疾|戒毒|社区矫正|离婚|收养|殡葬")


def check_may_publish(state: TicketState, answer: str, item: str, *, confidential: bool, anonymous: bool) -> None:
    """Raise Conflict where a ticket may never, or not yet, be shown: not answered; confidential; of a sensitive kind;
    an anonymous tip-off. `item` is its Chinese name."""
    if state not in DONE | {TicketState.CLOSED} or not answer:
        raise Conflict("publication.not_answered")
    if confidential:
        raise Conflict("publication.confidential")
    if SENSITIVE.search(item) or (anonymous and REPORTING.search(item)):
        raise Conflict("publication.sensitive")


def worded(words: str) -> str:
    """The words as they will be shown. Raises BadInput where they are too few or too many."""
    tidy = words.strip()
    if not SHORTEST <= len(tidy) <= LONGEST:
        raise BadInput("publication.length", least=SHORTEST, most=LONGEST)
    return tidy
