"""An admin exports what the hotline knows, changes it in a spreadsheet, looks at what would happen, and imports it."""

import csv
import io
import json
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.errors import BadInput, Conflict
from bot.services import catalogue, exchange, territories
from bot.services.sheets import guarded, read, unguarded, write
from bot.storage import (
    CannedReply,
    CatalogueRow,
    Change,
    Offer,
    Provider,
    Referral,
    Team,
    Territory,
    Unit,
    reading,
    transaction,
)
from tests.services.conftest import He
from tests.support.directory import put_back

ADMIN = "account:7"
VENDOR = "vendor-unclogging-01"


class UndoError(Exception):
    pass


@pytest.fixture
def session(deployment: str) -> Iterator[Session]:
    """A transaction that is taken back after the test: the seeded data stay as they are for the others."""
    try:
        with transaction() as open_session:
            yield open_session
            raise UndoError
    except UndoError:
        pass


def edited(content: bytes, *changes: tuple[str, str]) -> bytes:
    words = content.decode()
    for before, after in changes:
        assert before in words
        words = words.replace(before, after, 1)
    return words.encode()


def without(content: bytes, *starts: str) -> bytes:
    """The file without the lines that begin so."""
    return "".join(line for line in content.decode().splitlines(True) if not line.startswith(starts)).encode()


def reasons(plan: exchange.Plan) -> list[tuple[str, int, str]]:
    return [(p.file, p.line, p.key) for p in plan.problems]


@pytest.mark.parametrize("what", list(exchange.WHATS))
def test_what_was_exported_imports_as_nothing_to_do(session: Session, what: str) -> None:
    session.add(Team(code="night", name_zh="夜班", topics=[]))
    session.add(CannedReply(shortcut="你好", title="问候", text_zh="-您好，\r\n {citizen}，", text_en="=Hello", team="night"))
    session.flush()
    files = exchange.export(session, what)
    plan = exchange.plan(session, what, files, remove_missing=True)
    assert plan.empty and plan.unchanged > 0 and plan.counts()["missing"] == 0


@pytest.mark.parametrize("what", ["catalogue", "directory", "territories"])
def test_the_files_of_the_project_are_what_is_exported(session: Session, what: str) -> None:
    from bot.config import ROOT

    for name, content in exchange.export(session, what).items():
        ours = (ROOT / "data" / what / name).read_bytes().replace(b"\r\n", b"\n")
        assert sorted(content.splitlines()) == sorted(ours.splitlines())


def test_every_change_is_shown_field_by_field_and_then_made(session: Session) -> None:
    files = exchange.export(session, "directory")
    files["providers.csv"] = edited(files["providers.csv"], ("0574-00000001", "0574-87651234")) + (
        "vendor-new,vendor,王记疏通,,0574-87650000,haishu-nanmen,haishu-nanmen-02,车站路1号,29.86,121.53,"
        "MO-SU 08:00-18:00,,0,active,,0\n").encode()
    files["offers.csv"] += b"vendor-new,drain-unclogging,,80.0,,7\n"
    plan = exchange.plan(session, "directory", files)
    assert [(e.code, e.fields) for e in plan.changed] == [(VENDOR, [("phone", "0574-00000001", "0574-87651234")])]
    assert [(e.table, e.code, e.name) for e in plan.added] == [
        ("providers", "vendor-new", "王记疏通"), ("offers", "vendor-new / drain-unclogging", "")]
    assert session.get_one(Provider, VENDOR).phone == "0574-00000001", "planning changes nothing"
    exchange.apply(session, plan, ADMIN)
    session.expire_all()
    assert session.get_one(Provider, VENDOR).phone == "0574-87651234"
    assert session.get_one(Offer, ("vendor-new", "drain-unclogging")).price_from == 80
    notes = {(c.subject, c.subject_id, c.what): c.why for c in session.scalars(select(Change).where(Change.actor == ADMIN))}
    assert json.loads(notes["provider", VENDOR, "changed"]) == {"phone": ["0574-00000001", "0574-87651234"]}
    assert ("provider", "vendor-new", "created") in notes
    assert json.loads(notes["exchange", "directory", "imported"])["added"] == 2


