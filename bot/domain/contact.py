"""How a citizen may be reached: reading it from words, refusing it, showing it only as far as needed."""

import re
from dataclasses import asdict, dataclass

import phonenumbers

_NAME = re.compile(r"(?:我姓|免贵姓|我叫|本人|联系人)\s*[:：]?\s*([\u4e00-\u9fff]{1,4}?)(?=[，,。.、；;\s\d]|电话|手机|$)")
_NAME_EN = re.compile(r"(?:my name is|i am called|this is)\s+([A-Za-z][A-Za-z' -]{1,30}?)(?=[,.;\d]|$)", re.IGNORECASE)
_REFUSES = re.compile(
    r"匿名|不(想|愿|要|肯|方便)?(意)?(留|透露|提供|写|给|说)(下|我)?(的)?(名字|姓名|电话|号码|手机|联系方式|名|真名)|不留名|不用(回)?(电话|打电话)|别打电话|不要(回)?电话|没有(手机|电话)"
    r"|网上回|在这里回|不必回电|anonym|no phone|don'?t call|rather not|without (my )?(name|phone)|not leave",
    re.IGNORECASE,
)


_CONFIDENTIAL = re.compile(
    r"(?<!不用)(?<!不必)(?<!不需要)(?<!不要)保密(?!协议|法|局|工作|制度)|(不要|别|不想|不能|不愿)(让|给|告诉|透露给|泄露给).{0,12}(知道|晓得|看到|查到)?.{0,4}"
    r"(是我|我的(名字|姓名|信息|电话|身份)|谁(举报|投诉|反映|说)的)|confidential|"
    r"keep (me|my (name|identity|number|details)).{0,12}(secret|private|hidden)|don'?t (tell|let).{0,30}(who|my name|it was me)",
    re.IGNORECASE)
_NOT_CONFIDENTIAL = re.compile(r"(不用|不必|不需要|取消)(给我|再)?保密|not confidential|needn'?t be confidential", re.IGNORECASE)


@dataclass(frozen=True)
class Contact:
    """Name and phone (E.164) as given; `refused` where the citizen will not leave any, `confidential` where departments
    must not see who it was."""

    name: str = ""
    phone: str = ""
    refused: bool = False
    confidential: bool = False

    def as_dict(self) -> dict[str, str | bool]:
        return {k: v for k, v in asdict(self).items() if v}

    @property
    def given(self) -> bool:
        return bool(self.phone) or self.refused


def read_contact(text: str) -> Contact:
    """Phone, name and refusal found in the words; empty where there are none."""
    phone = read_phone(text)
    name = _NAME.search(text) or _NAME_EN.search(text)
    return Contact(name.group(1).strip() if name else "", phone, not phone and bool(_REFUSES.search(text)))


def wants_confidence(text: str) -> bool | None:
    """Whether the words ask that nobody be told who it was; False where they take that back, None where they say
    nothing of it."""
    if _NOT_CONFIDENTIAL.search(text):
        return False
    return True if _CONFIDENTIAL.search(text) else None


def read_phone(text: str) -> str:
    """The first dialable number in the words (mainland China unless it says otherwise), as E.164, or ''."""
    folded = text.translate(str.maketrans("０１２３４５６７８９－", "0123456789-"))
    for match in phonenumbers.PhoneNumberMatcher(folded, "CN"):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    return ""


def looks_like_number(text: str) -> bool:
    """Digits enough that a phone number was probably meant."""
    return len(re.findall(r"\d", text)) >= 6


def masked(phone: str) -> str:
    """`139****0010`: what anyone who need not call may see."""
    digits = phone.removeprefix("+86")
    return digits[:3] + "****" + digits[-4:] if len(digits) >= 9 else "****" if digits else ""


def without_numbers(text: str) -> str:
    """The words with every phone number in them masked."""
    for match in reversed(list(phonenumbers.PhoneNumberMatcher(text, "CN"))):
        digits = re.sub(r"\D", "", match.raw_string)
        text = text[:match.start] + masked(digits.removeprefix("86")) + text[match.end:]
    return text


def local_form(phone: str) -> str:
    """The number as dialled here."""
    return phone.removeprefix("+86")
