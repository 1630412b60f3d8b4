"""DESIGN §4: emergency first, silent under a human, told and queued when Rasa is away, every reply once."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.access import Actor
from bot.domain.draft import Draft
from bot.domain.handoff import Reason
from bot.domain.understanding import Understanding
from bot.errors import BrainDown, TurnOver
from bot.services import dialogue, handoffs, rasa, requests
from bot.services.replies import Turn, say
from bot.storage import Conversation, Handoff, Message, reading, transaction
from tests.services.conftest import He


def _rasa(monkeypatch: pytest.MonkeyPatch, understanding: dict[str, Any], says: str = "greet.hello", state: Any = "same") -> list[str]:
    """Rasa and the action server in their simplest form: one reply, the state handed back."""
    calls = []

    def turn(request: dict[str, Any]) -> rasa.TurnResult:
        calls.append(request["text"])
        heard = {"text": request["text"], "act": "greet", **understanding}
        if heard.get("emergency"):
            return rasa.TurnResult(Understanding.from_dict(heard), heard, None)
        if says:
            with transaction() as session:
                say(session, Turn(request["sender"], request["metadata"]["message_id"], source="action"), says)
        return rasa.TurnResult(Understanding.from_dict(heard), heard, request["state"] if state == "same" else state)

    monkeypatch.setattr(rasa, "turn", turn)
    monkeypatch.setattr(rasa, "understand", lambda text: {"text": text, "act": "request", **understanding})
    return calls


def _handoffs() -> list[Handoff]:
    with reading() as session:
        return handoffs.queue(session)


def test_messages_are_answered_in_order_and_the_state_is_carried(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _rasa(monkeypatch, {}, state={"slots": {"item": "x"}, "form": None})
    for words in ("一", "二", "三"):
        he.sends(words)
    assert dialogue.work_off(he.id) == 3
    assert calls == ["一", "二", "三"] and len(he.heard()) == 3
    assert dialogue.work_off(he.id) == 0


def test_rasa_away_the_citizen_is_told_at_once_and_queued(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: dict[str, Any]) -> None:
        raise BrainDown("brain.down", why="refused")

    monkeypatch.setattr(rasa, "turn", down)
    he.sends("我家水管爆了")
    dialogue.work_off(he.id)
    assert "转给人工" in he.last().text
    assert [h.reason for h in _handoffs()] == ["failure"]


def test_an_action_server_that_says_nothing_counts_as_away(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    _rasa(monkeypatch, {}, says="")
    he.sends("你好")
    dialogue.work_off(he.id)
    assert len(he.heard()) == 1 and _handoffs()[0].reason == "failure"


def test_the_catalogues_emergency_words_work_without_the_model(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa, "turn", lambda _: (_ for _ in ()).throw(BrainDown("brain.down", why="x")))
    he.sends("我闻到煤气味")
    dialogue.work_off(he.id)
    assert "119" in he.last().text and he.last().cards[0]["phone"] == "119"
    assert _handoffs()[0].emergency == "gas-leak"


def test_what_was_being_registered_waits_while_an_emergency_is_on(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    slots = Draft(item="dog-unleashed", kind="complaint", description="狗不牵绳，咬过人", place={"text": "雅渡新村8幢"}).to_slots()
    _rasa(monkeypatch, {}, state={"slots": slots, "form": "ticket_form", "requested": "contact"})
    he.sends("雅渡新村8幢")
    dialogue.work_off(he.id)
    _rasa(monkeypatch, {"emergency": "domestic-violence"})
    he.sends("他冲进来打我了")
    dialogue.work_off(he.id)
    with reading() as session:
        kept = session.get_one(Conversation, he.id).dialogue
    left = Draft.from_slots(kept["slots"])
    assert kept["form"] is None and not left.item and left.pending == ("dog-unleashed",)
    assert left.with_item("dog-unleashed", "complaint").description == "狗不牵绳，咬过人"


def test_an_emergency_is_told_first_and_an_operator_is_wanted_at_the_front(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = He()
    with transaction() as session:
        handoffs.request(session, waiting.id, Reason.ASKED)
    _rasa(monkeypatch, {"emergency": "fire-outbreak"})
    he.sends("着火了")
    dialogue.work_off(he.id)
    assert "119" in he.heard()[0].text
    assert [h.conversation_id for h in _handoffs()] == [he.id, waiting.id]


def test_the_number_cried_for_is_the_one_to_press_and_stays_it(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "快叫救护车！"
    _rasa(monkeypatch, {"emergency": "call-for-help", "text": words})
    he.sends(words)
    dialogue.work_off(he.id)
    assert he.last().cards[0]["phone"] == "120" and "120 / 110 / 119" in he.last().text
    message = he.sends("三楼，我妈不会动了")
    with transaction() as session:
        requests.unclear(session, Turn(he.id, message.id, heard=Understanding("三楼，我妈不会动了")))
    assert he.last().cards[0]["phone"] == "120" and he.last().text.startswith("请先拨 120")


def test_under_a_human_the_bot_is_silent_but_an_emergency_is_acted_on(
    he: He, operators: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as session:
        handoff = handoffs.request(session, he.id, Reason.ASKED)
    with transaction() as session:
        handoffs.claim(session, handoff.id, operators[0])
    calls = _rasa(monkeypatch, {})
    before = len(he.heard())
    he.sends("在吗")
    dialogue.work_off(he.id)
    assert calls == [] and len(he.heard()) == before
    _rasa(monkeypatch, {"emergency": "gas-leak"})
    he.sends("等等，我闻到煤气味")
    dialogue.work_off(he.id)
    assert "119" in he.last().text and _handoffs()[0].state == "active"


def test_a_turn_run_twice_after_a_crash_says_everything_once(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    message = he.sends("你好")
    turn = Turn(he.id, message.id, source="action")
    with transaction() as session:
        say(session, turn, "greet.hello")
    _rasa(monkeypatch, {})  # the process died before the state was stored: the message is worked off again
    dialogue.work_off(he.id)
    assert len(he.heard()) == 1


def test_a_reply_that_comes_after_the_citizen_was_told_otherwise_is_refused(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    message = he.sends("你好")
    monkeypatch.setattr(rasa, "turn", lambda _: (_ for _ in ()).throw(BrainDown("brain.down", why="slow")))
    dialogue.work_off(he.id)
    with pytest.raises(TurnOver), transaction() as session:
        say(session, Turn(he.id, message.id, source="late"), "greet.hello")


def test_what_fails_twice_goes_to_a_human(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    message = he.sends("你好")
    with transaction() as session:
        session.get_one(Message, message.id).attempts = dialogue.MAX_ATTEMPTS
    _rasa(monkeypatch, {})
    dialogue.work_off(he.id)
    assert _handoffs()[0].reason == "failure"


def test_a_voice_note_is_kept_for_the_operator(he: He) -> None:
    he.sends(kind="voice", attachment="k")
    dialogue.work_off(he.id)
    assert _handoffs()[0].reason == "voice" and "语音" in he.last().text


def test_every_message_is_settled(he: He, monkeypatch: pytest.MonkeyPatch) -> None:
    _rasa(monkeypatch, {})
    for n in range(5):
        he.sends(f"话{n}")
    dialogue.work_off(he.id)
    with reading() as session:
        states = session.scalars(select(Message.state).where(Message.sender == "citizen")).all()
    assert states == ["handled"] * 5


def test_what_the_bot_was_about_to_say_is_not_said_once_an_operator_has_claimed(he: He) -> None:
    from bot.domain.access import Actor, Role
    from bot.domain.handoff import Reason
    from bot.errors import TurnOver
    from bot.services import handoffs, smalltalk
    from bot.storage import transaction

    turn = he.turn("你好", act="greet")
    with transaction() as session:
        number = handoffs.request(session, he.id, Reason.ASKED).id
    with transaction() as session:
        handoffs.claim(session, number, Actor("token:1", "呼叫中心", Role.OPERATOR))
    before = len(he.heard())
    with pytest.raises(TurnOver), transaction() as session:
        smalltalk.plain(session, turn, "greet.hello")
    assert len(he.heard()) == before