def test_an_item_changed_by_import_is_known_as_soon_as_it_is_committed(deployment: str) -> None:
    assert catalogue.catalogue().items["drain-unclogging"].name_zh != "疏通管道"
    with put_back():
        with transaction() as session:
            files = exchange.export(session, "catalogue")
            old = catalogue.catalogue().items["drain-unclogging"].name_zh
            changed = edited(files["life_services.csv"], (f",{old},", ",疏通管道,"))
            exchange.apply(session, exchange.plan(session, "catalogue", {"life_services.csv": changed}), ADMIN)
            assert catalogue.catalogue().items["drain-unclogging"].name_zh == old, "nobody sees what is not committed"
        assert catalogue.catalogue().items["drain-unclogging"].name_zh == "疏通管道"
        with transaction() as session:
            street = edited(exchange.export(session, "territories")["haishu.csv"], ("南门街道", "南门新街道"))
            exchange.apply(session, exchange.plan(session, "territories", {"x.csv": street}), ADMIN)
        assert territories.name_of("haishu-nanmen") == "南门新街道"


def with_semicolons(content: bytes) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(csv.reader(io.StringIO(content.decode())))
    return out.getvalue().encode()


@pytest.mark.parametrize("disguise", [
    pytest.param(lambda c: b"\xef\xbb\xbf" + c, id="byte order mark"),
    pytest.param(lambda c: c.replace(b"\n", b"\r\n"), id="Windows line ends"),
    pytest.param(lambda c: c.decode().encode("gb18030"), id="as Excel saves it in China"),
    pytest.param(lambda c: c.decode().encode("utf-16"), id="Unicode text"),
    pytest.param(lambda c: c.rstrip(b"\n").replace(b"\n", b",,\n,,,,,,\n") + b",,", id="empty lines and columns"),
    pytest.param(with_semicolons, id="semicolons, as Excel writes them elsewhere"),
])
def test_files_may_come_as_spreadsheets_save_them(session: Session, disguise: Callable[[bytes], bytes]) -> None:
    content = exchange.export(session, "catalogue")["departments.csv"]
    plan = exchange.plan(session, "catalogue", {"Departments (1).csv": disguise(content)})
    assert (plan.problems, plan.edits, plan.unchanged) == ([], [], 24)


@pytest.mark.parametrize(("content", "line", "key"), [
    (b"", 0, "exchange.empty"),
    (b"\xef\xbb\xbf\r\n", 0, "exchange.empty"),
    (b"PK\x03\x04xlsx", 0, "exchange.workbook"),
    ("code,name_zh,name_en\nx,某局,X\n".encode(), 1, "exchange.columns_missing"),
    ("code,name_zh,name_en,remit_zh,hotline,fax\nx,某局,X,,,\n".encode(), 1, "exchange.columns_unknown"),
    (b"code,code,name_en,remit_zh,hotline,name_zh\n", 1, "exchange.column_twice"),
    ("code,name_zh,name_en,remit_zh,hotline\na,甲局,A,职责,\nb,乙局,B,职,责,\n".encode(), 3, "exchange.ragged"),
    ("code,name_zh,name_en,remit_zh,hotline\na,甲局,A,\"两行\n职责,\n".encode(), 2, "exchange.quotes"),
    ("code,name_zh,name_en,remit_zh,hotline\na,甲局，分局,A,职责在此,\nb,".encode() + b"\xff\xff,B,,\n", 3, "exchange.encoding"),
    ("code,name_zh,name_en,remit_zh,hotline\na,甲局,A,\"两行\n职责\",\na,乙局,B,,\n".encode(), 4, "exchange.twice"),
    (b"code,name_zh,name_en,remit_zh,hotline\na,,A,,\n", 2, "exchange.needed"),
    ("code,name_zh,name_en,remit_zh,hotline\n甲 局,甲局,A,,\n".encode(), 2, "exchange.bad_code"),
    ("code,name_zh,name_en,remit_zh,hotline\na,甲局,A,,1.39E+10\n".encode(), 2, "exchange.rounded"),
    ("code,name_zh,name_en,remit_zh,hotline\na,甲\x00局,A,,\n".encode(), 2, "exchange.unprintable"),
    (f"code,name_zh,name_en,remit_zh,hotline\n{'a' * 33},甲局,A,,\n".encode(), 2, "exchange.too_long"),
])
def test_a_file_that_cannot_be_used_is_told_with_its_line(session: Session, content: bytes, line: int, key: str) -> None:
    plan = exchange.plan(session, "catalogue", {"departments.csv": content}, remove_missing=True)
    assert ("departments.csv", line, key) in reasons(plan)
    for problem in plan.problems:
        assert problem.reason("zh") and problem.reason("en") and "{" not in problem.reason("zh")
    with pytest.raises(BadInput):
        exchange.apply(session, plan, ADMIN)


