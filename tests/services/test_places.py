"""A place told bit by bit while a ticket is taken down."""

from dataclasses import replace
from typing import Any

import pytest

from bot.services import drafts, requests, smalltalk
from bot.storage import Message, transaction
from tests.services.conftest import He

DAY = {"type": "time", "value": "2026-11-14T00:00/2026-11-15T00:00", "text": "14号", "start": 0, "end": 3}


def begun(he: He, words: str = "永丰西路口井盖没了，旁边是学校") -> None:
    he.does(requests.begin, words, item="manhole-missing", kind="help")


def says(he: He, words: str, act: str = "inform", *entities: dict[str, Any]) -> None:
    turn = he.turn(words, act=act)
    turn.heard = replace(turn.heard, entities=entities)
    with transaction() as session:
        step = (drafts.edit if act == "correct" else drafts.answer)(session, turn)
    assert step is not None
    he.draft, he.form = step.draft, step.form


def test_a_house_number_told_afterwards_reaches_the_ticket(he: He) -> None:
    begun(he)
    assert he.draft.where().text == "永丰西路口", "the place, not the matter"
    says(he, "西门街道永丰西路12号")
    assert (he.draft.where().text, he.draft.where().street) == ("西门街道永丰西路12号", "haishu-ximen")


def test_vaguer_words_cost_nothing(he: He) -> None:
    begun(he)
    says(he, "西门街道永丰西路12号")
    says(he, "我姓陈，住南门街道 13900000010")
    assert (he.draft.where().text, he.draft.where().street) == ("西门街道永丰西路12号", "haishu-ximen")
    assert he.draft.reach().phone == "+8613900000010"


def test_a_number_that_is_also_a_day_corrects_the_house(he: He) -> None:
    begun(he)
    says(he, "西门街道永丰西路12号")
    says(he, "13900000010")
    says(he, "不对，是14号", "inform", DAY)
    assert he.draft.where().text == "西门街道永丰西路14号" and not he.draft.when
    says(he, "不对，是16号", "correct", DAY)
    assert he.draft.where().text == "西门街道永丰西路16号"


def test_a_day_is_no_place(he: He) -> None:
    turn = he.turn("井盖没了，14号来人看看", item="manhole-missing", kind="help")
    turn.heard = replace(turn.heard, entities=(DAY,))
    with transaction() as session:
        step = requests.begin(session, turn)
    assert step is not None and not step.draft.where().text and step.draft.when


def test_nobody_hurt_is_no_refusal_to_leave_a_number(he: He) -> None:
    begun(he)
    says(he, "没人受伤", "deny")
    assert not he.draft.reach().given
    says(he, "不留了", "deny")
    assert he.draft.reach().refused


@pytest.mark.parametrize("words", ["我没事", "两个都要管", "不记得了", "不知道叫什么路"])
def test_what_is_no_place_is_asked_for_again_in_other_words(he: He, words: str) -> None:
    begun(he, "井盖没了要人来看看")
    says(he, words)
    assert not he.draft.where().text and "说个大概也行" in he.last().text


def test_more_on_the_matter_is_kept_while_a_number_is_asked_for(he: He) -> None:
    begun(he)
    says(he, "昨天晚上十二点还有人差点掉下去", "request")
    assert he.draft.description.endswith("昨天晚上十二点还有人差点掉下去") and "记下了" in he.last().text
    says(he, "就在西门街道永丰西路12号门口")
    assert "地点记下了：" in he.last().text and "永丰西路12号" in he.last().text
    says(he, "我要匿名", "privacy")
    assert he.draft.reach().refused and "请核对" in he.last().text


def test_what_is_said_around_a_place_or_a_time_is_kept_too(he: He) -> None:
    begun(he)
    says(he, "14号晚上还有人差点掉下去", "inform", {**DAY, "text": "14号晚上"})
    assert he.draft.when and he.draft.description.endswith("14号晚上还有人差点掉下去")
    says(he, "西门街道永丰西路12号，小孩放学都走那里")
    assert he.draft.where().text == "西门街道永丰西路12号" and he.draft.description.endswith("小孩放学都走那里")
    known = he.draft.description
    says(he, "就在西门街道永丰西路14号")
    assert he.draft.where().text == "西门街道永丰西路14号" and he.draft.description == known


