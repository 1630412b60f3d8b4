"""A place told in parts: what completes, what replaces, what is never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.place import Place, completes, exactness, merged, place_words

XIMEN, NANMEN = Place("", "ximen", "", 29.87, 121.54), Place("", "nanmen", "", 29.86, 121.55)
PIN = Place("", "ximen", "liannan", 29.8711, 121.5432)


def at(where: Place, words: str) -> Place:
    return Place(words, where.street, where.community, where.lat, where.lon)


@pytest.mark.parametrize("words, how", [
    ("永丰西路12号", 3), ("联南新村3幢602", 3), ("翠柏路口", 2), ("西门街道菜场旁边", 1), ("我家楼下", 1), ("西门街道", 0),
    ("古林这边", 0), ("地铁1号线翠柏路", 2),
])
def test_how_closely_words_say_where(words: str, how: int) -> None:
    assert exactness(words) == how


@pytest.mark.parametrize("words, alone", [
    ("12号", True), ("3幢602室", True), ("在三楼。", True), ("是14号", True), ("永丰西路12号", False), ("12号来人", False), ("", False),
])
def test_a_number_alone_completes(words: str, alone: bool) -> None:
    assert completes(words) is alone


@pytest.mark.parametrize("known, new, asked, words", [
    ("永丰西路口", at(XIMEN, "西门街道永丰西路12号"), False, "西门街道永丰西路12号"),
    ("永丰西路12号", at(XIMEN, "西门这边"), False, "永丰西路12号"),
    ("西门街道菜场旁边", at(XIMEN, "我住西门"), False, "西门街道菜场旁边"),
    ("永丰西路", Place("12号"), False, "永丰西路 12号"),
    ("永丰西路12号", Place("是14号"), False, "永丰西路14号"),
    ("联南新村3幢", Place("602室"), False, "联南新村3幢 602室"),
    ("联南新村3幢602室", Place("在5幢601室"), True, "联南新村5幢601室"),
    ("联南新村3幢602", Place("5幢601"), False, "联南新村5幢601"),
    ("永丰西路12号3楼", Place("14号"), False, "永丰西路14号3楼"),
    ("永丰西路12号", at(XIMEN, "西门菜场"), True, "西门菜场"),
])
def test_words_after_words(known: str, new: Place, asked: bool, words: str) -> None:
    assert merged(at(XIMEN, known), new, "words", asked).text == words


def test_vaguer_words_about_elsewhere_change_nothing_unless_asked() -> None:
    known, new = at(XIMEN, "永丰西路12号"), at(NANMEN, "我住南门")
    assert merged(known, new, "words", False) == known
    assert merged(known, new, "words", True) == new


def test_a_named_street_completes_a_road_without_one() -> None:
    assert merged(Place("永丰西路口"), at(XIMEN, "西门街道"), "words", False) == at(XIMEN, "永丰西路口")


def test_words_and_a_pin_complete_each_other_in_either_order() -> None:
    assert merged(at(XIMEN, "永丰西路12号"), at(PIN, "西门街道"), "pin", False) == at(PIN, "永丰西路12号")
    assert merged(PIN, at(XIMEN, "西门街道永丰西路12号"), "words", False) == at(PIN, "西门街道永丰西路12号")
    assert merged(at(PIN, "永丰西路12号"), at(XIMEN, "西门街道"), "button", False) == at(PIN, "永丰西路12号")


def test_a_button_of_another_street_moves_the_place_and_keeps_the_words() -> None:
    assert merged(at(PIN, "永丰西路12号"), at(NANMEN, "南门街道"), "button", False) == at(NANMEN, "永丰西路12号")


WORDS = st.sampled_from(["", "永丰西路12号", "永丰西路口", "西门菜场旁边", "古林这边", "3幢"])
SPOTS = st.sampled_from([Place(), XIMEN, NANMEN, PIN])


@given(SPOTS, WORDS, SPOTS, WORDS, st.sampled_from(["words", "pin", "button"]))
def test_nothing_more_exact_is_lost_unless_asked(spot: Place, had: str, other: Place, said: str, told: str) -> None:
    whole = merged(at(spot, had), at(other, said), told, False)  # type: ignore[arg-type]
    assert exactness(whole.text) >= exactness(had)
    assert whole.street or told == "pin" or not (spot.street or other.street)


@pytest.mark.parametrize("words, kept", [
    ("不对，是永丰西路14号", "永丰西路14号"), ("就在菜场门口", "菜场门口"), ("是", "是"), ("是吗", "是吗"), ("地址是翠柏路5号", "翠柏路5号"),
])
def test_words_before_a_place_are_no_part_of_it(words: str, kept: str) -> None:
    assert place_words(words, None) == kept


@pytest.mark.parametrize("words, kept", [
    ("永丰西路口井盖没了，旁边是学校", "永丰西路口"), ("永丰西路12号", "永丰西路12号"), ("翠柏路口路灯不亮", "翠柏路口"),
])
def test_of_a_matter_told_only_the_place_is_kept(words: str, kept: str) -> None:
    assert place_words(words, None, asked=False) == kept
