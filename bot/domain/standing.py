"""A provider's standing: what a citizen's verdict does to its rating, and when it is no longer named."""

import re
from datetime import timedelta

LOW = 2
WORST = 1
BAD_ENOUGH = 3
"""Bad verdicts of as many different citizens..."""
WINDOW = timedelta(days=90)
"""...within this time suspend a provider until somebody has looked into it."""
COMPLAINT_WITHIN = timedelta(days=30)
"""So long after a referral words about "the one you sent" are about it."""
_THEIRS = re.compile(
    r"你们?(这边|那边)?(介绍|推荐|派|叫|安排|给我?找)(来)?的|(上门|来)的?那?个?师傅|那个?师傅|那家(店|公司)?"
    r"|(plumber|electrician|cleaner|technician|company|person|one) you (sent|gave|recommended)", re.IGNORECASE)
_GRIEVANCE = re.compile(
    r"乱收|多收|加价|坐地起价|宰(客|人)|骗|坑|没来|不来|放鸽子|爽约|态度|骂|弄坏|修坏|搞坏|没修好|偷工|投诉"
    r"|overcharg|rude|never came|did(n't| not) (come|show)|broke|cheat|complain", re.IGNORECASE)
_UNREACHED = re.compile(
    r"(那|这|刚才|我|打|打了|打过|他们?|她们?|人家|师傅|你们?给的|你们?|说的|那?个|这?家|店里?|的|电话|号码|手机|一直|老是|都|也|总是?|根本|几[遍次]|好几[遍次]|[，,、\s])*"
    r"(打不通|打不进|没有?人接|不接|不通|停机|空号|关机|占线|忙音|没人应)(电话|啊|呀|了|的|怎么办|换一?[家个]|再?给?[我别换]*(一|几)?[家个]?|吧|[，,。.!！?？\s])*"
    r"|(nobody|no one|they (do not|don'?t)|he (does not|doesn'?t)) (answers?|picks? up)( the phone)?[.!\s]*"
    r"|(the |their |that )?(number|phone) (is (off|dead|busy|wrong)|(does not|doesn'?t) work)[.!\s]*"
    r"|(i )?(can'?t|cannot|could not|couldn'?t) (reach|get through to) (them|him|her|anyone)[.!\s]*", re.IGNORECASE)
UNREACHED_WITHIN = timedelta(days=2)


def bad(came: bool | None, solved: bool | None, score: int | None) -> bool:
    """Whether a verdict counts against the provider: nobody came, it did not help, or two stars or fewer."""
    return came is False or solved is False or (score is not None and score <= LOW)


def stars(came: bool | None, solved: bool | None, score: int | None) -> int | None:
    """What a verdict is in stars: as given; none given, one star where nobody came or it did not help; None where it
    says nothing of how good they were."""
    if came is False:
        return WORST
    return score if score is not None else WORST if solved is False else None


def rated(rating: float, count: int, before: int | None, then: int | None) -> tuple[float, int]:
    """The mean and number of a provider's ratings once a citizen's stars went from `before` to `then`. The figures a
    directory was seeded with count as ratings given earlier."""
    total = rating * count - (before or 0) + (then or 0)
    number = count - (before is not None) + (then is not None)
    return (min(5.0, max(1.0, total / number)), number) if number > 0 else (0.0, 0)


def complains(words: str) -> bool:
    """Whether the words are a grievance about somebody the hotline named."""
    return bool(_THEIRS.search(words) and _GRIEVANCE.search(words))


def unreached(words: str) -> bool:
    """Whether the words say that somebody did not answer the telephone, and nothing else."""
    return bool(_UNREACHED.fullmatch(words.strip()))
