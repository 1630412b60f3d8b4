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


_REFUSES = re.compile(r"(不|没(?!人|事)|算了|免|别|无|错|先|no|wrong|skip|👎|❌)", re.IGNORECASE)
BEYOND_DOUBT = 0.95
_ANOTHER = re.compile(r"另外|还有|顺便|对了|同时|再(帮|找|问|报|来)|我?(还|又|也)?(要|想|需要)(?!不)|帮(我|忙)|找(个|人|师傅)|叫(个|人)|给我|请问|问一?下|投诉|举报|反映|建议"
                      r"|不是|算了|换(个|成)|改(成|问)|咨询|办理|申请|\b(also|another|i (want|need|would like)|please|instead)\b", re.IGNORECASE)
_SUBMIT = re.compile(r"(就|直接|先|那就|你)*(这样)?(提交|报上去|登记|submit)(就行|就好|掉|它|it)?[吧了呀啊。.!！]*", re.IGNORECASE)
_NO_PLACE = re.compile(r"(我|人)?(没事|没受伤)|没人受伤|不(知道|晓得|清楚|记得|认识|会说)|忘了|记不|说不|(两|几|三)[个样件]?都|都(要|是)|快(点|来)|赶紧|谢|i'?m (ok|fine)"
                       r"|(i )?don'?t know|not sure", re.IGNORECASE)
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


_GOES_ON = re.compile(r"也?(登记|报|办|弄|处理)(一下|了吧|吧|掉)|接着|继续|提交|下一(个|件)|那个也|the other one|register|go on|next one", re.IGNORECASE)


def goes_on(text: str) -> bool:
    """Whether the words want the next of several needs taken up: "那个也登记一下"."""
    return bool(_GOES_ON.search(text))


def pairs_shared(name: str, text: str) -> int:
    """How many pairs of neighbouring signs of a name stand in the words: which of several is meant."""
    return sum(name[at:at + 2].casefold() in text.casefold() for at in range(len(name) - 1))


def is_question(text: str) -> bool:
    """Whether the words ask something."""
    return bool(_QUESTION.search(text.strip()))


def says_yes(text: str, act: str) -> bool:
    """Agreement, in words or a thumbs-up."""
    return bool(_YES.match(text.strip())) or (act == "affirm" and not _NO.match(text.strip()))


def says_no(text: str, act: str) -> bool:
    """Refusal of what was just put."""
    return bool(_NO.match(text.strip())) or (act == "deny" and not _YES.match(text.strip()))


def refuses(text: str, act: str) -> bool:
    """Refusal of what was asked for; "没人受伤" is none."""
    return says_no(text, act) and bool(_REFUSES.match(text.strip()))


def says_submit(text: str) -> bool:
    """"提交吧" where something else was asked: it is to go as it is."""
    return bool(_SUBMIT.fullmatch(text.strip()))


def says_no_place(text: str) -> bool:
    """Words that name no place, whatever was asked: "我没事", "不记得了", "两个都要管"."""
    return bool(_NO_PLACE.match(text.strip())) and len(text.strip()) <= 10


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
        return question != "description" and names_another(heard)
    return False


def names_another(heard: Understanding) -> bool:
    """Whether words that sound like another need are put as one: asked, announced, wanted, or beyond doubt. "一共八个人",
    "我妈坐轮椅下不去" rather say more of the first."""
    words = heard.text.strip()
    put = is_question(words) or asks_price(words) or bool(_ANOTHER.search(words))
    return len(words) >= 4 and (put or heard.confidence >= BEYOND_DOUBT)
