"""What a citizen's words say of their tickets: numbers, taking one back, adding to one."""

import re
from unicodedata import normalize

_NUMBER = re.compile(r"[A-Za-z]{2,}\d{8,}")
_TAKES_BACK = re.compile(
    r"撤(回|销|单|诉|掉)|(取消|作废).{0,4}工单|工单.{0,4}(取消|作废)|不用(办|处理|修|来人?)了|"
    r"withdraw|cancel (the|my|this) (ticket|case|report|complaint)", re.IGNORECASE)
_ADDS = re.compile(
    r"补充(?!.{0,2}(保险|医疗|养老|医保|公积金|协议|合同|申报|维生素|营养))|补(一)?(张|个|几张|两张)?(照片|图|视频)|(再|还想|还要)(加|补|添)(一?[张点句条个下]|几[张点句条个])|"
    r"(再|还想|还要|想)(多)?说(一?点|几句|一?下)|加(到|进)(我的)?(工单|单子)|"
    r"加(一?[张段]|几张)(照片|图|视频)|"
    r"add (something|a photo|some photos|more|this|to (my|the) (ticket|report))|one more thing", re.IGNORECASE)
_ONLY_SAYS_SO = re.compile(
    r"^(你好|您好|我|想|要|再|还|能|可以|能不能|可不可以|给|对|把|这|那|个|件|张|事|工单|单子|上面|里|的|一|几|点|下|些|句|话|"
    r"情况|材料|内容|照片|图片?|补充|补|加|添|说|到|进|请|麻烦|吗|吧|啊|呢|了|please|i|want|would|like|to|can|add|some|"
    r"something|more|a|the|my|photos?|ticket|report|one|thing|information|info|[\s,，。.!！?？:：、])+$", re.IGNORECASE)


def numbers(words: str) -> list[str]:
    """Ticket numbers in words as people write them: small or wide letters too."""
    return [number.upper() for number in _NUMBER.findall(normalize("NFKC", words))]


def takes_back(words: str) -> bool:
    """Whether the words take a ticket back."""
    return bool(_TAKES_BACK.search(words))


def adds(words: str) -> bool:
    """Whether the words want something added to a ticket that is there."""
    return bool(_ADDS.search(words))


def only_says_so(words: str) -> bool:
    """Whether the words announce it ("我要补充一下") and what is to be added is still to come."""
    return bool(_ONLY_SAYS_SO.match(_NUMBER.sub("", normalize("NFKC", words)).strip() or "补充"))
