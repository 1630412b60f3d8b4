"""Facts in a message: place, time, phone, ticket number, amount, whose matter it is.

What stands here fills the forms, so that nothing said is asked again. Times come from `times.py`, places from
`places.py`; the rest are patterns.
"""

import re
from datetime import datetime
from typing import Any, Dict, List, Optional

from nlu.places import Places
from nlu.times import LOCAL, times_in

_NUMERAL = r"[\d零一二两三四五六七八九十百千万半,，.]+"
_PATTERNS = {
    "ticket_number": re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{8,}(?!\d)"),
    "phone": re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)"),
    "amount": re.compile(
        rf"[¥￥]\s*\d+(?:\.\d+)?|{_NUMERAL}\s*(?:元|块钱|块(?!砖|地|板|布|肉|玻璃|牌|皮)|万元|万块?(?!一|能|别))"
        r"|\d+(?:\.\d+)?\s*(?:yuan|rmb)\b", re.IGNORECASE,
    ),
}
_RELATIONS = {
    "mother": r"我?(?:妈妈?|母亲|老娘|姆妈)|my (?:mother|mum|mom)",
    "father": r"我(?:爸爸?|父亲|阿爸)|my (?:father|dad)",
    "parent_in_law": r"婆婆|公公|岳父|岳母|丈人|丈母娘|mother-in-law|father-in-law",
    "grandparent": r"爷爷|奶奶|外婆|外公|姥姥|姥爷|阿娘|阿爷|my grand(?:mother|father|ma|pa)",
    "spouse": r"我?(?:老公|老婆|丈夫|妻子|爱人|媳妇)|my (?:husband|wife)",
    "child": r"(?:我|家里|我家)的?(?:儿子|女儿|孩子|小孩|娃|宝宝|囡|小人)|my (?:son|daughter|kid|child|baby)",
    "neighbour": r"邻居|楼上(?:那|的|住)|隔壁|my neighbo", "landlord": r"房东|my landlord",
    "tenant": r"租客|房客|my tenant", "employer": r"老板|我们?公司|单位|my (?:boss|employer|company)",
}
_WHOSE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _RELATIONS.items()), re.IGNORECASE)
NOWHERE = Places({})


def entities_in(text: str, places: Places = NOWHERE, now: Optional[datetime] = None) -> List[Dict[str, Any]]:
    """[{type, value, text, start, end}]; `start` and `end` count characters of `text`."""
    found = [
        {"type": kind, "value": hit.group().strip(), "text": hit.group(), "start": hit.start(), "end": hit.end()}
        for kind, pattern in _PATTERNS.items()
        for hit in pattern.finditer(text)
    ]
    found += [
        {"type": "relation", "value": hit.lastgroup, "text": hit.group(), "start": hit.start(), "end": hit.end()}
        for hit in _WHOSE.finditer(text)
    ]
    return found + places.entities(text) + times_in(text, now or datetime.now(LOCAL))
