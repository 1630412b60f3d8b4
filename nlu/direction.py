"""Which side of a matter a citizen stands on: offering or needing, landlord or tenant, employer or worker.

Most people need; the few who offer say so in a small number of ways (想接活, 房子出租, 想捐, "I can teach"), so
patterns read them better than a model would from the little there is to learn from. A side is what the citizen calls
themself, or what the other side's name makes them: who complains of a landlord is a tenant.
"""

import re
from typing import Optional, Tuple

_WORKS = (
    r"(?:想|能|来|去|可以|要|哪里?|怎么)接[单活]|揽活|(?<!好)找活(?:干|做)|应聘(?!者)|求职|想入驻|怎么入驻|商家入驻"
    r"|想加盟|怎么加盟|申请加盟|(?:我|我们)(?:这边)?(?:可以|能|会)?(?:提供|承接)"
    r"|(?:想|要|愿意|报名|申请)(?:来)?(?:当|做|去当|去做)(?:个|一名|一个)?"
    r"(?:志愿者|义工|保姆|月嫂|护工|家教|骑手|保安|保洁|钟点工)"
    r"|(?:想|愿意)(?:去)?(?:义务|免费|志愿)(?:帮|教|给|为)|有没有活|有活(?:吗|干|叫我|喊我)"
    r"|\b(?:i|we) (?:offer|provide)\b|\bsign up as\b|\bbecome an? (?:volunteer|vendor|provider|partner)\b"
    r"|\b(?:i|we) (?:can|would like to|want to) (?:teach|volunteer|help others)\b|\blooking for work\b"
)
_GIVES = (
    r"(?:想|要|准备|打算)?把.{1,14}(?:出租|租出去|租掉|卖掉|卖了|卖出去|出手|转让|捐|送人|送给)"
    r"|(?:房子?|店面|商铺|车位|车库)(?:要|想)?(?:出租|招租|转租|出售|挂牌)|招租|挂出去|送养"
    r"|(?:想|要|准备|打算)(?:出租|转租|出售|转让|捐|卖(?!菜地方))"
    r"|\bfor rent\b.{0,12}\bmy\b|\b(?:rent out|sell|donate|give away)\b"
)
_OFFERING = re.compile(f"{_WORKS}|{_GIVES}", re.IGNORECASE)
_WORKING = re.compile(_WORKS, re.IGNORECASE)
_NOT_MINE = re.compile(r"(?:不是俺?我?|不想|没有?|别)(?:想|要|来)?$|(?:哪里|哪儿|哪有|有没有|想租|找)[^,，。帮]{0,8}$")
_SIDES = (
    ("landlord", r"我是(?:个|这里的)?(?:房东|业主出租)|我(?:的|家)?(?:的)?(?:租客|房客)|我把房子?租"
                 r"|(?:租客|房客)[^,，。]{0,6}(?:不|拖|欠|跑|退租|把|赖|偷|养)|i am (?:the|a) landlord|my tenant"),
    ("tenant", r"我(?:是|们是)(?:个)?(?:租客|租户|租房)|我租的?(?:房|屋|在)|房东|二房东|租房(?:合同|押金)"
               r"|my landlord|i(?:'m| am) (?:renting|a tenant)"),
    ("employer", r"我(?:是|们)(?:公司|单位|厂里?|店里?)(?:想|要|需要)?(?:招|给员工|辞退|的员工)"
                 r"|我是(?:老板|用人单位|雇主|企业)|my employees?"),
    ("worker", r"老板(?:不|拖|欠|跑|扣|说|要|逼|让)|被(?:辞退|开除|裁)|我(?:的)?工资|my (?:boss|employer)"
               r"|(?:公司|单位|厂里|工地|包工头|中介)(?:不|拖|欠|没|扣|辞退|开除|逼|拒绝)"),
)
_SIDE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _SIDES), re.IGNORECASE)


def direction(text: str) -> Tuple[str, Optional[str]]:
    """(`offering` | `working` | `needing`, side): `working` offers one's own labour or business, `offering` a thing.
    The side is `landlord`, `tenant`, `employer`, `worker` or None where the words do not tell."""
    said = next((hit for hit in _OFFERING.finditer(text) if not _NOT_MINE.search(text[:hit.start()])), None)
    way = "needing" if said is None else "working" if _WORKING.match(said.group()) else "offering"
    side = _SIDE.search(text)
    return way, side.lastgroup if side else None
