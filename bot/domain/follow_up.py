"""Short questions that go on with what was just answered: 要多久, 带什么, 在哪办, "how long does it take"."""

import re

FACETS = {
    "time": r"多久|多长时间|几天|多少天|几时|几个工作日|什么时候(能|可以)?(好|拿到?|办好|下来)|how long|how many days",
    "bring": r"(带|准备|交|拿)(些|点|哪些)?(什么|啥|哪些)(材料|证件|东西|资料)?"
             r"|(什么|啥|哪些)(材料|证件|手续|资料|条件)|what (documents|papers|should i bring|do i need|to bring)",
    "where": r"网上|线上|手机上|支付宝|掌上|自助机|online"
             r"|(在|去|到|上)(哪里|哪儿|哪个地方|哪个窗口|什么地方|哪)|哪里|哪儿|地址|where",
    "phone": r"(联系)?电话(号码)?(是)?(多少|几号)?|打什么电话|打哪个电话|phone number|call whom",
    "cost": r"(要|收)?(多少钱|不要钱|钱吗)|收费|费用|免费|how much|what does it cost|fees?",
}
_FILL = re.compile(
    r"[，,。.!！?？、\s]|那么?|请问|到[账帐]|批下来|出证|拿证|弄好?|搞|行不行|可不可以|才|最快|最晚|大概|大约|一般|需要|要|得|该|能|可以|会|办(理|好|下来)?|拿到|下来|的话|的|了|呢"
    r"|啊|呀|吗|么|嘛|是|有|这个|我|还|都|一共|总共|给|去|好|和|然后|具体"
    r"|\b(and|so|ok|okay|then|does|do|will|it|this|that|take|takes|i|need|to|is|the|a|should|for|get|go|bring|there|any"
    r"|can|we|you)\b",
    re.IGNORECASE)
LONGEST = 40


def facet(words: str) -> str:
    """Which part of the last answer a short question asks for again; '' where the words name anything of their own."""
    said = words.strip()
    if not said or len(said) > LONGEST:
        return ""
    for name, asked in FACETS.items():
        rest, found = re.subn(asked, " ", said, flags=re.IGNORECASE)
        if found and not _FILL.sub("", rest):
            return name
    return ""
