"""Several needs in one message: what is left is taken up when the citizen says so, in whatever act the words are heard."""

from dataclasses import replace

from bot.domain.draft import TICKET_FORM
from bot.services import requests
from tests.services.conftest import He


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
