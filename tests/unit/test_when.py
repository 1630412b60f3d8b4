"""What a citizen's words about time become: an instant wanted, or a date for the department."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import LOCAL
from bot.domain.when import When

NOW = datetime(2026, 11, 25, 13, 0, tzinfo=LOCAL)


def said(text: str, value: str) -> When:
    return When.from_entity({"type": "time", "text": text, "value": value})


def test_a_visit_is_wanted_at_the_beginning_of_what_was_said_or_now_when_that_has_begun() -> None:
    tomorrow = said("明天下午三点", "2026-11-26T15:00+08:00/2026-11-26T16:00+08:00")
    afternoon = said("今天下午", "2026-11-25T12:00+08:00/2026-11-25T18:00+08:00")
    assert tomorrow.wanted(NOW) == datetime(2026, 11, 26, 15, 0, tzinfo=LOCAL)
    assert afternoon.wanted(NOW) == NOW


def test_what_is_over_or_recurs_wants_no_visit() -> None:
    assert said("昨晚", "2026-11-24T18:00+08:00/2026-11-25T00:00+08:00").wanted(NOW) is None
    assert said("每天晚上", "recurring").wanted(NOW) is None


def test_the_department_reads_the_words_and_the_date_they_meant() -> None:
    assert said("昨晚八点", "2026-11-24T20:00+08:00/2026-11-24T21:00+08:00").past(NOW) == "昨晚八点 (2026-11-24 20:00)"
    assert said("前天", "2026-11-23T00:00+08:00/2026-11-24T00:00+08:00").past(NOW) == "前天 (2026-11-23)"
    assert said("明天", "2026-11-26T00:00+08:00/2026-11-27T00:00+08:00").past(NOW) == "明天"
    assert said("每天晚上", "recurring").past(NOW) == "每天晚上"


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_slot_gives_back_what_was_put_in(start: datetime, long: timedelta) -> None:
    first = start.replace(tzinfo=LOCAL)
    when = When("那天", first, first + long)
    assert When.from_dict(when.as_dict()) == when
    wanted = when.wanted(NOW)
    assert wanted is None or (wanted >= NOW and when.start is not None and wanted >= when.start)


def test_nonsense_in_a_slot_is_no_time() -> None:
    assert When.from_entity({"value": "soon/later"}) == When("") and When.from_dict({}) == When("")
