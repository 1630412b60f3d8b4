"""Life services: three near, others, one chosen, asked later how it went."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.domain.access import Actor, Role
from bot.errors import Conflict, NotAllowed
from bot.services import drafts, privacy, provider_standing, ratings, referral_followups, referrals, requests
from bot.storage import Handoff, Provider, Referral, Ticket, now, reading, transaction
from tests.services.conftest import HANDLER, He
from tests.support.time_machine import pass_time

BOSS = Actor("account:81", "老王", Role.SUPERVISOR, "", 81)


def shown(he: He) -> list[str]:
    return [b["id"] for card in he.last().cards for b in card["buttons"]]


def asks_for_a_plumber(he: He) -> None:
    he.does(requests.begin, "厨房水池满了水下不去，我在西门街道", item="drain-unclogging")


def referral() -> Referral:
    with reading() as session:
        return session.scalars(select(Referral)).one()


def test_three_with_the_place_from_the_same_message(he: He) -> None:
    asks_for_a_plumber(he)
    assert len(he.last().cards) == 3 and he.form is None
    assert "参考" not in he.heard()[0].text and "以商家答复为准" in he.heard()[0].text


def test_without_a_place_the_streets_are_offered_and_a_button_answers(he: He) -> None:
    he.does(requests.begin, "马桶堵了", item="toilet-unclogging")
    assert he.form == "referral_form" and "place:haishu-ximen" in {b["id"] for b in he.last().buttons}
    step = he.does(drafts.answer, "西门街道", act="inform", choice="place:haishu-ximen")
    assert step and step.draft.next_question("referral_form") is None
    he.does(referrals.show_after_form, "西门街道", act="inform")
    assert len(he.last().cards) == 3 and "公里" in str(he.last().cards)


def test_another_batch_shows_others_until_there_are_no_more(he: He) -> None:
    asks_for_a_plumber(he)
    seen = set(shown(he))
    for _ in range(30):
        he.does(referrals.more, "换一批", act="more")
        if not he.last().cards:
            break
        assert not seen & set(shown(he))
        seen |= set(shown(he))
    assert "没有更多" in he.last().text and len(seen) >= 9


@pytest.mark.parametrize("words, act", [("打了几遍电话都没人接", "out_of_scope"), ("电话打不通", "request")])
def test_where_nobody_answers_others_are_named_and_that_one_no_more(he: He, words: str, act: str) -> None:
    asks_for_a_plumber(he)
    first = set(shown(he))
    silent = shown(he)[0]
    he.does(referrals.choose, "选这家", act="choose_provider", choice=silent)
    service = requests.begin if act == "request" else requests.out_of_scope
    he.does(service, words, act=act, item="taxi-call" if act == "request" else None)
    assert any("没打通" in m.text and referral().provider_id in silent for m in he.heard()[-2:])
    assert silent not in shown(he) and shown(he) and set(shown(he)) != first
    asks_for_a_plumber(he)
    assert silent not in shown(he), "nor in the next list"


def test_without_a_referral_nobody_answering_is_another_matter(he: He) -> None:
    he.does(requests.begin, "电话打不通", item="telephone-fault")
    assert "没打通" not in he.last().text


def test_chosen_once_contact_told_followed_up_and_rated(he: He) -> None:
    asks_for_a_plumber(he)
    he.does(referrals.choose, "选这家", act="choose_provider", choice=shown(he)[0])
    assert he.last().cards[0]["phone"].startswith("0574-0000")
    with transaction() as session:
        assert referral_followups.ask(session, now()) == 0
    pass_time(timedelta(hours=25))
    with transaction() as session:
        assert referral_followups.ask(session, now()) == 1
    with transaction() as session:
        assert referral_followups.ask(session, now()) == 0
    he.does(ratings.rate, "四星", act="rate")
    assert (referral().state, referral().score, referral().outcome) == ("closed", 4, "solved")


def test_a_bad_rating_offers_another_and_an_unanswered_one_expires(he: He) -> None:
    asks_for_a_plumber(he)
    he.does(referrals.choose, "选这家", act="choose_provider", choice=shown(he)[0])
    he.does(ratings.rate, "没来人", act="rate", choice=f"unsolved:R{referral().id}")
    assert referral().outcome == "not_solved" and he.last().buttons[0]["id"] == "item:drain-unclogging"


def test_nobody_elses_referral_can_be_rated(he: He) -> None:
    asks_for_a_plumber(he)
    he.does(referrals.choose, "选这家", act="choose_provider", choice=shown(he)[0])
    stranger = He()
    stranger.does(ratings.rate, "1分", act="rate", choice=f"rate:R{referral().id}:1")
    assert referral().score is None


def test_forgetting_erases_words_names_and_numbers(he: He) -> None:
    number = he.files_a_ticket()
    he.does(privacy.answer, "删掉", act="privacy", choice="forget")
    assert "已删除" in he.last().text
    others = [m.text for m in he.heard()[:-1]]
    assert not any("13900000010" in t or number in t for t in others) and set(others) == {"［已删除 deleted］"}


def chosen(number: str = "") -> He:
    """Somebody who was put in touch with that plumber, the first named if none is said."""
    he = He()
    asks_for_a_plumber(he)
    wanted = f"provider:{number}:drain-unclogging" if number else shown(he)[0]
    he.does(referrals.choose, "选这家", act="choose_provider", choice=wanted)
    return he


def of(he: He) -> Referral:
    with reading() as session:
        return session.scalars(select(Referral).where(Referral.conversation_id == he.id)).one()


def plumber(number: str) -> Provider:
    with reading() as session:
        return session.get_one(Provider, number)


def next_day(service=referral_followups.ask) -> int:  # type: ignore[no-untyped-def]
    with transaction() as session:
        return service(session, now())


def test_asked_next_day_whether_they_came_then_how_it_was(he: He) -> None:
    he = chosen()
    pass_time(timedelta(hours=25))
    next_day()
    assert "人来了吗" in he.last().text and len(he.last().buttons) == 3
    he.does(ratings.rate, "约好了，还没来", act="rate", choice=he.last().buttons[1]["id"])
    assert of(he).state == "open" and next_day() == 0
    pass_time(timedelta(hours=25))
    assert next_day() == 1
    he.does(ratings.rate, "来了", act="rate", choice=he.last().buttons[0]["id"])
    assert of(he).came is True and "打个分" in he.last().text
    before = plumber(of(he).provider_id)
    he.does(ratings.rate, "五星", act="rate", choice=he.last().buttons[0]["id"])
    after = plumber(of(he).provider_id)
    assert of(he).outcome == "solved" and after.rating_count == before.rating_count + 1
    assert after.rating >= before.rating


def test_reminded_once_then_expired_which_says_nothing_of_the_provider(he: He) -> None:
    he = chosen()
    before = plumber(of(he).provider_id)
    pass_time(timedelta(hours=25))
    assert next_day() == 1 and next_day(referral_followups.remind) == 0
    pass_time(timedelta(days=3))
    assert next_day(referral_followups.remind) == 1 and next_day(referral_followups.remind) == 0
    pass_time(timedelta(days=4))
    assert next_day(referral_followups.expire) == 1
    assert (of(he).outcome, of(he).solved) == ("expired", None)
    after = plumber(of(he).provider_id)
    assert (after.rating, after.rating_count, after.standing) == (before.rating, before.rating_count, before.standing)


def alike() -> None:
    """Everybody is open at the hour of this test and has been rated three times."""
    with transaction() as session:
        session.execute(update(Provider).values(hours="MO-SU 00:00-24:00", rating=4.2, rating_count=3))


def test_three_bad_by_different_citizens_suspend_until_somebody_looked(he: He) -> None:
    alike()
    number = of(first := chosen()).provider_id
    citizens = [first, chosen(number)]
    for one in citizens:
        one.does(ratings.rate, "没来", act="rate", choice=f"came:R{of(one).id}:no")
    citizens[0].does(ratings.rate, "一星", act="rate", choice=f"rate:R{of(citizens[0]).id}:1")
    assert plumber(number).standing != "suspended", "the same citizen twice is one"
    assert of(chosen()).provider_id != number, "others are named before it by now"
    third = chosen(number)
    third.does(ratings.rate, "太差了，乱收费", act="rate", choice=f"rate:R{of(third).id}:1")
    assert plumber(number).standing == "suspended"
    fourth = He()
    asks_for_a_plumber(fourth)
    assert not any(number in pressed for pressed in shown(fourth)), "named no more"
    with reading() as session:
        (review,) = provider_standing.under_review(session)
        assert review.provider.id == number and len(review.words) >= 3
    with pytest.raises(NotAllowed), transaction() as session:
        provider_standing.reinstate(session, number, HANDLER, "没事")
    with transaction() as session:
        provider_standing.reinstate(session, number, BOSS, "已约谈，师傅换人")
    with pytest.raises(Conflict), transaction() as session:
        provider_standing.reinstate(session, number, BOSS, "已约谈，师傅换人")
    again = chosen(number)
    again.does(ratings.rate, "没来", act="rate", choice=f"came:R{of(again).id}:no")
    assert plumber(number).standing == "active", "what was bad before counts no more"


def test_a_grievance_goes_to_the_hotline_and_not_to_consumer_protection(he: He) -> None:
    he = chosen()
    he.does(requests.begin, "你们介绍的师傅乱收费，说好五十收了两百", item="unfair-pricing")
    assert "由热线来核实" in he.last().text and he.form is None
    with reading() as session:
        assert session.scalars(select(Handoff.state).where(Handoff.conversation_id == he.id)).all() == ["waiting"]
        assert session.scalars(select(Ticket)).all() == []
    stranger = He()
    stranger.does(requests.begin, "那家店的师傅乱收费", item="drain-unclogging")
    assert "由热线来核实" not in stranger.last().text, "nobody was named to him"


def test_nobody_else_answers_for_him(he: He) -> None:
    he, stranger = chosen(), He()
    stranger.does(ratings.rate, "没来", act="rate", choice=f"came:R{of(he).id}:no")
    assert of(he).came is None
