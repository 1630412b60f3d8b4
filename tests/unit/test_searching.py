"""What a ticket is found by."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.searching import marks, wanted


def test_pairs_words_and_the_number_s_end() -> None:
    found = marks("恒春街 LED路灯3天", "HS2026112600013").split()
    assert {"恒春", "春街", "led", "路灯", "天", "3", "no=hs2026112600013", "no=hs202611", "end=00013", "end=0013"} <= set(found)
    assert len(found) == len(set(found))


def test_what_is_asked() -> None:
    assert wanted("井盖 松了") == [("井盖", False), ("松了", False)]
    assert wanted("灯") == [("灯", True)] and wanted("led 3") == [("led", True), ("3", True)]
    assert wanted("hs2026") == [("no=hs2026", False)] == wanted("HS20261")
    assert wanted("'; DROP") == [("drop", True)] and wanted("%_\\&|!:*") == []


@given(st.text(alphabet="井盖路灯坏了abc123 ，", max_size=30))
def test_every_part_of_a_text_finds_it(words: str) -> None:
    kept = marks(words).split()
    for begin in range(len(words)):
        part = words[begin:begin + 4]
        if begin and words[begin].isascii() and words[begin - 1].isascii() and words[begin].isalnum():
            continue  # the middle of a word of letters
        assert all(any(mark.startswith(w) if begins else mark == w for mark in kept) for w, begins in wanted(part)), part
