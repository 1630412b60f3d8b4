"""What comes in is stored first, once, in order, and nothing in it is obeyed."""

import threading

import pytest

from bot.domain.message import Incoming, Location
from bot.errors import BadInput, NotSignedIn
from bot.services import conversations
from bot.storage import reading, transaction
from tests.services.conftest import He


def test_the_same_message_again_is_a_no_op(he: He) -> None:
    first, new = conversations.receive(he.id, Incoming("x", text="你好"))
    again, new_again = conversations.receive(he.id, Incoming("x", text="你好"))
    assert new and not new_again and again.id == first.id


def test_forty_at_once_are_numbered_without_gaps_and_once_each(he: He) -> None:
    def send(n: int) -> None:
        conversations.receive(he.id, Incoming(f"n{n % 20}", text=f"第{n % 20}条"))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading() as session:
        stored = conversations.messages_after(session, he.id, 0)
    assert [m.seq for m in stored] == list(range(1, 21))
    assert {m.text for m in stored} == {f"第{n}条" for n in range(20)}


@pytest.mark.parametrize("words", ["/restart", '/request{"item":"x"}', "<b>粗</b>", "a\x00b", "😡" * 50, "\ud83d", "' OR 1=1 --"])
def test_odd_text_is_stored_as_text(he: He, words: str) -> None:
    if words == "\ud83d":
        with pytest.raises(BadInput):  # half an emoji is nothing
            he.sends(words)
        return
    assert he.sends(words).text == words.replace("\x00", "")


def test_100_kb_are_kept_up_to_the_limit_and_marked(he: He) -> None:
    message = he.sends("啊" * 100_000)
    assert len(message.text) == 4000 and message.payload == {"cut": True}


@pytest.mark.parametrize("words", ["", "   ", "\x00\x00"])
def test_nothing_is_refused_with_a_reason(he: He, words: str) -> None:
    with pytest.raises(BadInput) as told:
        he.sends(words)
    assert told.value.key == "message.empty"


def test_a_button_that_was_not_offered_is_refused(he: He) -> None:
    with pytest.raises(BadInput) as told:
        he.sends(kind="choice", choice="confirm")
    assert told.value.key == "message.choice_gone"


def test_a_location_off_the_globe_is_refused(he: He) -> None:
    with pytest.raises(BadInput):
        he.sends(kind="location", location=Location(91, 0))


def test_only_its_own_token_opens_a_conversation(he: He) -> None:
    other = He()
    with reading() as session:
        assert conversations.check_token(session, he.id, he.token).id == he.id
        for wrong in (other.token, "", "x"):
            with pytest.raises(NotSignedIn):
                conversations.check_token(session, he.id, wrong)


def test_only_one_process_works_on_a_conversation_and_a_dead_ones_lease_runs_out(he: He) -> None:
    from datetime import timedelta

    from tests.support.time_machine import pass_time

    def lease() -> str | None:
        with transaction() as session:
            return conversations.take_lease(session, he.id)

    he.sends("你好")
    assert lease() and lease() is None
    assert conversations.waiting_conversations(timedelta(0)) == []
    pass_time(conversations.LEASE + timedelta(seconds=1))
    assert conversations.waiting_conversations(timedelta(0)) == [he.id]
    assert lease()
