"""Personal data in words that others will read: found by form, so that a human looks at each (never a proof that there
is none). Identity numbers by GB 11643 check digits, cards by Luhn (ISO/IEC 7812), plates by GA 36."""

import re
from dataclasses import dataclass

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SURNAMES = ("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
             "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
             "万钱严覃武戴莫孔向汤裘竺励屠")
_DOUBLE = "欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|端木"
_FAMILY = rf"(?:{_DOUBLE}|[{_SURNAMES}])"
_GIVEN = r"(?!某)[\u4e00-\u9fff]"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_TITLES = "先生|女士|小姐|阿姨|大爷|师傅|大妈|奶奶|老师|同学"
_NO_NAMES = ("任何", "高龄", "周边", "于是", "方便", "万一", "金牌", "向老", "白发", "石油", "高级", "高中", "方言")
"""Words that begin like a name: "任何先生"."""
_ROOM = r"[\d一二三四五六七八九十百〇零]{1,4}"
_SERVICE = re.compile(r"(?<!\d)[48]00[ -]?\d{3,4}[ -]?\d{3,4}(?!\d)")
"""400 and 800 numbers are firms', not people's. Hotlines (110, 12345, 96110) are shorter than any number looked for."""
_FORMS = (
    ("id_number", re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![\dXx])")),
    ("card", re.compile(r"(?<![\dA-Za-z])(?:\d[ -]?){15,18}\d(?!\d)")),
    ("mobile", re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9](?:[ -]?\d){9}(?!\d)")),
    ("phone", re.compile(r"(?<![\d-])(?:0\d{2,3}[ -]?|\(0\d{2,3}\) ?)[2-9]\d{2,3}[ -]?\d{4}(?!\d)")),
    ("phone", re.compile(r"(?<![\d-])[2-9]\d{3}[ -]?\d{4}(?![\d.]|[ -]\d|\s*[元号份吨平立千公万个件户人度升米])")),
    ("phone", re.compile(r"(?<=电话|座机|固话|联系|拨打)[: ]?[2-9]\d{6,7}(?!\d)")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")),
    ("plate", re.compile(rf"[{_PROVINCES}][A-Za-z][·.\s]?[A-Za-z0-9]{{4,5}}[A-Za-z0-9学警挂](?![A-Za-z0-9])")),
    ("home", re.compile(r"\d{1,4}\s*(?:号楼|幢|栋|单元|弄)\s*(?:\d{1,2}\s*单元\s*)?\d{2,4}\s*(?:室|号|户)?")),
    ("home", re.compile(rf"{_ROOM}\s*(?:号楼|号|幢|栋|座|单元|弄)\s*(?:{_ROOM}\s*单元\s*)?{_ROOM}\s*室")),
    ("name", re.compile(rf"(?:我叫|姓名(?:是|为|[: ])*|名叫)\s*{_FAMILY}{_GIVEN}{{1,2}}")),
    ("name", re.compile(rf"(?:我是|本人)\s*{_FAMILY}{_GIVEN}{{1,2}}(?=[,。;!、\s(]|$)")),
    ("name", re.compile(rf"{_FAMILY}(?:{_GIVEN}{{0,2}})(?:{_TITLES})")),
)
_WIDE = {ord(wide): chr(ord(wide) - 0xFEE0) for wide in map(chr, range(0xFF01, 0xFF5F))}
_WIDE |= {0x3000: " ", ord("–"): "-", ord("—"): "-", ord("‑"): "-"}
"""Digits and letters typed wide, one for one: places stay what they are."""


_SAYS_WHO = ("我叫", "姓名", "名叫")
HIDDEN = "＊＊＊"


@dataclass(frozen=True)
class Found:
    """Something that may name a person: what kind, and where in the text it stands."""

    kind: str
    start: int
    end: int
    words: str


def personal_data(words: str, names: tuple[str, ...] = ()) -> list[Found]:
    """What may be personal data, in order, none inside another; `names` are names known to belong to somebody."""
    plain = words.translate(_WIDE)
    found: list[Found] = []
    service = [match.span() for match in _SERVICE.finditer(plain)]
    known = [("name", re.compile(re.escape(name.translate(_WIDE)))) for name in names if len(name) > 1]
    for kind, form in (*known, *_FORMS):
        for match in form.finditer(plain):
            start, end = match.span()
            taken = [(f.start, f.end) for f in found] + (service if kind in ("phone", "card") else [])
            if _real(kind, match.group()) and not any(begin < end and start < stop for begin, stop in taken):
                found.append(Found(kind, start, end, words[start:end]))
    return sorted(found, key=lambda one: one.start)


def without_reporter(words: str, name: str = "") -> str:
    """The words without what tells who said them: their numbers, `name`, and a name given with
    "我叫". Cars, houses and other people stay: they are what it is about."""
    telling = ("id_number", "card", "mobile", "phone", "email")
    for found in reversed(personal_data(words, (name,))):
        own_name = found.kind == "name" and (found.words == name or found.words.startswith(_SAYS_WHO))
        if own_name or found.kind in telling:
            words = words[:found.start] + HIDDEN + words[found.end:]
    return words


def _real(kind: str, words: str) -> bool:
    compact = re.sub(r"[^\dXx]", "", words)
    if kind == "id_number":
        rest = sum(int(digit) * weight for digit, weight in zip(compact, _WEIGHTS, strict=False)) % 11
        return "10X98765432"[rest] == compact[-1].upper()
    if kind == "card":
        return _luhn(compact)
    if kind == "name":
        return not words.startswith(_NO_NAMES)
    return kind != "phone" or not re.fullmatch(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", compact)


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
