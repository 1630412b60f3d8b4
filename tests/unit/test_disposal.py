"""The disposal form: what must be said, and what may be concluded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.disposal import Form, Resolved, Upheld, check, check_short, is_thin
from bot.domain.ticket import Outcome
from bot.errors import BadFields

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
RECEIVED = NOON - timedelta(days=1)
GOOD = Form("yes", False, NOON - timedelta(hours=1), "yes", "", "到场处理", "井盖已更换，请放心通行。")


def wrong(form: Form, reachable: bool = True) -> set[str]:
    try:
        check(form, RECEIVED, NOON, reachable)
    except BadFields as error:
        return set(error.problems)
    return set()


def test_a_whole_form_passes() -> None:
    assert wrong(GOOD) == set()


@pytest.mark.parametrize(("change", "fields"), [
    ({"upheld": ""}, {"upheld"}), ({"upheld": "maybe"}, {"upheld"}), ({"resolved": ""}, {"resolved"}),
    ({"resolved": "no"}, {"reason"}), ({"resolved": "partly", "reason": "等配件"}, set()),
    ({"out_of_remit": True, "resolved": ""}, {"reason"}), ({"out_of_remit": True, "resolved": "", "reason": "归江北区"}, set()),
    ({"out_of_remit": True, "reason": "归江北区"}, {"resolved"}),
    ({"contacted_at": NOON + timedelta(minutes=1)}, {"contacted_at"}),
    ({"contacted_at": RECEIVED - timedelta(minutes=1)}, {"contacted_at"}),
    ({"contacted_at": None}, set()), ({"contacted_at": None, "account": " "}, {"account"}),
    ({"answer": "好的"}, {"answer"}), ({"answer": ""}, {"answer"}),
    ({"answer": "您反映的【  】已处理完毕。"}, {"answer"}), ({"answer": "已于{today}处理完毕。"}, {"answer"}),
    ({"answer": "已于XX月XX日处理完毕。"}, {"answer"}), ({"answer": "请市民…[  ]处理。"}, {"answer"}),
    ({"answer": "已换 SUXX3 型井盖。"}, set()), ({"answer": "已于____处理完毕。"}, {"answer"}), ({"answer": "已更换（含井圈），请放心。"}, set()),
    ({"upheld": "", "resolved": "", "answer": ""}, {"upheld", "resolved", "answer"}),
])
def test_what_is_missing_is_said_by_field(change: dict[str, object], fields: set[str]) -> None:
    assert wrong(replace(GOOD, **change)) == fields  # type: ignore[arg-type]


def test_who_cannot_be_reached_need_not_have_been_called() -> None:
    assert wrong(replace(GOOD, contacted_at=None, account=""), reachable=False) == set()


def test_a_form_knows_minutes_only() -> None:
    received = RECEIVED + timedelta(seconds=40)
    check(replace(GOOD, contacted_at=RECEIVED), received, NOON, True)
    with pytest.raises(BadFields):
        check(replace(GOOD, contacted_at=RECEIVED - timedelta(seconds=1)), received, NOON, True)


@pytest.mark.parametrize(("form", "fields"), [
    (Form(resolved="yes", account="已到场"), set()), (Form(), {"resolved", "account"}),
    (Form(resolved="perhaps", account="已到场"), {"resolved"}), (Form(resolved="no", account=" 。 "), {"account"}),
])
def test_a_co_handler_says_what_was_done_and_whether_it_is_resolved(form: Form, fields: set[str]) -> None:
    problems: set[str] = set()
    try:
        check_short(form)
    except BadFields as error:
        problems = set(error.problems)
    assert problems == fields


@pytest.mark.parametrize(("words", "thin"), [
    ("已处理完毕。", True), ("已 处 理 完 毕 。", True), ("井盖已更换，请放心通行。", False),
])
def test_less_than_a_sentence_is_pointed_out(words: str, thin: bool) -> None:
    assert is_thin(words) is thin


@given(st.sampled_from([*Upheld, ""]), st.booleans(), st.sampled_from([*Resolved, ""]))
def test_never_solved_where_the_department_says_it_is_not(upheld: str, remit: bool, resolved: str) -> None:
    outcome = replace(GOOD, upheld=upheld, out_of_remit=remit, resolved=resolved).outcome
    assert (outcome is Outcome.SOLVED) == (resolved == "yes" and not remit)
    assert (outcome is Outcome.OUT_OF_REMIT) == remit
