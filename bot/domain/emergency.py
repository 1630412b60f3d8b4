"""Recognising an emergency by the catalogue's own words, which is what is left when the model is not there, and whom
to call first.

Cautious about words that only sound alike: sentences that deny it, that lie in the past, or that ask in general are
not taken. The model in `nlu/` decides while it is up; it knows far more.
"""

import re
from collections.abc import Iterable

from bot.domain.catalogue import Emergency

_ASKED_FOR = {
    "120": re.compile(r"(?<!\d)120(?!\d)|救护车|救護車|急救车|ambulance", re.IGNORECASE),
    "119": re.compile(r"(?<!\d)119(?!\d)|消防|fire (brigade|engine|truck|department)", re.IGNORECASE),
    "110": re.compile(r"(?<!\d)110(?!\d)|报警|報警|警察|police", re.IGNORECASE),
}

_NOT_NOW = re.compile(
    r"没有|没闻到|不是|并没|不用|不需要|如果|万一|怎么预防|怎么防|演习|演练|培训|以前|从前|去年|前年|上个月|小时候|电影|电视剧|新闻|梦见|做梦|小说|游戏"
    r"|\b(not|don't|isn't|no longer|if|in case|last year|movie|drill|used to|dream)\b",
    re.IGNORECASE,
)


def numbers(emergency: Emergency, words: str) -> tuple[str, ...]:
    """Whom to call, in order: who is cried for ("快叫救护车") comes first, where it is one of this emergency's.
    A line of its own that the catalogue names first (psychological help, traffic police) stays first."""
    if emergency.numbers[0] not in _ASKED_FOR:
        return emergency.numbers
    asked = [number for number in emergency.numbers if number in _ASKED_FOR and _ASKED_FOR[number].search(words)]
    return tuple(dict.fromkeys([*asked, *emergency.numbers]))


def by_words(text: str, emergencies: Iterable[Emergency]) -> str | None:
    """The code of the emergency whose longest word stands in the text, or None."""
    folded = text.casefold()
    words = [(word.casefold(), e.code) for e in emergencies for word in e.words]
    hits = [(len(word), code) for word, code in words
            if word in folded and not _NOT_NOW.search(folded.replace(word, " "))]  # "没有呼吸了" denies nothing
    return max(hits)[1] if hits else None
