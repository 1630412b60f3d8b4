"""Anger at the hotline and distress, said plainly."""

import pytest

from bot.domain.mood import Mood, mood


@pytest.mark.parametrize("words, felt", [
    ("什么破机器人，听不懂人话", Mood.ANGRY), ("我说了三遍了还问", Mood.ANGRY), ("我要投诉你们", Mood.ANGRY), ("useless bot", Mood.ANGRY),
    ("求求你们帮帮我吧", Mood.DISTRESSED), ("我真的撑不住了", Mood.DISTRESSED), ("实在没办法了才来找你们", Mood.DISTRESSED),
    ("我要投诉小区物业", None), ("路灯坏了三天了", None), ("他妈妈住院了", None), ("热死我了想修空调", None), ("水管崩了", None),
    ("投诉楼下饭店油烟", None), ("气死我了，隔壁天天半夜装修", None),
])
def test_mood(words: str, felt: Mood | None) -> None:
    assert mood(words) is felt
