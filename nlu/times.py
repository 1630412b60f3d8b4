"""When: the time a message names, resolved to instants in Asia/Shanghai.

Chinese words go through JioNLP (https://github.com/dongrixinyu/JioNLP, Apache-2.0), which knows weekdays, parts of the
day, lunar and public holidays, spans and recurrences; English ones through `times_en.py`. Either is asked only where a
word of time stands in the text: most messages cost two regular expressions.
"""

import contextlib
import io
import logging
import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Callable, Dict, List, Optional, Tuple
from zoneinfo import ZoneInfo

from nlu.no_tensorflow import standing_in
from nlu.times_en import english_times

LOCAL = ZoneInfo("Asia/Shanghai")
LONGEST = 300
_NUMBERED = re.compile(r"\d{1,4}号")
_STREET = re.compile(r"[路街弄巷道村里坊桥苑园区湾庄墩漕岸场]\s*$")
_OFTEN = re.compile(r"(天天|每天|每晚|日日|夜夜|经常|老是|总是|常常|一到|每到|每逢)\s*$")
_WORDS = re.compile(
    r"[今明昨前后当每][天日早晚夜午]|[今明去前后]年|大[前后]天|[上下本这]个?(?:周|星期|礼拜|月|季度)|(?:周|星期|礼拜)[一二三四五六日天末]"
    r"|[月号日点时]|早上|上午|中午|下午|傍晚|晚上|半夜|凌晨|夜里|早晨|刚刚|刚才|以?前|之?后|小时|分钟|春节|元旦|清明|五一|端午"
    r"|中秋|国庆|除夕|元宵|重阳|冬至|\d[:：]\d"
)


def times_in(text: str, now: datetime) -> List[Dict[str, Any]]:
    """[{type: "time", value, text, start, end}]: `value` is an ISO 8601 interval `from/to` with its offset (an end not
    known is left empty), or `recurring` for "every evening". Durations ("for three months") are no time.

    `now` is aware; words such as 明天 count from it in Asia/Shanghai.
    """
    here = now.astimezone(LOCAL)
    english = [_english(*one) for one in english_times(text[:LONGEST], here)]
    if english or not _WORDS.search(text):
        return english
    extract = _extract()
    try:
        found = extract(text[:LONGEST], time_base=here.replace(tzinfo=None).timestamp(), with_parsing=True)
    except Exception:  # the library raises whatever its grammar stumbles over; a time not read is asked for
        return []
    return [_often(text, entity) for one in found if (entity := _entity(one)) and not _is_house(text, entity)]


def _is_house(text: str, entity: Dict[str, Any]) -> bool:
    """永丰西路12号, 3号楼, 地铁1号线: a number of a house or a line, not a day of the month."""
    before, after = text[:entity["start"]], text[entity["end"]:]
    return bool(_NUMBERED.fullmatch(entity["text"]) and (_STREET.search(before) or after[:1] in "楼幢栋室院门铺桩线库"
                                                         and after))


def _often(text: str, entity: Dict[str, Any]) -> Dict[str, Any]:
    """天天半夜, 一到下雨天晚上: no single time."""
    often = _OFTEN.search(text[:entity["start"]])
    if often is None:
        return entity
    return {**entity, "value": "recurring", "text": often[0].strip() + entity["text"], "start": often.start()}


def _english(words: str, start: int, stretch: Tuple[datetime, Optional[datetime]]) -> Dict[str, Any]:
    value = "/".join(moment.isoformat(timespec="minutes") if moment else "" for moment in stretch)
    return {"type": "time", "value": value, "text": words, "start": start, "end": start + len(words)}


def _entity(one: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    start = one["offset"][0]
    words = one["text"].rstrip("来去到")  # 十一点半来人: the verb is no part of the time
    kind, detail = one["type"], one.get("detail") or {}
    if kind == "time_period":
        value = "recurring"
    elif kind in ("time_point", "time_span") and isinstance(detail.get("time"), list):
        value = _interval(*detail["time"], open_ended=words.endswith("后"))
    else:
        return None
    return {"type": "time", "value": value, "text": words, "start": start, "end": start + len(words)}


def _interval(start: str, end: str, open_ended: bool) -> str:
    """Both ends in ISO 8601. In 下午两点到四点 the second hour belongs to the afternoon too, which JioNLP forgets."""
    first, last = _instant(start), None if open_ended else _instant(end)
    if first and last and last < first:
        last += timedelta(hours=12)
    return "/".join(moment.isoformat(timespec="minutes") if moment else "" for moment in (first, last))


def _instant(moment: str) -> Optional[datetime]:
    """JioNLP's `2026-11-26 15:00:00`; None for its `inf`. The last second of a span is its end."""
    if not moment[:1].isdigit():
        return None
    read = datetime.strptime(moment, "%Y-%m-%d %H:%M:%S").replace(tzinfo=LOCAL)
    return read + timedelta(seconds=1) if moment.endswith(":59") else read


@lru_cache(maxsize=1)
def _extract() -> Callable[..., List[Dict[str, Any]]]:
    """JioNLP's extractor, loaded once. Its tokenizer is no part of it; it greets on standard output, and logs what it
    cannot read, a citizen's words, as an error."""
    with standing_in({"jiojio"}), contextlib.redirect_stdout(io.StringIO()):
        from jionlp import ner
        from jionlp.gadget import time_parser
    time_parser.logging = logging.getLogger("jionlp")
    time_parser.logging.disabled = True
    return ner.extract_time  # type: ignore[no-any-return]
