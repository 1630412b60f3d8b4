"""Delivery: in order, once, retried with growing pauses, given up in the end."""

from datetime import timedelta

import pytest

from bot.services import conversations, outbox
from bot.services.replies import append
from bot.storage import Message, reading, transaction
from tests.support.time_machine import pass_time


@pytest.fixture
def chat(deployment: str) -> str:
    made = conversations.for_channel("telegram", "4711", "何")
    with transaction() as session:
        for words in ("一", "二"):
            append(session, made, sender="bot", text=words)
    return made


def taken() -> list[str]:
    return [message.text for message, _ in outbox.take_due("telegram")]


def first() -> Message:
    with reading() as session:
        return session.query(Message).order_by(Message.seq).first()  # type: ignore[return-value]


def test_one_after_the_other(chat: str) -> None:
    assert taken() == ["一"] and taken() == []
    outbox.delivered(first().id)
    assert taken() == ["二"]


def test_a_failure_holds_the_rest_back_until_it_is_sent_or_given_up(chat: str) -> None:
    for _ in range(outbox.GIVE_UP_AFTER - 1):
        assert taken() == ["一"]
        outbox.failed(first().id, "network", permanent=False)
        assert taken() == []
        pass_time(timedelta(hours=1))
    assert taken() == ["一"]
    outbox.failed(first().id, "network", permanent=False)
    assert first().delivery == "failed" and taken() == ["二"]


def test_a_permanent_failure_is_given_up_at_once(chat: str) -> None:
    taken()
    outbox.failed(first().id, "blocked", permanent=True)
    assert first().delivery_error == "blocked" and taken() == ["二"]


def test_what_a_dead_worker_had_taken_is_due_again(chat: str) -> None:
    assert taken() == ["一"]
    pass_time(outbox.SENDING + timedelta(seconds=1))
    assert taken() == ["一"]


def test_the_same_chat_is_the_same_conversation(chat: str) -> None:
    assert conversations.for_channel("telegram", "4711") == chat
    assert outbox.pending() == 2
