"""Personal data in words that others will read: found by form, so that a human looks at each (never a proof that there
is none). Identity numbers by GB 11643 check digits, cards by Luhn (ISO/IEC 7812), plates by GA 36."""

import re
from dataclasses import dataclass

PUBLIC_NUMBERS = frozenset({"110", "119", "120", "122", "12345", "12315", "12319", "12328", "12329", "12333", "12348",
                            "12355", "12356", "12358", "12365", "12366", "12369", "12380", "12388", "96110", "81890",
                            "95598", "10086", "10010", "10000"})
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SURNAMES = ("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
             "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
             "万钱严覃武戴莫孔向汤裘竺励屠")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_TITLES = "先生|女士|小姐|阿姨|大爷|师傅|大妈|奶奶|老师|同学"
_FORMS = (
    ("id_number", re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")),
    ("card", re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)")),
    ("mobile", re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)(?:0\d{2,3}[ -]?)?[2-9]\d{6,7}(?!\d)")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")),
    ("plate", re.compile(rf"[{_PROVINCES}][A-Z][·\s]?[A-Z0-9]{{5,6}}(?![A-Z0-9])")),
    ("home", re.compile(r"\d{1,4}\s*(?:号楼|幢|栋|单元|弄)\s*(?:\d{1,2}\s*单元\s*)?\d{2,4}\s*(?:室|号|户)?")),
    ("name", re.compile(rf"(?:我叫|我是|姓名[:：]?|名叫)\s*[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}")),
    ("name", re.compile(rf"[{_SURNAMES}](?:[\u4e00-\u9fff]{{0,2}})(?:{_TITLES})")),
)


@dataclass(frozen=True)
class Found:
    """Something that may name a person: what kind, and where in the text it stands."""

    kind: str
    start: int
    end: int
    words: str


def personal_data(words: str, names: tuple[str, ...] = ()) -> list[Found]:
    """What may be personal data, in order, none inside another; `names` are names known to belong to somebody."""
    found: list[Found] = []
    known = [("name", re.compile(re.escape(name))) for name in names if len(name) > 1]
    for kind, form in (*known, *_FORMS):
        for match in form.finditer(words):
            if _real(kind, match.group()) and not any(f.start < match.end() and match.start() < f.end for f in found):
                found.append(Found(kind, match.start(), match.end(), match.group()))
    return sorted(found, key=lambda one: one.start)


def _real(kind: str, words: str) -> bool:
    digits = re.sub(r"\D", "", words)
    if kind == "id_number":
        return "10X98765432"[sum(int(d) * w for d, w in zip(words, _WEIGHTS, strict=False)) % 11] == words[-1].upper()
    if kind == "card":
        return _luhn(digits)
    return kind != "phone" or digits not in PUBLIC_NUMBERS


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
