"""Community workers (网格员): the code that links their chat, and the states of what they are asked to see to."""

import re
from enum import StrEnum

from bot.errors import Conflict


class TaskState(StrEnum):
    ASKED = "asked"
    AT_WORK = "at_work"
    DONE = "done"
    DECLINED = "declined"
    RECALLED = "recalled"


_T = TaskState
NEXT: dict[TaskState, frozenset[TaskState]] = {
    _T.ASKED: frozenset({_T.AT_WORK, _T.DONE, _T.DECLINED, _T.RECALLED}),
    _T.AT_WORK: frozenset({_T.ASKED, _T.DONE, _T.DECLINED, _T.RECALLED}),  # asked: put aside for another one
    _T.DONE: frozenset(),
    _T.DECLINED: frozenset(),
    _T.RECALLED: frozenset(),
}
OPEN = frozenset({_T.ASKED, _T.AT_WORK})
_LINKS = re.compile(r"\s*(?:绑定|綁定|link)\s*[:：]?\s*(\d{4})[ -]?(\d{4})\s*", re.IGNORECASE)
_LISTS = re.compile(r"\s*(?:我的|查|看)?(?:网格|網格)?(?:任务|任務)\s*[?？。]?\s*|\s*my tasks?\s*\??\s*", re.IGNORECASE)


def check_move(now: TaskState, then: TaskState) -> None:
    """Raise Conflict where `then` cannot follow."""
    if then not in NEXT[now]:
        raise Conflict("grid.cannot_move")


def link_code(words: str) -> str:
    """The eight digits of "绑定 1234 5678"; "" where the words are something else."""
    found = _LINKS.fullmatch(words)
    return "".join(found.groups()) if found else ""


def asks_for_tasks(words: str) -> bool:
    """我的任务."""
    return bool(_LISTS.fullmatch(words))
