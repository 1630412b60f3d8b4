"""Unsure between neighbours: one question that separates them, its items as buttons."""

from bot.domain.understanding import Ranked, Understanding
from bot.services import drafts, requests
from bot.services.catalogue import catalogue
from bot.services.replies import Turn
from bot.storage import Message, reading, transaction
from tests.services.conftest import He


def last_reply(he: He) -> Message:
    with reading() as session:
        return session.query(Message).where(Message.conversation_id == he.id).order_by(Message.seq.desc()).first()  # type: ignore[return-value]


def wavering(he: He, *items: str) -> Turn:
    message = he.sends("家里的事情想请人看看")
    ranking = tuple(Ranked(item, 0.3) for item in items)
    return Turn(he.id, message.id, heard=Understanding("家里的事情想请人看看", "request", ranking=ranking), draft=he.draft)


def test_two_neighbours_get_the_question_that_separates_them(he: He) -> None:
    group = catalogue().neighbours[0]
    turn = wavering(he, *group.items[:2])
    with transaction() as session:
        requests.unclear(session, turn)
    said = last_reply(he)
    asked = catalogue().between(group.items[:2])
    assert asked is not None and asked.question_zh in said.text
    assert [b["id"] for b in said.buttons[:2]] == [f"item:{code}" for code in group.items[:2]]
    assert {b["id"] for b in said.buttons} == {f"item:{code}" for code in asked.items} | {"none"}


def test_strangers_get_three_buttons(he: He) -> None:
    turn = wavering(he, "passport", "toilet-unclogging", "lost-pet-search")
    with transaction() as session:
        requests.unclear(session, turn)
    said = last_reply(he)
    assert [b["id"] for b in said.buttons] == ["item:passport", "item:toilet-unclogging", "item:lost-pet-search", "none"]


def test_every_row_names_two_to_five_items_that_exist(he: He) -> None:
    known = catalogue()
    for group in known.neighbours:
        assert 2 <= len(set(group.items)) == len(group.items) <= 5 and set(group.items) <= set(known.items)
        assert group.question_zh.endswith("？") and group.question_en.endswith("?")


def test_small_talk_is_not_taken_for_a_place_at_once(he: He) -> None:
    he.does(requests.begin, "楼道里的灯不亮了，晚上看不见", item="streetlight-out")
    assert he.form is not None and he.draft.next_question(he.form) == "place"
    he.does(drafts.answer, "写一首关于月亮的诗", act="out_of_scope")
    assert he.draft.place == {}
    he.does(drafts.answer, "老槐树底下", act="out_of_scope")
    assert he.draft.place == {"text": "老槐树底下"}


def test_an_open_choice_stays_open_once_and_a_place_told_meanwhile_is_kept(he: He) -> None:
    turn = wavering(he, "passport", "toilet-unclogging", "lost-pet-search")
    with transaction() as session:
        he.draft = requests.unclear(session, turn).draft
    he.does(requests.begin, "望春街道，泰安社区那边", act="request", item="community-affairs")
    assert he.last().text.startswith("好的，地点记下了") and "none" in {b["id"] for b in he.last().buttons}
    assert he.draft.where().known and not he.draft.item
    he.does(requests.out_of_scope, "今天天气真好", act="out_of_scope")
    assert "none" not in {b["id"] for b in he.last().buttons}, "asked again once, no oftener"


def test_small_talk_leaves_a_choice_open(he: He) -> None:
    turn = wavering(he, "passport", "toilet-unclogging", "lost-pet-search")
    with transaction() as session:
        he.draft = requests.unclear(session, turn).draft
    he.does(requests.out_of_scope, "贵不贵啊", act="out_of_scope")
    assert [b["id"] for b in last_reply(he).buttons][:1] == ["item:passport"]