def test_submit_where_a_number_is_asked_for_goes_without(he: He) -> None:
    begun(he)
    says(he, "提交吧", "affirm")
    assert he.draft.reach().refused and "请核对" in he.last().text


def test_nobody_is_asked_where_something_online_is(he: He) -> None:
    he.does(requests.begin, "浙里办登不上去，显示人脸识别失败", item="online-service", kind="help")
    assert he.draft.where().text == "不涉及地点" and he.draft.next_question("ticket_form") == "contact"


def test_a_short_question_after_an_answer_is_about_it(he: He) -> None:
    he.does(requests.begin, "居住证怎么办", item="residence-permit", kind="consult")
    he.does(requests.begin, "要多久", choice="explain:residence-permit")
    assert he.last().text.startswith("居住证办理，多久：") and "要带" not in he.last().text
    he.does(requests.begin, "要钱吗", choice="explain:residence-permit")
    assert "要带" in he.last().text, "all of it where that part is not known"


def test_more_on_the_matter_is_no_other_matter(he: He) -> None:
    begun(he, "小区电梯坏了三天物业不管")
    says(he, "白云街道丽园尚都5幢")
    turn = he.turn("我妈坐轮椅下不去", item="disabled-help")
    turn.heard = replace(turn.heard, confidence=0.72)
    with transaction() as session:
        step = drafts.answer(session, turn)
    assert step is not None and step.draft.item == "manhole-missing" and "我妈坐轮椅下不去" in step.draft.description
    for words in ("另外楼道灯也不亮", "我还要找人通马桶", "公积金怎么提取？"):
        turn = he.turn(words, item="disabled-help")
        turn.heard = replace(turn.heard, confidence=0.72)
        with transaction() as session:
            assert drafts.answer(session, turn) is None


def test_the_button_to_change_the_place_asks_for_it(he: He) -> None:
    begun(he)
    says(he, "13900000010")
    he.does(drafts.answer, "改地点", act="correct", choice="edit:place")
    assert not he.draft.where().text and "请问在哪里" in he.last().text
    says(he, "翠柏路口")
    assert he.draft.where().text == "翠柏路口" and "请核对" in he.last().text


def test_a_mere_place_after_a_list_looks_around_there(he: He) -> None:
    he.does(requests.begin, "厨房水池满了水下不去，我在西门街道", item="drain-unclogging")
    first = he.last().cards
    he.does(smalltalk.out_of_scope, "石碶", act="out_of_scope")
    assert len(he.last().cards) == 3 and he.last().cards != first and he.draft.where().street == "haishu-shiqi"
    other = He()
    other.does(smalltalk.out_of_scope, "石碶", act="out_of_scope")
    assert "先记着" in other.last().text and other.draft.where().street == "haishu-shiqi"


def test_a_yes_and_a_number_are_no_place_and_no_description(he: He) -> None:
    begun(he, "井盖没了")
    assert he.draft.next_question("ticket_form") == "description"
    says(he, "13900001111")
    assert he.draft.next_question("ticket_form") == "description" and he.draft.reach().phone
    says(he, "有人差点摔下去了，快十天了")
    says(he, "确认", "affirm")
    assert not he.draft.where().text


def test_the_few_words_a_matter_began_with_stay(he: He) -> None:
    turn = he.turn("饭店吃出虫子", item="food-safety", kind="complaint")
    with transaction() as session:
        step = requests.begin(session, turn)
        session.get_one(Message, turn.message_id).understanding = {"act": "request", "item": "food-safety"}
    assert step is not None and step.draft.next_question("ticket_form") == "description"
    he.draft, he.form = step.draft, step.form
    says(he, "海曙区天一广场那家")
    assert he.draft.description == "饭店吃出虫子\n海曙区天一广场那家"


def test_where_only_the_speaker_knows_is_asked_once_more_and_then_taken(he: He) -> None:
    he.does(requests.begin, "路灯不亮，黑灯瞎火的走路都怕", item="streetlight-out", kind="help")
    he.does(drafts.answer, "就在我家楼下", act="out_of_scope")
    assert not he.draft.place and "哪个小区" in he.last().text
    he.does(drafts.answer, "就在我家楼下", act="out_of_scope")
    assert he.draft.where().text == "我家楼下"
