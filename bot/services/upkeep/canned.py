"""Canned replies: texts operators send often."""

import re
import string
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain import entry
from bot.errors import BadInput, HotlineError
from bot.services.upkeep.records import Column, Noun, Problems, Values
from bot.storage import CannedReply, Team

VARIABLES = ("citizen", "operator", "item", "department", "hotline", "number")
_SHORTCUT = re.compile(r"[^\s/]{1,24}")


class CannedReplies(Noun):
    """A shortcut is one word; what stands in braces is one of `VARIABLES`."""

    def key(self, row: Any) -> str:
        return str(row.id)

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        problems: Problems = {}
        if "shortcut" in changed and values["shortcut"]:
            other = session.scalar(select(CannedReply.id).where(CannedReply.shortcut == values["shortcut"]))
            if not _SHORTCUT.fullmatch(values["shortcut"]):
                problems["shortcut"] = BadInput("entry.one_word")
            elif other is not None and (row is None or other != row.id):
                problems["shortcut"] = BadInput("entry.taken", value=values["shortcut"])
        for name in changed & {"text_zh", "text_en"}:
            wrong = _bad_braces(values[name] or "")
            if wrong:
                problems[name] = wrong
        team = session.get(Team, values["team"] or "")
        if "team" in changed and values["team"] and (team is None or team.removed):
            problems["team"] = BadInput("entry.unknown", value=values["team"])
        return problems


def _bad_braces(words: str) -> HotlineError | None:
    allowed = ", ".join(f"{{{name}}}" for name in VARIABLES)
    try:
        named = [name for _, name, _, _ in string.Formatter().parse(words) if name is not None]
    except ValueError:
        return BadInput("entry.bad_braces", value="{", allowed=allowed)
    wrong = [name for name in named if name not in VARIABLES]
    return BadInput("entry.bad_braces", value=f"{{{wrong[0]}}}", allowed=allowed) if wrong else None


CANNED = CannedReplies("canned", CannedReply, (
    Column("shortcut", entry.words(24), required=True),
    Column("title", entry.words(60), required=True),
    Column("text_zh", entry.words(2000), required=True),
    Column("text_en", entry.words(2000)),
    Column("team", entry.words(32)),
))
