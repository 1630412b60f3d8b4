"""Several needs in one message: what is left is taken up when the citizen says so, in whatever act the words are heard."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.draft import TICKET_FORM, Draft
from bot.services import drafts, requests, tickets
from bot.storage import transaction
from tests.services.conftest import He, ticket_of

LAMP, PIT = "路灯两个礼拜不亮了，晚上黑漆漆的", "路面有个大坑，差点绊倒我，快来补补"


def test_a_no_that_asks_for_the_other_matter_takes_it_up(he: He) -> None:
    he.draft = replace(he.draft, pending=("ebike-indoor-charging",), description="马桶堵了，另外楼道里有人充电")
    he.does(requests.declined, "好，那楼道充电那个也登记一下，电话13900000014", act="deny")
    assert he.form == TICKET_FORM and he.draft.item == "ebike-indoor-charging" and he.draft.pending == ()
    assert he.draft.reach().phone == "+8613900000014"


def test_a_plain_no_leaves_it_pending(he: He) -> None:
    he.draft = replace(he.draft, pending=("ebike-indoor-charging",))
    he.does(requests.declined, "不用了", act="deny")
    assert he.form is None and he.draft.pending == ("ebike-indoor-charging",)


def test_a_yes_goes_on_only_where_something_is_left(he: He) -> None:
    he.does(requests.agreed, "好的，继续", act="affirm")
    assert he.form is None and he.draft.item == ""


@pytest.mark.parametrize("words, item", [
    ("继续登记路灯那个", "streetlight-out"), ("接着办", "ebike-indoor-charging"), ("电动车充电那个也登记一下", "ebike-indoor-charging"),
])
def test_the_need_that_is_named_is_taken_up(he: He, words: str, item: str) -> None:
    he.draft = replace(he.draft, pending=("ebike-indoor-charging", "streetlight-out", "no-longer-there"))
    he.does(requests.out_of_scope, words, act="out_of_scope")
    assert he.form == TICKET_FORM and he.draft.item == item and item not in he.draft.pending


def test_what_is_out_of_scope_leaves_what_waits(he: He) -> None:
    he.draft = replace(he.draft, pending=("streetlight-out",))
    he.does(requests.out_of_scope, "你会唱歌吗", act="out_of_scope")
    assert he.form is None and he.draft.pending == ("streetlight-out",)


def he_leaves_one_form_for_another(he: He) -> None:
    he.does(requests.begin, LAMP, item="streetlight-out", kind="complaint")
    he.does(drafts.answer, "恒春街12号", act="inform")
    assert he.form == TICKET_FORM and he.draft.where().text == "恒春街12号"
    he.does(requests.begin, PIT, item="road-damage", kind="help")
    assert he.draft.item == "road-damage" and he.draft.pending == ("streetlight-out",)


def test_a_form_left_for_another_matter_comes_back_as_it_was(he: He) -> None:
    he_leaves_one_form_for_another(he)
    assert he.draft.description == PIT and not he.draft.place, "nothing of the first matter in the second"
    he.does(drafts.answer, "翠柏路5号", act="inform")
    he.does(drafts.answer, "13900000010", act="inform")
    he.does(drafts.answer, "确认", act="affirm")
    he.does(tickets.open_from_draft, "确认", act="affirm")
    he.form = None
    assert ticket_of(he).description == PIT and ticket_of(he).place["text"] == "翠柏路5号"
    he.does(requests.agreed, "好的，继续", act="affirm")
    assert (he.draft.item, he.draft.kind) == ("streetlight-out", "complaint") and he.draft.pending == ()
    assert LAMP in he.draft.description and PIT not in he.draft.description
    assert he.draft.where().text == "恒春街12号" and he.draft.reach().phone == "+8613900000010" and not he.draft.aside


def test_a_place_nobody_told_is_not_that_of_the_other_matter(he: He) -> None:
    he.does(requests.begin, LAMP, item="streetlight-out", kind="complaint")
    he.does(requests.begin, PIT, item="road-damage", kind="help")
    he.does(drafts.answer, "翠柏路5号", act="inform")
    he.does(requests.begin, "路灯那个", item="streetlight-out", choice="item:property-inaction")
    assert he.draft.item == "streetlight-out" and not he.draft.place and he.draft.description == LAMP
    assert he.draft.pending == ("road-damage",) and he.draft.aside["road-damage"]["place"]["text"] == "翠柏路5号"


def test_two_needs_told_at_once_share_their_words_and_not_what_follows(he: He) -> None:
    both = "楼下路灯不亮，门口路上还有个大坑"
    turn = he.turn(both, item="streetlight-out")
    turn = replace(turn, heard=replace(turn.heard, also=("road-damage",)))
    with transaction() as session:
        step = requests.begin(session, turn)
    he.draft, he.form = step.draft, step.form
    he.does(drafts.answer, "恒春街12号", act="inform")
    he.does(drafts.answer, "灯杆上编号是37，修过两次了都没好", act="request")
    assert "编号是37" in he.draft.description
    he.draft = he.draft.fresh()
    he.form = None
    he.does(requests.agreed, "好的，继续", act="affirm")
    assert he.draft.item == "road-damage" and both in he.draft.description and "编号" not in he.draft.description
    assert he.draft.where().text == "恒春街12号"


ITEMS = st.sampled_from(["a", "b", "c", "d", "e"])


@given(st.lists(st.tuples(ITEMS, st.text(max_size=5), st.booleans()), max_size=12))
def test_nothing_is_laid_aside_of_what_does_not_wait(moves: list[tuple[str, str, bool]]) -> None:
    draft = Draft()
    for item, words, leaves in moves:
        waits = (draft.item, *draft.pending) if leaves and draft.item else draft.pending
        before = draft.laid_aside() if leaves and draft.item else draft
        known = before.aside.get(item, {})
        draft = before.with_item(item, "help").waiting(waits)
        assert draft.description == known.get("description", "") and draft.item not in draft.pending
        draft = Draft.from_slots(replace(draft, description=words).to_slots())
        assert set(draft.aside) <= set(draft.pending) and len(draft.pending) <= 3


def test_what_was_asked_is_what_is_registered(he: He) -> None:
    asked = "公积金能不能取出来付房租，我租在月湖"
    he.does(requests.begin, asked, item="pf-rent-withdrawal", kind="consult")
    assert he.form is None
    he.does(requests.open_ticket, "帮我登记反映", act="open_ticket", choice="ticket:pf-rent-withdrawal")
    assert he.form == TICKET_FORM and he.draft.description == asked


def test_a_number_told_by_itself_is_kept_for_what_comes(he: He) -> None:
    he.does(requests.out_of_scope, "13900000010", act="out_of_scope")
    assert he.draft.reach().phone == "+8613900000010" and "先记着" in he.last().text
