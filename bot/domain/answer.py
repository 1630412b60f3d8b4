"""Does a message answer the question just asked, or is it something else?

Pure reading: a form takes what it can from every message (a phone number, a place, a refusal to leave one's name)
and only what brings nothing is handed back as an interruption.
"""

import re

from bot.domain.understanding import Understanding

INTERRUPTS = frozenset(
    {"cancel", "human", "status", "urge", "reopen", "help_menu", "language", "privacy", "repeat", "more", "rate",
     "choose_provider", "open_ticket", "next_need", "none_of_these"}
)
SMALL_TALK = frozenset({"greet", "thanks", "goodbye", "chitchat", "out_of_scope"})
_YES = re.compile(
    r"^(是的?|对的?|對|好的?|行|嗯+|恩|可以|没错|确认|确定|提交|确认提交|正确|ok|okay|yes|y|yep|sure|right|correct|confirm|submit|👍|👌|✅|🆗)[!！。.~了吧呀啊\s]*$",
    re.IGNORECASE,
)
_NO = re.compile(r"^(不|不是|不对|错了?|先?不要?提交|别提交|no|nope|wrong|not yet|👎|❌)[!！。.\s了吧呀啊]*$", re.IGNORECASE)


_PRICE = re.compile(r"多少钱|什么价|价格|准数|够不够|怎么收费|贵不贵|how much|price|cost", re.IGNORECASE)
_QUESTION = re.compile(r"[?？]$|吗[?？。]?$|呢[?？]?$|怎么|为什么|什么时候|多久|行不行|可不可以|能不能|^(how|what|why|when|who|can)\b", re.IGNORECASE)


def asks_price(text: str) -> bool:
    """Whether the words ask what it costs."""
    return bool(_PRICE.search(text))


_LIST = re.compile(
    r"(给|发|推荐|介绍|报).{0,6}(家|个|几|两|些|一下)?.{0,4}(电话|联系方式|号码|商家|师傅|名单)|phone numbers?|contacts?\b",
    re.IGNORECASE,
)


def asks_for_list(text: str) -> bool:
    """Whether the words ask for somebody to call."""
    return bool(_LIST.search(text))


_GOES_ON = re.compile(r"也?(登记|报|办|弄|处理)(一下|了吧|吧|掉)|接着|继续|下一(个|件)|那个也|the other one|register|go on|next one", re.IGNORECASE)


def goes_on(text: str) -> bool:
    """Whether the words want the next of several needs taken up: "那个也登记一下"."""
    return bool(_GOES_ON.search(text))


def is_question(text: str) -> bool:
    """Whether the words ask something."""
    return bool(_QUESTION.search(text.strip()))


def says_yes(text: str, act: str) -> bool:
    """Agreement, in words or a thumbs-up."""
    return bool(_YES.match(text.strip())) or (act == "affirm" and not _NO.match(text.strip()))


def says_no(text: str, act: str) -> bool:
    """Refusal of what was just put."""
    return bool(_NO.match(text.strip())) or (act == "deny" and not _YES.match(text.strip()))


def interrupts(heard: Understanding, question: str, item: str) -> bool:
    """Whether a message that filled nothing (or is a plain order) leaves the form for another matter.

    A long text while the matter is being described is a description, whatever act it resembles; an act named by a
    pressed button always counts.
    """
    if heard.choice:
        return heard.act in INTERRUPTS or (heard.act == "request" and heard.item != item)
    if heard.act in INTERRUPTS:
        return question != "description" or len(heard.text) <= 12
    if heard.act == "request" and heard.item and heard.item != item:
        return question != "description" and len(heard.text) >= 5
    return False
