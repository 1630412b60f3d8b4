"""Life services: three near, others, one chosen, asked later how it went."""

from datetime import timedelta

from sqlalchemy import select

from bot.services import drafts, privacy, ratings, referrals, requests
from bot.storage import Referral, now, reading, transaction
from tests.services.conftest import He
from tests.support.time_machine import pass_time


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


def test_chosen_once_contact_told_followed_up_and_rated(he: He) -> None:
    asks_for_a_plumber(he)
    he.does(referrals.choose, "选这家", act="choose_provider", choice=shown(he)[0])
    assert he.last().cards[0]["phone"].startswith("0574-0000")
    with transaction() as session:
        assert referrals.ask_how_it_went(session, now()) == 0
    pass_time(timedelta(hours=25))
    with transaction() as session:
        assert referrals.ask_how_it_went(session, now()) == 1
    with transaction() as session:
        assert referrals.ask_how_it_went(session, now()) == 0
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
