"""Reading a citizen's words: contact, rating, place, yes and no, emergencies without the model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import emergency, rating
from bot.domain.answer import interrupts, is_question, says_no, says_yes
from bot.domain.catalogue import Emergency
from bot.domain.choice import parse
from bot.domain.contact import masked, read_contact, read_phone
from bot.domain.message import clean_text, looks_english
from bot.domain.place import (
    Spot,
    find_spot,
    looks_like_address,
    name_variants,
    names_address,
    only_theirs,
    place_words,
)
from bot.domain.understanding import Ranked, Understanding

GAS = Emergency("gas-leak", "燃气泄漏", "Gas leak", ("119",), "", "", ("闻到煤气味", "gas leak"))
CARDIAC = Emergency("cardiac-arrest", "昏迷", "Cardiac arrest", ("120",), "", "", ("没有呼吸了", "not breathing"))
XIMEN = Spot("haishu-ximen", "street", "haishu", "西门街道", name_variants("西门街道", []), 29.88, 121.53)
LIANNAN = Spot("c1", "community", "haishu-duantang", "联南社区", name_variants("联南社区", ["联南新村"]), 29.85, 121.52)


@pytest.mark.parametrize("words, phone", [
    ("13900000010", "+8613900000010"), ("电话１３９００００００１０，姓王", "+8613900000010"), ("打0574-87654321找我", "+8657487654321"),
    ("一共13900块", ""), ("5幢602", ""),
])
def test_phone(words: str, phone: str) -> None:
    assert read_phone(words) == phone


@pytest.mark.parametrize("words", ["我不留名字也不留电话，行不行", "匿名", "不用回电话，网上回我就行", "I'd rather not leave my phone"])
def test_refusing_to_leave_a_contact(words: str) -> None:
    assert read_contact(words).refused


def test_a_phone_outweighs_a_refusal_and_a_name_is_read() -> None:
    assert not read_contact("不想留的，算了还是13900000010吧").refused
    assert read_contact("我姓何，13900000038，想问问老年证怎么办").name == "何"


@given(st.from_regex(r"\+861[3-9]\d{9}", fullmatch=True))
def test_a_masked_phone_hides_its_middle(phone: str) -> None:
    assert masked(phone) == phone[3:6] + "****" + phone[-4:]


@pytest.mark.parametrize("words, score, solved", [
    ("2分，劝走半个钟头又回来了", 2, False), ("很满意", 5, None), ("五星好评", 5, None), ("没解决", None, False), ("5", 5, None),
    ("不满意", 1, None), ("修好了，谢谢，满意", 4, True), ("还行吧，凑合", 3, None), ("not solved", None, False), ("今天天气", None, None),
])
def test_rating(words: str, score: int | None, solved: bool | None) -> None:
    read = rating.read(words)
    assert (read.score, read.solved) == (score, solved)


def test_what_sends_the_work_back() -> None:
    assert rating.reopens(rating.Rating(2, None)) and rating.reopens(rating.Rating(4, False))
    assert not rating.reopens(rating.Rating(1, True)) and not rating.reopens(rating.Rating(3, None))


@pytest.mark.parametrize("words, code", [
    ("闻到煤气味", "gas-leak"), ("There is a GAS LEAK", "gas-leak"), ("没有闻到煤气味", None), ("如果闻到煤气味怎么办", None),
    ("去年闻到煤气味那次", None), ("他没有呼吸了", "cardiac-arrest"), ("he is not breathing", "cardiac-arrest"), ("厨房水池堵了", None),
    ("不用来了，闻到煤气味是邻居烧菜", None),
])
def test_emergency_by_words_when_the_model_is_away(words: str, code: str | None) -> None:
    assert emergency.by_words(words, [GAS, CARDIAC]) == code


@pytest.mark.parametrize("words, found", [
    ("我在西门", XIMEN), ("联南新村12幢", LIANNAN), ("西门街道联南社区", LIANNAN), ("东门口", None),
])
def test_the_most_exact_territory_wins(words: str, found: Spot | None) -> None:
    assert find_spot(words, [XIMEN, LIANNAN]) == found


def test_addresses() -> None:
    assert names_address("翠柏路口") and names_address("5幢602") and not names_address("我家楼下")
    assert looks_like_address("我家楼下") and not looks_like_address("味道很重，下水道堵了，知道吗")
    assert place_words("恒春街菜场外面一排地摊把非机动车道全占了，天天早上", None) == "恒春街菜场"


@pytest.mark.parametrize("words, road", [
    ("我家门口路灯坏了", False), ("门口那条路有个大坑", False), ("街上的路灯不亮", False), ("小区路灯不亮", False), ("这条街很脏", False),
    ("中山路灯坏了", True), ("联丰路路灯不亮", True), ("永丰西路上有坑", True),
])
def test_a_lamp_at_the_door_stands_in_no_road(words: str, road: bool) -> None:
    assert names_address(words) is road


@pytest.mark.parametrize("words, theirs", [
    ("就在我家楼下", True), ("家门口", True), ("我们小区里", True), ("阿拉屋里厢", True), ("at my house", True), ("我家在恒春街", False),
    ("小区门口", True), ("恒春街菜场门口", False), ("翠柏里小区", False), ("12号", False),
])
def test_a_place_only_the_speaker_knows(words: str, theirs: bool) -> None:
    assert only_theirs(words) is theirs


@pytest.mark.parametrize("words", ["是", "对的", "👍", "OK", "确认提交", "好的。"])
def test_yes(words: str) -> None:
    assert says_yes(words, "out_of_scope") and not says_no(words, "out_of_scope")


def test_no_is_no_even_if_the_model_hears_yes() -> None:
    assert says_no("不对", "affirm") and not says_yes("不对", "affirm")


def test_a_long_description_is_no_interruption_but_a_short_order_is() -> None:
    story = "老人家说要转人工窗口办理的时候被赶出来，前后去了三趟都没有人理"
    assert not interrupts(Understanding(story, act="human"), "description", "hall-complaint")
    assert interrupts(Understanding("转人工", act="human"), "description", "hall-complaint")
    other = Understanding("我家门锁打不开了", item="door-unlocking", confidence=0.97, ranking=(Ranked("door-unlocking", 0.97),))
    assert interrupts(other, "place", "catering-fumes") and not interrupts(other, "description", "catering-fumes")
    assert is_question("那我怎么知道你们查没查")


@given(st.text(max_size=300))
def test_cleaned_text_can_be_stored_anywhere(raw: str) -> None:
    cleaned, cut = clean_text(raw, 100)
    assert "\x00" not in cleaned and len(cleaned) <= 100
    cleaned.encode("utf-8")
    assert not cut or len(cleaned) == 100


def test_long_text_is_cut_and_said_so() -> None:
    assert clean_text("啊" * 100_000, 4000) == ("啊" * 4000, True)


@given(st.text(max_size=60))
def test_only_our_button_ids_are_choices(raw: str) -> None:
    found = parse(raw)
    assert found is None or raw.split(":")[0] == found.verb


def test_language_guess() -> None:
    assert looks_english("my sink is blocked") and not looks_english("ok") and not looks_english("WiFi 信号差 help me")
    assert not looks_english('/request{"item": "door-unlocking"}') and looks_english("What's wrong? No water, 3 days!")


@pytest.mark.parametrize("words", ["ni hao", "wo jia de deng huai le", "Shuiguan loushui le!", "nv er bu jian le"])
def test_pinyin_is_no_english(words: str) -> None:
    assert not looks_english(words)


@pytest.mark.parametrize("words", ["the light is broken", "change my number", "can you help", "no water"])
def test_english_is_no_pinyin(words: str) -> None:
    assert looks_english(words)
