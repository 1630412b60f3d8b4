"""Words of somebody who should not talk to a machine any longer: anger at the hotline itself, or distress.

A short list that is surely meant, not a model of feelings: nobody's mood is scored or kept. What danger there may be is
the emergency detector's to find.
"""

import re
from enum import StrEnum

_ANGRY = re.compile(
    r"(?:什么|啥)(?:破|垃圾|狗屁|鬼)(?:机器人|热线|东西|玩意|系统)"
    r"|(?:破|垃圾|废物|傻逼|智障|人工智障)(?:机器人|客服|热线|系统)"
    r"|你(?:是)?(?:猪|傻|脑子有病|听不懂人话|神经病)|听不懂人话|(?:要|给我|我要)(?:投诉|举报)你们|滚(?:蛋|开)|他妈的|草泥马"
    r"|气死(?:我|人)了?.{0,6}(?:你们|没人管|不管)"
    r"|(?:说|讲|问)了(?:多少|几|好多|[三四五六七八九十]+)(?:遍|次|回).{0,8}(?:听不懂|还问|不懂|没用|没人)|没完没了|鸡同鸭讲"
    r"|\bstupid (?:bot|machine|robot)\b|\buseless (?:bot|machine|hotline|service)\b|\bf+u+c+k"
    r"|\bthis is (?:bullshit|ridiculous)\b|\byou (?:don't|do not) understand (?:me|anything)\b", re.IGNORECASE)
_DISTRESSED = re.compile(
    r"(?:求求|求求你|求你们)(?:了|帮|救|你们)|走投无路|实在没(?:有)?办法了|叫天天不应|哭(?:了一|了好|了整)(?:夜|天)"
    r"|我(?:真的|都|快|真)?(?:要)?(?:崩溃|撑不住|熬不下去|撑不下去)了?|没(?:有)?活路"
    r"|\bi(?:'m| am) (?:desperate|begging you)\b|\bplease,? i beg\b|\bat my wits'? end\b", re.IGNORECASE)
_AT_US = re.compile(
    r"(?:我|就|我就|我们)?(?:要|想|给我|我要|我想)?(?:投诉|举报)(?:一下)?你们(?:自己|这个|这|的)?(?:81890|12345|热线|平台|客服|机器人|公众号|系统|服务|态度|接线员|话务员|人员|人)*"
    r"[了吧啊呀。.!！\s]*", re.IGNORECASE)


class Mood(StrEnum):
    ANGRY = "angry"
    DISTRESSED = "distressed"


def mood(text: str) -> Mood | None:
    """What the words say plainly, or None."""
    if _ANGRY.search(text):
        return Mood.ANGRY
    return Mood.DISTRESSED if _DISTRESSED.search(text) else None


def complains_of_us(text: str) -> bool:
    """Whether a message is a complaint about the hotline and nothing else: no department's matter."""
    return bool(_AT_US.fullmatch(text.strip()))
