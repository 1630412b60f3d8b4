"""保密, and deleting one's data while a ticket is open."""

from sqlalchemy import select

from bot.services import drafts, privacy, ratings, requests, smalltalk
from bot.storage import Change, Message, reading, transaction
from tests.services.conftest import He, answered, ticket_of


def test_confidence_is_asked_for_with_the_matter(he: He) -> None:
    he.does(requests.begin, "恒春街路口井盖少了半拉，请给我保密", item="manhole-missing", kind="complaint")
    assert any("看不到您的姓名和电话" in m.text for m in he.heard())
    he.does(drafts.answer, "恒春街12号", act="inform")
    he.does(drafts.answer, "13900000010", act="inform")
    assert "（保密）" in he.last().text
    he.does(drafts.answer, "确认提交", act="affirm")
    from bot.services import tickets

    he.does(tickets.open_from_draft, "确认提交", act="affirm")
    assert ticket_of(he).confidential


def test_confidence_is_asked_for_in_the_form_and_taken_back(he: He) -> None:
    he.does(requests.begin, "恒春街路口井盖少了半拉，快十天了", item="manhole-missing", kind="complaint")
    step = he.does(privacy.answer, "不要让他们知道是我举报的", act="privacy")
    assert step and step.form == "ticket_form" and step.draft.reach().confidential and "保密" in he.last().text
    he.does(drafts.answer, "不用保密了", act="deny")
    assert not he.draft.reach().confidential


def test_confidence_is_asked_for_afterwards(he: He) -> None:
    number = he.files_a_ticket()
    he.does(privacy.answer, "不要让他们知道是我举报的", act="privacy")
    assert ticket_of(he).confidential and number in he.last().text and "只有热线能联系您" in he.last().text
    he.does(requests.declined, "不用保密了", act="deny")
    assert not ticket_of(he).confidential
    he.does(smalltalk.out_of_scope, "请给我保密", act="out_of_scope")
    assert ticket_of(he).confidential


def test_deleting_says_and_does_what_happens_to_an_open_ticket(he: He) -> None:
    number = he.files_a_ticket()
    he.does(privacy.answer, "删除我的资料", act="privacy")
    assert "1 件还在办" in he.last().text and "没法打电话找您" in he.last().text
    he.does(privacy.answer, "确认删除", act="privacy", choice="forget")
    ticket = ticket_of(he)
    assert (ticket.contact_name, ticket.contact_phone, ticket.anonymous) == ("", "", True)
    assert ticket.state == "dispatched" and "井盖" in ticket.description and "不带您的姓名电话接着办" in he.last().text
    answered(he, number)
    assert number in he.last().text and "井盖已更换" in he.last().text, "he still hears of it"


def test_once_it_has_ended_the_rest_goes(he: He) -> None:
    answered(he, he.files_a_ticket())
    he.does(ratings.rate, "5分，谢谢老王", act="rate")
    he.does(privacy.answer, "确认删除", act="privacy", choice="forget")
    ticket = ticket_of(he)
    assert "井盖" not in ticket.description and not ticket.place and "已删除" in he.last().text
    with reading() as session:
        said = session.scalars(select(Change.why).where(Change.subject == "ticket", Change.actor == "citizen")).all()
    assert set(said) == {""}


def test_what_was_deleted_is_not_delivered_in_the_morning(he: He) -> None:
    he.files_a_ticket()
    with transaction() as session:
        for message in session.scalars(select(Message).where(Message.sender == "bot")):
            message.delivery = "pending"
    he.does(privacy.answer, "确认删除", act="privacy", choice="forget")
    with reading() as session:
        assert session.scalars(select(Message).where(Message.delivery == "pending")).all() == []