def test_cells_that_cannot_be_are_told_each(session: Session) -> None:
    head = exchange.export(session, "directory")["providers.csv"].split(b"\n")[0].decode()
    rows = [
        "p1,shop,甲,,,haishu-nanmen,,,29.8,121.5,,,0,active,,0",
        "p2,vendor,乙,,,haishu-nanmen,,,abc,121.5,,,0,active,,0",
        "p3,vendor,丙,,,haishu-nanmen,,,99.8,121.5,,,0,active,,0",
        "p4,vendor,丁,,,haishu-nanmen,,,29.8,121.5,周一到周五,,0,active,,0",
        "p5,vendor,戊,,,haishu-nowhere,,,29.8,121.5,,,0,active,,0",
        "p6,vendor,己,,,haishu-nanmen,haishu-ximen-01,,29.8,121.5,,,0,active,,0",
        "p7,vendor," + "庚" * 81 + ",,,haishu-nanmen,,,29.8,121.5,,,0,active,,0",
        "p8,vendor,辛,,,haishu-nanmen,,,29.8,nan,,,3.5,active,,yes",
    ]
    plan = exchange.plan(session, "directory", {"providers.csv": "\n".join([head, *rows]).encode()})
    assert [(line, key.removeprefix("exchange.")) for _, line, key in reasons(plan)] == [
        (2, "bad_choice"), (3, "not_a_number"), (4, "out_of_range"), (5, "hours.unreadable"), (8, "too_long"),
        (9, "not_a_number"), (9, "not_a_number"), (9, "bad_choice"), (6, "unknown"), (7, "not_in_street")]


def test_what_rows_name_must_be_there(session: Session) -> None:
    files = exchange.export(session, "catalogue")
    files["government_services.csv"] = edited(files["government_services.csv"], (",public-security,", ",secret-police,"))
    files["guides.csv"] += b"no-such-item,,,,,,\n"
    files["life_services.csv"] += "household-move,housekeeping,搬户口,Move,market,,\n".encode()
    files["ambiguities.csv"] += "保姆,要哪种？,Which?,hourly-domestic-helper|live-in-housekeeper\n".encode()
    plan = exchange.plan(session, "catalogue", files)
    assert {(file, key.removeprefix("exchange.")) for file, _, key in reasons(plan)} == {
        ("government_services.csv", "unknown"), ("guides.csv", "unknown"), ("life_services.csv", "twice_items"),
        ("ambiguities.csv", "word_twice")}
    offers = exchange.export(session, "directory")["offers.csv"] + b"nobody,drain-unclogging,,,,5\nvendor-unclogging-01,fly-to-moon,,,,5\n"
    plan = exchange.plan(session, "directory", {"offers.csv": offers})
    assert [p.facts["code"] for p in plan.problems] == ["nobody", "fly-to-moon"]
    places = exchange.export(session, "territories")["haishu.csv"]
    places += "a,grid,haishu-nanmen,甲,,,29.8,121.5,\nb,street,nowhere,乙,,,29.8,121.5,\nc,street,,丙,,,29.8,121.5,\n".encode()
    plan = exchange.plan(session, "territories", {"haishu.csv": places})
    assert [p.key.removeprefix("exchange.") for p in plan.problems] == ["bad_parent", "unknown", "bad_parent"]


def test_rows_of_one_import_may_name_each_other(session: Session) -> None:
    files = exchange.export(session, "catalogue")
    new = {
        "departments.csv": files["departments.csv"] + "new-office,新办公室,New Office,,\n".encode(),
        "government_services.csv": files["government_services.csv"]
        + "new-matter,new-office,新事项,New matter,consult|help,8,new-office,\n".encode(),
    }
    plan = exchange.plan(session, "catalogue", new)
    assert plan.problems == [] and len(plan.added) == 2
    exchange.apply(session, plan, ADMIN)
    stored = session.get_one(CatalogueRow, ("government_services", "new-matter"))
    assert stored.position == 324 and json.loads(stored.values)["department"] == "new-office"
    assert catalogue.build(catalogue._by_table(session.scalars(select(CatalogueRow)))).items["new-matter"].sla_hours == 8


