"""What is typed instead of pressed."""

import pytest

from bot.domain.typed import typed_choice


def button(id_: str, title: str) -> dict[str, str]:
    return {"id": id_, "title": title}


NAMES = ("桂香居家整理（古林）", "姚江居家整理（集士港）", "银杏家常菜帮厨（古林）")
CARDS = [{"buttons": [button(f"provider:v{n}:hourly", f"选 示例·{name}")]} for n, name in enumerate(NAMES, 1)]
LIST = ([button("more:another", "换一批"), button("human", "转人工")], CARDS)
WHICH = ([button("item:a", "社保卡办理"), button("item:b", "养老金领取"), button("none", "都不是")], [])
ASKED = ([button("confirm", "确认提交"), button("cancel", "取消")], [])


@pytest.mark.parametrize("words, id_", [
    ("选第一个", "provider:v1:hourly"), ("第二家", "provider:v2:hourly"), ("就要第三家吧", "provider:v3:hourly"), ("二家", "provider:v2:hourly"),
    ("the second one", "provider:v2:hourly"), ("第四个", ""), ("选桂香", "provider:v1:hourly"), ("就找银杏吧", "provider:v3:hourly"),
    ("选居家整理", ""), ("要便宜点的", ""), ("换一批", "more:another"), ("第一次来", ""), ("1", ""), ("", ""), ("找人工", ""),
    ("第一个月的工资没发", ""), ("x" * 100, ""),
])
def test_a_list_of_providers(words: str, id_: str) -> None:
    assert typed_choice(words, [LIST, WHICH]) == id_


@pytest.mark.parametrize("words, id_", [("第二个", "item:b"), ("社保卡办理。", "item:a"), ("都不是", "none"), ("第三个", "")])
def test_a_list_of_items(words: str, id_: str) -> None:
    assert typed_choice(words, [WHICH]) == id_


def test_a_position_is_of_the_newest_list_also_behind_a_question() -> None:
    assert typed_choice("第一个", [ASKED, LIST, WHICH]) == "provider:v1:hourly"
    assert typed_choice("确认提交", [LIST, ASKED]) == "confirm"
    assert typed_choice("第一个", [ASKED]) == "" == typed_choice("第一个", [])
