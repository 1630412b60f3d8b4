"""A phone call: stored once with what was understood, held by who wrote it, nothing delivered, asked after by phone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.access import Actor
from bot.errors import BadInput, BrainDown, Conflict, NotAllowed, NotFound
from bot.services import (
    callbacks,
    calls,
    desk,
    directory,
    handoffs,
    presence,
    rasa,
    referral_followups,
    referrals,
    transfers,
)
from bot.services.calls import Call
from bot.storage import (
    Account,
    Change,
    Conversation,
    Handoff,
    Message,
    Offer,
    Provider,
    Referral,
    Ticket,
    now,
    reading,
    transaction,
)
from tests.services.conftest import HANDLER

Desk = tuple[Actor, Actor]
LAMP = {"act": "request", "kind": "complaint", "item": "streetlight-out", "confidence": 0.93,
        "ranking": [{"item": "streetlight-out", "confidence": 0.93}],
        "entities": [{"type": "place", "value": "恒春街", "text": "恒春街"}]}
NUMBER = "139 0000 0010"
E164 = "+8613900000010"


@pytest.fixture(autouse=True)
def understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa, "understand", lambda words: {"text": words, **LAMP})


def written(actor: Actor, words: str = "恒春街路灯不亮，晚上太黑了", number: str = NUMBER, client_id: str = "call-0001",
            **more: Any) -> Handoff:
    call = Call(words, number, more.pop("name", "陈阿姨"), **more)
    heard = calls.hear(words)
    with transaction() as session:
        return calls.begin(session, actor, call, heard, client_id)


def ticket_for(actor: Actor, handoff: Handoff) -> Ticket:
    form = desk.TicketForm("streetlight-out", "complaint", "路灯不亮", "恒春街", on_record=True)
    with transaction() as session:
        return desk.open_ticket(session, handoff.id, actor, form, "ticket-01")


def messages(conversation: str) -> list[Message]:
    with reading() as session:
        return list(session.scalars(select(Message).where(Message.conversation_id == conversation).order_by(Message.seq)))


def count(model: Any) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_call_is_stored_once_and_held_by_who_wrote_it(operators: Desk) -> None:
    lin, _ = operators
    first, again = written(lin), written(lin)
    assert first.id == again.id and count(Conversation) == 1 and count(Message) == 1
    with reading() as session:
        call = session.get_one(Conversation, first.conversation_id)
        handoff = session.get_one(Handoff, first.id)
    assert (call.channel, call.phone, call.display_name) == ("phone", E164, "陈阿姨")
    assert (handoff.state, handoff.holder, handoff.item) == ("active", lin.id, "streetlight-out")
    said = messages(call.id)[0]
    assert (said.sender, said.state, said.delivery) == ("citizen", "handled", None)
    assert said.understanding and said.understanding["item"] == "streetlight-out"


def test_the_forms_begin_with_what_the_caller_said(operators: Desk) -> None:
    handoff = written(operators[0], item="manhole-missing")
    with reading() as session:
        draft = desk.prefilled(session, session.get_one(Conversation, handoff.conversation_id), handoff)
    assert draft.item == "manhole-missing", "the operator's choice goes before the model's"
    assert (draft.reach().phone, draft.reach().name) == (E164, "陈阿姨")
    assert draft.description == "恒春街路灯不亮，晚上太黑了" and draft.where().text == "恒春街"


def test_a_withheld_number_is_allowed_and_a_wrong_one_is_not(operators: Desk) -> None:
    handoff = written(operators[0], number="")
    with reading() as session:
        assert session.get_one(Conversation, handoff.conversation_id).phone == ""
    with pytest.raises(BadInput) as wrong:
        written(operators[0], number="12345", client_id="call-0002")
    assert wrong.value.key == "form.bad_phone"
    with pytest.raises(BadInput):
        written(operators[0], words="  ", client_id="call-0003")
    with pytest.raises(NotAllowed):
        written(HANDLER, client_id="call-0004")
    assert count(Conversation) == 1


def test_nothing_is_delivered_to_a_telephone(operators: Desk) -> None:
    lin, zhou = operators
    handoff = written(lin)
    ticket_for(lin, handoff)
    with transaction() as session:
        presence.choose(session, zhou, "on")
        session.get_one(Account, zhou.account_id).last_seen_at = now()
        transfers.to_operator(session, handoff.id, lin, zhou.account_id or 0)
    for refused in (lambda s: handoffs.reply(s, handoff.id, zhou, "您好"), lambda s: handoffs.give_back(s, handoff.id, zhou),
                    lambda s: transfers.to_team(s, handoff.id, zhou, "any")):
        with pytest.raises((Conflict, BadInput)), transaction() as session:
            refused(session)
    with transaction() as session:
        calls.finish(session, handoff.id, zhou, "ticket")
    outgoing = [m for m in messages(handoff.conversation_id) if m.sender != "citizen"]
    assert [m.sender for m in outgoing] == ["operator"], "what was read out stays, the bot says nothing"
    assert all(m.delivery is None for m in outgoing)


def test_a_call_never_waits(operators: Desk) -> None:
    lin, _ = operators
    handoff = written(lin)
    with transaction() as session:
        session.get_one(Account, lin.account_id).last_seen_at = now() - timedelta(hours=1)
    with transaction() as session:
        presence.requeue_vanished(session)
        handoffs.release_all_of(session, lin.account_id or 0, "clock")
    with reading() as session:
        assert session.get_one(Handoff, handoff.id).state == "active"
        assert session.get_one(Handoff, handoff.id).offered_to is None


def test_it_ends_only_with_an_outcome(operators: Desk) -> None:
    handoff = written(operators[0])
    with pytest.raises(BadInput), transaction() as session:
        calls.finish(session, handoff.id, operators[0], "")
    with transaction() as session:
        assert calls.finish(session, handoff.id, operators[0], "explained").outcome == "explained"


def test_without_the_model_the_emergency_words_still_count(operators: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(words: str) -> dict[str, Any]:
        raise BrainDown("brain.down", why="away")

    monkeypatch.setattr(rasa, "understand", away)
    heard = calls.hear("我家煤气漏了，味道很大")
    assert heard.away and heard.understanding.emergency
    handoff = written(operators[0], "我家煤气漏了，味道很大")
    assert handoff.emergency == heard.understanding.emergency and handoff.item == ""


def test_what_she_answered_stands_beside_the_words(operators: Desk) -> None:
    lin, _ = operators
    handoff = written(lin, answer="由城管负责，咨询电话 12319。")
    assert [(m.sender, m.text, m.account_id, m.delivery) for m in messages(handoff.conversation_id)] == [
        ("citizen", "恒春街路灯不亮，晚上太黑了", None, None),
        ("operator", "由城管负责，咨询电话 12319。", lin.account_id, None)]


def test_what_can_be_read_out_at_once(operators: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "now", lambda: datetime(2026, 11, 25, 2, 0, tzinfo=UTC))  # a Wednesday, 10:00
    with reading() as session:
        lamp = calls.advice(session, "streetlight-out", "路灯不亮", "zh")
        card = calls.advice(session, "id-card-renewal", "换身份证", "en")
        near = calls.advice(session, "drain-unclogging", "我在恒春街，下水道堵了", "zh")
    assert "12319" in lamp and "household register" in card
    assert "西门" in near.split("，")[0] and "0574-" in near, "the caller's street is 西门's"
    with reading() as session, pytest.raises(NotFound):
        calls.advice(session, "no-such-item", "", "zh")


def test_history_by_number_and_the_look_is_written_down(operators: Desk) -> None:
    lin, zhou = operators
    ticket = ticket_for(lin, written(lin))
    other = written(lin, "我想找人通下水道", "138 0000 0099", "call-0002")
    for _ in range(2):
        with transaction() as session:
            past = calls.history(session, zhou, E164)
    assert [p.what for p in past].count("call") == 1
    assert [p.ticket for p in past if p.what == "ticket"] == [ticket.number]
    assert other.conversation_id not in {p.conversation for p in past}
    with transaction() as session:
        assert calls.history(session, zhou, "+8613700000001") == []
        looks = session.execute(select(Change.subject, Change.subject_id, Change.actor)
                                .where(Change.what == "looked_at_number").order_by(Change.id)).all()
    assert [tuple(x) for x in looks] == [("conversation", past[0].conversation, zhou.id),
                                         ("number", "137****0001", zhou.id)]


def test_search_by_name_or_number(operators: Desk) -> None:
    lin, _ = operators
    mine = written(lin)
    with transaction() as session:
        for words, found in ((NUMBER, 1), ("阿姨", 1), ("13700000001", 0), ("%", 0), ("", 0)):
            assert len(calls.search(session, words, lin)) == found, words
        assert [h.id for _, h in calls.today(session, now() - timedelta(hours=1))] == [mine.id]


def answered(ticket: Ticket) -> None:
    with transaction() as session:
        row = session.get_one(Ticket, ticket.id)
        row.state, row.answer, row.answered_at = "answered", "灯已换好。", now()
        for part in row.assignments:
            part.state = "answered"


def test_an_answered_ticket_is_a_call_to_make(operators: Desk) -> None:
    lin, zhou = operators
    ticket = ticket_for(lin, written(lin))
    with reading() as session:
        assert callbacks.due(session, now()) == []
    answered(ticket)
    with reading() as session:
        [due] = callbacks.due(session, now())
    assert (due.number, due.answer, due.contact.phone) == (ticket.number, "灯已换好。", E164)
    with transaction() as session:
        assert callbacks.reach(session, zhou, "ticket", ticket.id).phone == E164
        callbacks.record(session, zhou, "ticket", ticket.id, solved=False, score=2, words="换了两天又坏了")
    with reading() as session:
        row = session.get_one(Ticket, ticket.id)
        assert (row.state, row.reopened, row.score, row.solved) == ("dispatched", 1, 2, False)
        query = select(Change.actor).where(Change.subject == "ticket", Change.what.in_(["rated", "reopened"]))
        assert list(session.scalars(query)) == [zhou.id, zhou.id], "who wrote it down, not the caller"
        assert not session.scalars(select(Handoff).where(Handoff.state == "waiting")).all()
        assert callbacks.due(session, now()) == []
    with pytest.raises(Conflict), transaction() as session:
        callbacks.record(session, lin, "ticket", ticket.id, solved=True)
    answered(ticket)
    with transaction() as session:
        callbacks.record(session, lin, "ticket", ticket.id, solved=True, score=5)
    with reading() as session:
        assert session.get_one(Ticket, ticket.id).state == "closed"


def test_a_due_referral_is_a_call_to_make(operators: Desk) -> None:
    lin, _ = operators
    handoff = written(lin)
    with transaction() as session:
        offer = session.scalars(select(Offer)).first()
        assert offer
        provider = session.get_one(Provider, offer.provider_id)
        sent = referrals.send(session, handoff.conversation_id, offer.item, provider, {}, lin.id)
    with reading() as session:
        assert callbacks.due(session, now()) == []
    with transaction() as session:
        assert referral_followups.ask(session, now() + timedelta(hours=25)) == 1
    assert len(messages(handoff.conversation_id)) == 1, "the bot asked a telephone"
    with reading() as session:
        [due] = callbacks.due(session, now() + timedelta(hours=25))
    assert due.provider and due.provider.id == provider.id
    with transaction() as session:
        callbacks.record(session, lin, "referral", sent.id, solved=True, score=4)
    with reading() as session:
        row = session.get_one(Referral, sent.id)
        assert (row.state, row.outcome, row.score) == ("closed", "solved", 4)
