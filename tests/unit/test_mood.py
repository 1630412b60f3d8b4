"""Anger at the hotline and distress, said plainly."""

import pytest

from bot.domain.mood import Mood, complains_of_us, mood


@pytest.mark.parametrize("words, felt", [
    ("什么破机器人，听不懂人话", Mood.ANGRY), ("我说了三遍了还问", Mood.ANGRY), ("我要投诉你们", Mood.ANGRY), ("useless bot", Mood.ANGRY),
    ("求求你们帮帮我吧", Mood.DISTRESSED), ("我真的撑不住了", Mood.DISTRESSED), ("实在没办法了才来找你们", Mood.DISTRESSED),
    ("我要投诉小区物业", None), ("路灯坏了三天了", None), ("他妈妈住院了", None), ("热死我了想修空调", None), ("水管崩了", None),
    ("投诉楼下饭店油烟", None), ("气死我了，隔壁天天半夜装修", None),
])
def test_mood(words: str, felt: Mood | None) -> None:
    assert mood(words) is felt


@pytest.mark.parametrize("words, ours", [
    ("我要投诉你们热线", True), ("投诉你们", True), ("我要投诉你们的服务态度！", True), ("我就投诉你们81890", True),
    ("我要投诉你们公安局", False), ("我要投诉物业", False), ("投诉你们没修好的路灯", False), ("怎么投诉", False),
])
def test_a_complaint_of_the_hotline_itself(words: str, ours: bool) -> None:
    assert complains_of_us(words) is ours
