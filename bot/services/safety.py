"""The question whether anybody is in danger, which some items ask before the form goes on."""

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.answer import says_no, says_yes
from bot.domain.catalogue import SafetyQuestion
from bot.domain.draft import ENOUGH_WORDS, Draft
from bot.domain.message import Button
from bot.i18n import text
from bot.services import emergencies
from bot.services.catalogue import catalogue
from bot.services.replies import Step, Turn, say

SAFE = frozenset({"没人", "没", "没有", "没有人", "无", "no", "nobody", "no one", "none"})
DANGER = frozenset({"有", "有的", "有人", "yes", "someone"})
"""Whole answers to the question; as parts of a sentence these words say little."""


def settled(draft: Draft, words: str) -> bool:
    """Whether nothing needs to be asked: the item has no such question, or the words answer it already."""
    return catalogue().safety.get(draft.item) is None or says_safe(draft, words)


def says_safe(draft: Draft, words: str) -> bool:
    """Whether the words say that nobody is in danger, while that is not known yet."""
    asked = None if draft.safety else catalogue().safety.get(draft.item)
    return asked is not None and (words.strip(" 。.!！").casefold() in SAFE or asked.says_safe(words))


def ask(session: Session, turn: Turn, item: str, lead: str) -> None:
    """The item's question, after what leads to it."""
    language = turn.language
    say(session, turn, "form.safety", lead=lead, question=catalogue().safety[item].question(language),
        buttons=[Button("safe:no", text("button.danger_no", language)),
                 Button("safe:yes", text("button.danger_yes", language))])


def answer(session: Session, turn: Turn, draft: Draft, words: str) -> Draft | Step | None:
    """Danger leads out of the form to the emergency; safe goes on; None where the words say neither."""
    asked = catalogue().safety[draft.item]
    chosen = turn.heard.choice
    if chosen == "safe:yes" or (not chosen and _danger(asked, words)):
        emergencies.act(session, turn, asked.emergency)
        return Step(draft.fresh())
    if chosen == "safe:no" or says_safe(draft, words) or says_no(words, turn.heard.act):
        known = draft.description or (words if len(words) >= ENOUGH_WORDS and not chosen else "")
        return replace(draft, safety="ok", description=known)
    return None


def _danger(asked: SafetyQuestion, words: str) -> bool:
    if asked.says_safe(words):
        return False
    return asked.says_danger(words) or words.casefold() in DANGER or bool(says_yes(words, ""))