def test_missing_rows_are_reported_and_removed_only_when_that_is_wanted(session: Session) -> None:
    files = exchange.export(session, "directory")
    fewer = {"providers.csv": without(files["providers.csv"], VENDOR), "offers.csv": without(files["offers.csv"], VENDOR)}
    plan = exchange.plan(session, "directory", fewer)
    assert plan.empty and [e.code for e in plan.missing if e.table == "providers"] == [VENDOR]
    exchange.apply(session, plan, ADMIN)
    assert not session.get_one(Provider, VENDOR).removed
    plan = exchange.plan(session, "directory", fewer, remove_missing=True)
    assert plan.problems == [] and {e.table for e in plan.removed} == {"providers", "offers"}
    exchange.apply(session, plan, ADMIN)
    session.expire_all()
    assert session.get_one(Provider, VENDOR).removed, "kept, out of sight: referrals are about it"
    assert session.scalars(select(Offer).where(Offer.provider_id == VENDOR)).all() == []
    assert VENDOR.encode() not in exchange.export(session, "directory")["providers.csv"]
    plan = exchange.plan(session, "directory", files)
    assert VENDOR in [e.code for e in plan.added], "in the file again, there again"
    exchange.apply(session, plan, ADMIN)
    session.expire_all()
    assert not session.get_one(Provider, VENDOR).removed
    assert "restored" in [c.what for c in session.scalars(select(Change).where(Change.subject_id == VENDOR))]


def test_what_is_still_used_cannot_be_removed(session: Session) -> None:
    files = exchange.export(session, "catalogue")
    fewer = {
        "life_services.csv": without(files["life_services.csv"], "drain-unclogging,"),
        "departments.csv": without(files["departments.csv"], "public-security,"),
        "emergencies.csv": without(files["emergencies.csv"], "gas-leak,"),
    }
    plan = exchange.plan(session, "catalogue", fewer, remove_missing=True)
    told = {(p.key.removeprefix("exchange."), p.facts["code"], p.facts.get("file")) for p in plan.problems}
    assert ("used_in_file", "drain-unclogging", "offers.csv") in told
    assert ("used_in_file", "public-security", "government_services.csv") in told
    assert ("not_removable", "gas-leak", None) in told
    street = without(exchange.export(session, "territories")["haishu.csv"], "haishu-ximen")
    plan = exchange.plan(session, "territories", {"haishu.csv": street}, remove_missing=True)
    assert {p.facts["file"] for p in plan.problems} == {"providers.csv", "haishu.csv"}, "units are responsible there"


def test_a_vendor_with_an_open_referral_and_an_item_with_an_open_ticket_stay(he: He) -> None:
    from bot.storage import now

    number = he.files_a_ticket(item="manhole-missing")
    message = he.sends("这家")
    with transaction() as session:
        session.add(Referral(conversation_id=he.id, chosen_by=message.id, item="drain-unclogging", provider_id=VENDOR,
                             follow_up_at=now()))
    assert number
    with reading() as session:
        files = exchange.export(session, "directory")
        fewer = {name: without(content, VENDOR) for name, content in files.items()}
        plan = exchange.plan(session, "directory", fewer, remove_missing=True)
        assert [(p.key, p.facts["count"]) for p in plan.problems] == [("exchange.used_by_referrals", 1)]
        services = without(exchange.export(session, "catalogue")["government_services.csv"], "manhole-missing,")
        plan = exchange.plan(session, "catalogue", {"government_services.csv": services}, remove_missing=True)
        assert ("exchange.used_by_tickets", 1) in [(p.key, p.facts.get("count")) for p in plan.problems]


def test_nothing_is_done_when_the_data_are_no_longer_those_of_the_plan(session: Session) -> None:
    files = exchange.export(session, "directory")
    files["providers.csv"] = edited(files["providers.csv"], ("0574-00000001", "0574-87651234"))
    plan = exchange.plan(session, "directory", files)
    session.execute(update(Provider).where(Provider.id == VENDOR).values(phone="0574-11112222"))
    with pytest.raises(Conflict):
        exchange.apply(session, plan, ADMIN)
    session.expire_all()
    assert session.get_one(Provider, VENDOR).phone == "0574-11112222"


