"""One form for what people type."""

from collections.abc import Callable
from typing import Any


def test_width_script_case_repeats_and_signs(in_rasa: Callable[[str], Any]) -> None:
    found = in_rasa("""
from nlu.normalise import normalise
said = ["ＷｉＦｉ　坏了", "瓦斯味好重，阿嬤還在廚房", "救命啊啊啊啊啊！！！！", "a\\u200bb\\x00c", "单号 20260101123456", "阿拉屋里厢呒没水", "x" * 9000]
found = [normalise(text) for text in said]""")
    assert found[:6] == ["wifi 坏了", "瓦斯味好重,阿嬷还在厨房", "救命啊啊!!", "abc", "单号 0", "我们家里没有水"]
    assert len(found[6]) <= 2000


def test_what_is_normal_stays(in_rasa: Callable[[str], Any]) -> None:
    found = in_rasa("""
import random
from nlu.normalise import normalise
dice = random.Random(1)
signs = "的水漏，。！1a😀 呒勿\\u3000ＡÅ壞"
texts = ["".join(dice.choice(signs) for _ in range(dice.randrange(40))) for _ in range(500)]
found = [[normalise(text), normalise(normalise(text))] for text in texts]""")
    assert len(found) == 500 and all(once == twice for once, twice in found)
