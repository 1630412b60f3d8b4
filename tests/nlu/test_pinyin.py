"""Pinyin is read as Chinese; English is left alone."""

from collections.abc import Callable
from typing import Any

READ = """
from pathlib import Path
from nlu.normalise import normalise
from nlu.pinyin import PinyinReader
lines = [line for file in sorted(Path("data/nlu").rglob("*.yml")) for line in file.read_text("utf-8").splitlines()]
read = PinyinReader(normalise(line[6:]) for line in lines if line.startswith("    - ")).read
found = [read(normalise(text)) for text in {texts!r}]"""


def read(in_rasa: Callable[[str], Any], *texts: str) -> list[str]:
    found: list[str] = in_rasa(READ.format(texts=list(texts)))
    return found


def test_pinyin_is_read(in_rasa: Callable[[str], Any]) -> None:
    assert read(in_rasa, "wo jia de deng huai le", "shuiguan loushui le!", "Ma Tong Du Le", "ju zhu zheng zen me ban li",
                "wo de nv er bu jian le", "wo yao zhao ge zhong dian gong, liang ge xiao shi") == [
        "我家的灯坏了", "水管漏水了!", "马桶堵了", "居住证怎么办理", "我的女儿不见了", "我要找个钟点工,两个小时"]


def test_anything_else_is_left_as_it_is(in_rasa: Callable[[str], Any]) -> None:
    others = ["the street light is broken", "change language", "see you", "reopen", "ni hao", "ok", "", "我家deng坏了", "0",
              "wifi bu hao", "nbhs.gov.cn", "hng ng n", "a" * 2, "shi " * 500]
    found = read(in_rasa, *others)
    assert found[:-1] == others[:-1] and found[-1].startswith("shi shi")