def test_with_one_wrong_row_no_row_is_imported(deployment: str) -> None:
    with reading() as session:
        content = exchange.export(session, "territories")["haishu.csv"]
        wrong = edited(content, ("南门街道", "新街道")) + b"x,street,haishu,,,,29.8,121.5,\n"
        plan = exchange.plan(session, "territories", {"haishu.csv": wrong})
    assert len(plan.changed) == 1 and len(plan.problems) == 1
    with pytest.raises(BadInput), transaction() as session:
        exchange.apply(session, plan, ADMIN)
    with reading() as session:
        assert session.get_one(Territory, "haishu-nanmen").name_zh == "南门街道"
        assert session.scalars(select(Change).where(Change.actor == ADMIN)).all() == []


@pytest.mark.parametrize("value", ["=1+1", "+8613900000010", "-5", "@SUM(A1)", "'=1", "''+2", "＝1", "'", "'平常", "a=b", ""])
def test_no_cell_is_run_by_a_spreadsheet_and_none_is_changed_by_the_way(value: str) -> None:
    sent = guarded(value)
    assert not sent.startswith(("=", "+", "-", "@", "＝"))
    assert unguarded(sent) == value
    assert read("x.csv", write(("a", "b"), [{"a": value, "b": "x"}]), ("a", "b")).rows == [(2, {"a": value, "b": "x"})]


def test_canned_replies_are_read_with_their_variables_and_teams(session: Session) -> None:
    session.execute(insert(Team).values(code="night", name_zh="夜班", name_en="", topics=[], removed=False))
    content = ("shortcut,title,text_zh,text_en,team\n问好,问候,您好，{citizen},,night\n两 词,问候,您好,,\n"
               "再见,道别,{weather},,\n谢,谢谢,谢谢,,nobody\n").encode()
    plan = exchange.plan(session, "canned-replies", {"我的常用语.csv": content})
    assert [(p.line, p.key) for p in plan.problems] == [
        (3, "exchange.bad_shortcut"), (4, "entry.bad_braces"), (5, "exchange.unknown")]
    good = "\n".join(content.decode().splitlines()[:2]).encode()
    exchange.apply(session, exchange.plan(session, "canned-replies", {"x.csv": good}), ADMIN)
    assert session.scalars(select(CannedReply.text_zh)).all() == ["您好，{citizen}"]


def test_a_hundred_thousand_rows_are_planned_while_one_waits(session: Session) -> None:
    head = exchange.export(session, "territories")["haishu.csv"]
    rows = "".join(f"big-{n},community,haishu-nanmen,社区{n},,,29.86,121.53,小区{n}|新村{n}\n" for n in range(100_000))
    began = time.monotonic()
    plan = exchange.plan(session, "territories", {"haishu.csv": head + rows.encode() + b"big-7,grid,,x,,,1,1,\n"})
    assert len(plan.added) == 100_000 and reasons(plan) == [("haishu.csv", 100_686, "exchange.twice")]
    assert time.monotonic() - began < 30


def test_what_is_not_ours_is_refused(session: Session) -> None:
    with pytest.raises(BadInput):
        exchange.export(session, "passwords")
    assert [p.key for p in exchange.plan(session, "directory", {"prices.csv": b"a\n1\n"}).problems] == ["exchange.unknown_file"]
    assert [p.key for p in exchange.plan(session, "directory", {}).problems] == ["exchange.no_files"]


def test_units_go_out_and_come_back_and_name_what_exists(session: Session) -> None:
    files = exchange.export(session, "units")
    (name, content), = files.items()
    assert name == "haishu.csv" and content.count(b"\n") > 100
    assert not exchange.plan(session, "units", files).edits, "nothing to do for what was just exported"
    line = b"haishu-nanmen-squad,urban-management,haishu-nanmen,"
    wrong = content.replace(line, b"haishu-nanmen-squad,nobody,nowhere,", 1)
    problems = exchange.plan(session, "units", {name: wrong}).problems
    assert {p.facts["code"] for p in problems} == {"nobody", "nowhere"}
    moved = content.replace(line, b"haishu-nanmen-squad,urban-management,haishu-nanmen-01,", 1)
    exchange.apply(session, exchange.plan(session, "units", {name: moved}), ADMIN)
    assert session.get_one(Unit, "haishu-nanmen-squad").territory == "haishu-nanmen-01"
