"""What a message looks like in Telegram."""

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.contract import Outgoing
from bot.channels.telegram.render import LIMIT_UNITS, keyboard, parts, split, units


def outgoing(text: str = "请选", **more: object) -> Outgoing:
    return Outgoing(12, "c1", "77", "bot", text, "zh", **more)  # type: ignore[arg-type]


def card(**more: object) -> dict[str, object]:
    shown = {"kind": "provider", "title": "诚信疏通", "lines": ["约 1.2 公里", "50 元起"], "phone": "0574-80000000",
             "buttons": [{"id": "provider:7", "title": "选 诚信疏通"}]}
    return shown | more


def test_cards_are_blocks_with_a_number_to_press() -> None:
    assert parts(outgoing("为您找到：", cards=[card(), card(title="快通", phone="")])) == [
        "为您找到：\n\n▪ 诚信疏通\n约 1.2 公里\n50 元起\n☎ 0574-80000000\n\n▪ 快通\n约 1.2 公里\n50 元起"
    ]


def test_an_instruction_already_said_is_not_said_again_in_its_card() -> None:
    alarm = card(kind="emergency", title="燃气泄漏", lines=["马上开窗，不要碰开关。"], phone="119", buttons=[])
    words = parts(outgoing("⚠ 马上开窗，不要碰开关。\n电话：119", cards=[alarm]))[0]
    assert words.count("马上开窗") == 1 and words.endswith("▪ 燃气泄漏\n☎ 119")


def test_buttons_without_words_get_some() -> None:
    assert parts(outgoing("")) == ["请选择："]


def test_nothing_that_a_form_cannot_carry_is_sent() -> None:
    assert parts(outgoing("a\ud83db\x00c")) == ["abc"]


def test_buttons_of_cards_come_first_and_rows_follow_the_width_of_titles() -> None:
    long = "一个很长很长的按钮标题" * 2
    offered = [{"id": "more", "title": "换一批"}, {"id": "human", "title": "转人工"},
               {"id": "open", "title": "现在开门的"}, {"id": "long", "title": long}]
    markup = keyboard(outgoing(cards=[card()], buttons=offered))
    assert markup is not None
    assert [[b.text for b in row] for row in markup.inline_keyboard] == [
        ["选 诚信疏通", "换一批"], ["转人工", "现在开门的"], [long],
    ]


def test_twenty_short_buttons_make_a_calm_keyboard() -> None:
    streets = [{"id": f"place:{n}", "title": "西门街道"} for n in range(20)]
    markup = keyboard(outgoing(buttons=streets))
    assert markup is not None
    assert max(len(row) for row in markup.inline_keyboard) <= 3
    assert sum(len(row) for row in markup.inline_keyboard) == 20


def test_long_ids_become_references_and_doubles_are_shown_once() -> None:
    long_id = "place:" + "区" * 40
    markup = keyboard(outgoing(buttons=[{"id": "human", "title": "转人工"}, {"id": long_id, "title": "这里"},
                                        {"id": "human", "title": "人工"}, {"id": "none", "title": " "}]))
    assert markup is not None
    flat = [(b.text, b.callback_data) for row in markup.inline_keyboard for b in row]
    assert flat == [("转人工", "human"), ("这里", "12:1")]


def test_no_buttons_no_keyboard() -> None:
    assert keyboard(outgoing()) is None


def test_a_cut_falls_at_the_end_of_a_line_or_sentence() -> None:
    assert split("第一句。第二句很长", 6) == ["第一句。", "第二句很长"]
    assert split("one two three", 9) == ["one two", "three"]
    assert split("第一行\n第二行", 5) == ["第一行", "第二行"]


def test_an_emoji_is_never_cut() -> None:
    assert split("😀" * 5, 4) == ["😀😀", "😀😀", "😀"]
    family = "👨‍👩‍👧‍👦"
    assert all(piece in (family, family * 2) for piece in split(family * 6, 25))
    assert split("好👍🏽" * 2, 8) == ["好👍🏽好", "👍🏽"], "a skin tone stays with its hand"


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=300), st.integers(2, 40))
def test_pieces_fit_and_lose_nothing_but_space(words: str, limit: int) -> None:
    pieces = split(words, limit)
    assert all(1 <= units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(words.split())


def test_a_long_text_is_cut_to_what_telegram_takes() -> None:
    pieces = split("😀水" * 3000)
    assert [units(piece) <= LIMIT_UNITS for piece in pieces] == [True] * 3
