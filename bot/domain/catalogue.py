"""The service catalogue as the rest of the code sees it: items, departments, emergencies, and questions to ask."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Lang = str
"""`zh` or `en`."""


@dataclass(frozen=True)
class Named:
    """Anything with a code and two names."""

    code: str
    name_zh: str
    name_en: str

    def name(self, lang: Lang) -> str:
        return self.name_en if lang == "en" and self.name_en else self.name_zh


@dataclass(frozen=True)
class Category(Named):
    """One of the life-service categories."""

    description_zh: str = ""


@dataclass(frozen=True)
class Department(Named):
    """A government department; `hotline` may be empty."""

    remit_zh: str = ""
    hotline: str = ""


@dataclass(frozen=True)
class Item(Named):
    """A life service (`category` set) or a government service (`department` set)."""

    category: str = ""
    department: str = ""
    kinds: tuple[str, ...] = ("help",)
    sla_hours: int = 0
    cross: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    price_note_zh: str = ""
    source: str = ""

    @property
    def life(self) -> bool:
        return bool(self.category)


@dataclass(frozen=True)
class Emergency(Named):
    """What to do and whom to call, numbers in order."""

    numbers: tuple[str, ...] = ()
    instruction_zh: str = ""
    instruction_en: str = ""
    words: tuple[str, ...] = ()

    def instruction(self, lang: Lang) -> str:
        return self.instruction_en if lang == "en" and self.instruction_en else self.instruction_zh


@dataclass(frozen=True)
class Ambiguity:
    """One short question that separates items, its options as item codes. `words` are the bare words it is asked
    at; without any it is asked where the model wavers between these neighbours."""

    words: tuple[str, ...]
    question_zh: str
    question_en: str
    items: tuple[str, ...]

    def question(self, lang: Lang) -> str:
        return self.question_en if lang == "en" else self.question_zh


@dataclass(frozen=True)
class SafetyQuestion:
    """Asked before a ticket on that item: a yes is the emergency named."""

    item: str
    emergency: str
    question_zh: str
    question_en: str
    safe_words: tuple[str, ...]
    danger_words: tuple[str, ...]

    def question(self, lang: Lang) -> str:
        return self.question_en if lang == "en" else self.question_zh

    def says_safe(self, words: str) -> bool:
        """Whether the words say that nobody is in danger; that nobody comes to mend it says nothing of the kind."""
        folded = words.casefold()
        return any(not _UNATTENDED.match(folded, found.end())
                   for word in self.safe_words for found in re.finditer(re.escape(word), folded))

    def says_danger(self, words: str) -> bool:
        """Whether the words say that somebody is: 有人, but not the 有人 in 没有人."""
        folded = words.casefold()
        return any(word in folded.replace("没有", "没") for word in self.danger_words)


_UNATTENDED = re.compile(
    r"\s*又?(?:来|管|修|理|处理|负责|接|应|答应|回|过问|肯|敢|救|帮|(?:is |has |will |even )*"
    r"(?:com(?:e|ing)|came|answer|pick|fix|repair|help|car(?:es|ing)|respond|do(?:es|ing)))"
)
"""What after "nobody" turns it into a complaint (没有人来修, nobody is coming), and after "he left" undoes it (又回来了)."""


@dataclass(frozen=True)
class Guide:
    """What is known about getting a government service done; the office has the last word."""

    item: str
    bring_zh: str
    where_zh: str
    time_zh: str
    bring_en: str = ""
    where_en: str = ""
    time_en: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Everything in the catalogue, by code."""

    categories: Mapping[str, Category]
    departments: Mapping[str, Department]
    items: Mapping[str, Item]
    emergencies: Mapping[str, Emergency]
    ambiguities: tuple[Ambiguity, ...] = ()
    neighbours: tuple[Ambiguity, ...] = ()
    safety: Mapping[str, SafetyQuestion] = field(default_factory=dict)
    guides: Mapping[str, Guide] = field(default_factory=dict)
    gone: Mapping[str, Item] = field(default_factory=dict)
    """Items taken out of service: offered to nobody, but the name of what old tickets are about."""

    def bare_word(self, text: str) -> Ambiguity | None:
        """The ambiguity whose word is all the citizen said, give or take politeness and punctuation."""
        core = _core(text)
        return next((a for a in self.ambiguities if core in a.words), None) if core else None

    def between(self, candidates: Sequence[str]) -> Ambiguity | None:
        """The question that separates the two likeliest items, of the smallest group in which both stand."""
        both = set(candidates[:2])
        fitting = [group for group in self.neighbours if both <= set(group.items)]
        return min(fitting, key=lambda group: len(group.items)) if len(both) == 2 and fitting else None


_POLITE = (
    "你好", "您好", "请问", "麻烦", "帮我", "帮忙", "我想", "我要", "想要", "需要", "找个", "找一个", "找", "请", "一下", "有没有", "有",
    "吗", "呢", "啊", "呀", "谢谢", "师傅", "的", "了", "咨询", "问题", "问", "个",
)


def _core(text: str) -> str:
    kept = "".join(c for c in text.strip() if c.isalnum() or c == " ").strip()
    if not kept or len(kept) > 14:
        return ""
    while True:
        shorter = kept
        for word in _POLITE:
            if len(shorter) > len(word) and shorter.startswith(word):
                shorter = shorter.removeprefix(word)
            if len(shorter) > len(word) and shorter.endswith(word):
                shorter = shorter.removesuffix(word)
        if shorter == kept:
            return kept.casefold()
        kept = shorter.strip()
