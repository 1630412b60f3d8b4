"""What an operator does for a citizen: a ticket, a referral, a note, a correction; then back to the bot."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from bot.domain.access import Actor
from bot.domain.handoff import Reason
from bot.errors import BadInput, Conflict
from bot.services import desk, drafts, handoffs, privacy, requests
from bot.services.desk import TicketForm
from bot.storage import Conversation, Correction, Handoff, Message, Referral, StaffNote, Ticket, reading, transaction
from tests.services.conftest import HANDLER, He

FORM = TicketForm("streetlight-out", "help", "新典路口路灯三天不亮", "西门街道新典路12号", phone="13900000010", name="何")


@pytest.fixture
def number(he: He, operators: tuple[Actor, Actor]) -> Iterator[int]:
    he.does(requests.begin, "恒春街路灯不亮，晚上太黑了", item="streetlight-out", kind="complaint")
    with transaction() as session:
        session.get_one(Conversation, he.id).dialogue = {
            "slots": he.draft.to_slots(), "form": "ticket_form", "requested": "place"}
        made = handoffs.request(session, he.id, Reason.ASKED).id
    with transaction() as session:
        handoffs.claim(session, made, operators[0])
    yield made


def opened(number: int, actor: Actor, form: TicketForm = FORM, client_id: str = "t1") -> str:
    with transaction() as session:
        return desk.open_ticket(session, number, actor, form, client_id).number


def test_the_handoff_brings_what_is_known(number: int) -> None:
    with reading() as session:
        handoff = session.get_one(Handoff, number)
        assert handoff.item == "streetlight-out" and "恒春街" in handoff.brief["words"]
        known = desk.prefilled(session, session.get_one(Conversation, handoff.conversation_id), handoff)
        assert known.item == "streetlight-out" and "太黑" in known.description


def test_a_ticket_opens_once_is_told_and_the_bot_does_not_ask_again(
    he: He, operators: tuple[Actor, Actor], number: int
) -> None:
    lin, zhou = operators
    ticket = opened(number, lin)
    assert opened(number, lin) == ticket and ticket in he.last().text and he.last().sender == "operator"
    with pytest.raises(Conflict):
        opened(number, zhou)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1
        made = session.scalars(select(Ticket)).one()
        assert made.state == "dispatched" and made.contact_phone == "+8613900000010" and made.opened_by is None
        assert made.place["street"] == "haishu-ximen"
    with transaction() as session:
        handoffs.give_back(session, number, lin)
    with reading() as session:
        state = session.get_one(Conversation, he.id).dialogue
        assert state["form"] is None and not state["slots"]["item"]
    assert he.last().buttons == []


def test_what_is_missing_is_named(operators: tuple[Actor, Actor], number: int) -> None:
    for form, key in ((TicketForm("streetlight-out", "help", "", ""), "ticket.needs"),
                      (TicketForm("drain-unclogging", "help", "堵了", "家里"), "ticket.life_item"),
                      (TicketForm("streetlight-out", "help", "不亮", "路口", phone="123"), "form.bad_phone")):
        with pytest.raises(BadInput) as error:
            opened(number, operators[0], form, "")
        assert error.value.key == key


def test_a_referral_is_told_once_and_followed_up(he: He, operators: tuple[Actor, Actor], number: int) -> None:
    from bot.domain.place import Place
    from bot.services import directory

    with reading() as session:
        provider = directory.search(session, "drain-unclogging", Place(street="haishu-ximen"))[0].provider.id
    for _ in range(2):
        with transaction() as session:
            desk.refer(session, number, operators[0], "drain-unclogging", provider, "r1")
    with reading() as session:
        assert session.scalars(select(Referral)).one().follow_up_at is not None
    assert he.last().cards[0]["phone"] and he.last().sender == "operator"
    with pytest.raises(BadInput), transaction() as session:
        desk.refer(session, number, operators[0], "streetlight-out", provider, "r2")


def test_a_note_is_for_colleagues_only_and_goes_with_the_citizens_data(
    he: He, operators: tuple[Actor, Actor], number: int
) -> None:
    before = len(he.heard())
    with transaction() as session:
        desk.add_note(session, he.id, operators[0], "老人家，说话慢一点")
    with pytest.raises(BadInput), transaction() as session:
        desk.add_note(session, he.id, operators[0], " \x00 ")
    assert len(he.heard()) == before
    with transaction() as session:
        privacy.forget(session, he.id)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(StaffNote)) == 0
        assert session.get_one(Handoff, number).brief == {}


def test_a_correction_is_kept_for_training_and_the_bot_goes_on_with_it(
    he: He, operators: tuple[Actor, Actor], number: int
) -> None:
    with reading() as session:
        said = session.scalars(select(Message).where(Message.sender == "citizen").order_by(Message.id)).first()
    assert said is not None
    for item in ("manhole-missing", "drain-unclogging"):
        with transaction() as session:
            desk.correct(session, said.id, operators[0], item)
    with reading() as session:
        kept = session.scalars(select(Correction)).one()
        assert kept.right == "drain-unclogging"
    with transaction() as session:
        handoffs.give_back(session, number, operators[0])
    assert [b["id"] for b in he.last().buttons] == ["item:drain-unclogging"]


def test_a_form_left_twice_brings_a_person(he: He) -> None:
    for times in (1, 2):
        he.does(requests.begin, "恒春街路灯不亮，晚上太黑了", item="streetlight-out", kind="complaint")
        he.does(drafts.cancel, "算了", act="cancel")
        he.form = None
        with reading() as session:
            reasons = list(session.scalars(select(Handoff.reason).where(Handoff.conversation_id == he.id)))
        assert reasons == (["form"] if times == 2 else [])


def test_a_handler_of_a_department_does_none_of_it(number: int) -> None:
    from bot.errors import NotAllowed

    with pytest.raises(NotAllowed):
        opened(number, HANDLER)
