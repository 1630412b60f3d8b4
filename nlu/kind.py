"""Consult, help, complaint or suggestion: from the words, else from what the item usually is."""

import re
from typing import Optional, Sequence

_SUGGESTION = re.compile(r"建议|提议|提个(想法|意见)|能不能(增|加|多|把|让|改|设|装)|可不可以(增|加|设)|希望(能)?(增|加|多|设|开)|要是能|最好(能)?(加|设|装)|\bsuggest|\bit would be (nice|better)")
_COMPLAINT = re.compile(
    r"投诉|举报|反映|曝光|管不管|没人管|太不像话|气死|受不了|天天|每天(晚上|早上|半夜)?|扰民|太吵|吵得|吵死|臭|坑(人|我)|骗|拒绝|不肯|不给|不让|乱(收|停|扔|倒|搭|丢)|欺负|态度"
    r"|\b(complain|report|every night|unacceptable|cheat|refuse)"
)
_CONSULT = re.compile(
    r"怎么(办|弄|申请|查|交|领|报|改|换|开|补|转|算|预约|走|坐)|如何|要(带|准备|交|什么)|什么(材料|条件|流程|手续|时候|证)|哪里(办|可以|能)|去哪|多少钱|多久|几天|能不能(办|领|报|提)|可以(办|领|报|提)吗|需要(什么|哪些)|哪些材料|是不是|有没有(补贴|补助|优惠|政策)|请问|咨询|吗[?？]?$|符合条件|what (do|documents)|how (do|can|to|long|much)|where (do|can)"
)
_NEED = re.compile(r"帮(我|忙)|派(人|个)|来(人|修|看|弄|处理)|快(来|点)|求助|麻烦(你们)?(来|派|处理|安排)|上门|坏了|漏|堵|不亮|没电|没水|please (send|help|fix)|need (someone|help)")


def kind_of(text: str, kinds: Sequence[str], life: bool) -> Optional[str]:
    """The request kind of a normalised text on an item whose usual kinds are given, the default first."""
    if life:
        return "consult" if re.search(r"多少钱|价格|怎么收费|什么价|how much", text) else "help"
    usual = list(kinds) or ["consult"]
    if _SUGGESTION.search(text) and (usual == ["suggestion"] or "suggestion" in usual):
        return "suggestion"
    if _COMPLAINT.search(text) and "complaint" in usual:
        return "complaint"
    if _NEED.search(text) and "help" in usual:
        return "help"
    if _CONSULT.search(text) and "consult" in usual:
        return "consult"
    if _COMPLAINT.search(text) and "consult" not in usual:
        return "complaint" if "complaint" in usual else usual[0]
    return usual[0]
