"""陈静, the admin, takes the directory home as CSV, brings it back changed, looks at the dry run, and lets it be done."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from bot.config import settings
from bot.services import exchange
from bot.services.exchange import kept
from bot.storage import Provider, reading, transaction
from tests.console.conftest import CAST, Seat, changes, words_of
from tests.support.directory import put_back

BASE = "/console/admin/exchange"
VENDOR = "vendor-unclogging-01"


@pytest.fixture
def admin(seat: Callable[[str], Seat]) -> Iterator[Seat]:
    """She at her browser; whatever she imports is put back afterwards."""
    with put_back():
        chenjing = seat("chenjing")
        chenjing.client.headers["Accept"] = "text/html"
        yield chenjing


def exported(what: str) -> dict[str, bytes]:
    with reading() as session:
        return exchange.export(session, what)


def send(seat: Seat, what: str, files: dict[str, bytes], csrf: str | None = None, **more: str) -> httpx.Response:
    form = {"what": what, "csrf": seat.csrf if csrf is None else csrf, **more}
    parts = [("files", (name, content, "text/csv")) for name, content in files.items()]
    return seat.client.post(BASE, data=form, files=parts)


def dry_run(seat: Seat, what: str, files: dict[str, bytes], **more: str) -> tuple[str, str]:
    """(address, page) of the dry run."""
    answer = send(seat, what, files, **more)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], seat.page(answer.headers["location"])


def confirm(seat: Seat, address: str, html: str) -> httpx.Response:
    digest = re.search(r'name="digest" value="(\w+)"', html)
    assert digest, "no button to confirm"
    return seat.client.post(address, data={"csrf": seat.csrf, "digest": digest.group(1)})


def with_phone(number: str) -> dict[str, bytes]:
    content = exported("directory")["providers.csv"]
    assert b"0574-00000001" in content
    return {"providers.csv": content.replace(b"0574-00000001", number.encode(), 1)}


def phone() -> str:
    with reading() as session:
        return session.get_one(Provider, VENDOR).phone


@pytest.mark.parametrize("who", ["wangfang", "zhaoqiang", "zhoujianguo"])
def test_only_admins_come_in(seat: Callable[[str], Seat], who: str) -> None:
    stranger = seat(who)
    for path in (BASE, f"{BASE}/directory.zip", f"{BASE}/directory/providers.csv", f"{BASE}/plans/{'0' * 32}"):
        assert stranger.get(path).status_code == 403
    assert send(stranger, "directory", with_phone("1")).status_code == 403
    assert BASE not in stranger.page("/console/tickets")


def test_files_are_downloaded_as_excel_reads_them_and_it_is_written_down(admin: Seat) -> None:
    answer = admin.get(f"{BASE}/directory/providers.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="providers.csv"'
    assert answer.content == b"\xef\xbb\xbf" + exported("directory")["providers.csv"]
    archive = zipfile.ZipFile(io.BytesIO(admin.get(f"{BASE}/catalogue.zip").content))
    assert sorted(archive.namelist()) == sorted(exported("catalogue"))
    assert changes("exchange") == [(admin.actor.id, "exported")] * 2
    assert admin.get(f"{BASE}/directory/passwords.csv").status_code == 404
    assert admin.get(f"{BASE}/passwords.zip").status_code == 422


def test_a_change_is_shown_then_confirmed_then_there(admin: Seat) -> None:
    address, html = dry_run(admin, "directory", with_phone("0574-87651234"))
    words = words_of(html)
    assert "1 行修改" in words and "0574-00000001 → 0574-87651234" in words
    assert phone() == "0574-00000001", "a dry run changes nothing"
    answer = confirm(admin, address, html)
    assert answer.status_code == 303
    assert "商家与志愿队已导入，共 1 行有变化" in words_of(admin.page(answer.headers["location"]))
    assert phone() == "0574-87651234"
    assert (admin.actor.id, "changed") in changes("provider")
    assert admin.get(address).status_code == 404, "an upload is used once"


def test_what_changed_meanwhile_is_shown_anew_instead_of_being_overwritten(admin: Seat) -> None:
    address, html = dry_run(admin, "directory", with_phone("0574-87651234"))
    with transaction() as session:
        session.execute(update(Provider).where(Provider.id == VENDOR).values(phone="0574-11112222"))
    answer = confirm(admin, address, html)
    assert answer.status_code == 409 and "预演之后数据又变了" in answer.text
    assert "0574-11112222 → 0574-87651234" in words_of(answer.text)
    assert phone() == "0574-11112222"
    assert confirm(admin, address, answer.text).status_code == 303
    assert phone() == "0574-87651234"


def test_problems_are_listed_with_their_line_and_leave_nothing_to_confirm(admin: Seat) -> None:
    files = with_phone("0574-87651234")
    files["providers.csv"] += "neu,vendor,,,,haishu-nowhere,,,abc,121.5,,,0,active,,0\n".encode("gb18030")
    address, html = dry_run(admin, "directory", files)
    words = words_of(html)
    assert "第 1432 行" in words and "name_zh 不能空着" in words and "lat 应是数字，却是“abc”" in words
    assert "digest" not in html
    assert admin.client.post(address, data={"csrf": admin.csrf, "digest": ""}).status_code == 409
    assert phone() == "0574-00000001"


def test_a_whole_file_of_problems_shows_the_first_two_hundred(admin: Seat) -> None:
    head = exported("territories")["haishu.csv"].split(b"\n")[0]
    rows = b"".join(b"\nx%d,grid,nowhere,,,,1,1," % n for n in range(900))
    _, html = dry_run(admin, "territories", {"我的属地.csv": head + rows})
    assert "共 900 行，这里列出前 200 行" in words_of(html) and html.count("name_zh 不能空着") == 200


def test_rows_are_removed_only_where_the_box_was_ticked(admin: Seat) -> None:
    fewer = {name: b"".join(line for line in content.splitlines(True) if not line.startswith(VENDOR.encode()))
             for name, content in exported("directory").items()}
    _, html = dry_run(admin, "directory", fewer)
    assert "没有要改的" in html and "行会原样保留" in html and "digest" not in html
    address, html = dry_run(admin, "directory", fewer, remove_missing="true")
    assert confirm(admin, address, html).status_code == 303
    with reading() as session:
        assert session.get_one(Provider, VENDOR).removed


def test_a_forged_form_changes_nothing(admin: Seat) -> None:
    assert send(admin, "directory", with_phone("1"), csrf="forged").status_code == 403
    address, html = dry_run(admin, "directory", with_phone("0574-87651234"))
    digest = re.search(r'name="digest" value="(\w+)"', html)
    assert digest
    assert admin.client.post(address, data={"csrf": "forged", "digest": digest.group(1)}).status_code == 403
    assert phone() == "0574-00000001"


def test_what_cannot_be_taken_is_told_on_the_form(admin: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = send(admin, "directory", {})
    assert answer.status_code == 422 and "请选择要导入的文件" in answer.text and "<form" in answer.text
    assert send(admin, "passwords", {"x.csv": b"a"}).status_code == 422
    monkeypatch.setattr(settings(), "upload_limit_bytes", 1000)
    assert "文件太大" in send(admin, "directory", {"a.csv": b"x" * 600, "b.csv": b"x" * 600}).text
    answer = send(admin, "directory", {"a.csv": b"x" * 200_000})
    assert answer.status_code == 422 and "文件太大" in answer.text
    assert 'name="files"' not in answer.text, "refused by its length, before it was read"


def test_an_upload_belongs_to_who_sent_it_and_expires(
    admin: Seat, seat: Callable[[str], Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    CAST.setdefault("heping", ("admin", "何平", ""))
    address, _ = dry_run(admin, "directory", with_phone("0574-87651234"))
    assert seat("heping").get(address).status_code == 404
    assert admin.get(f"{BASE}/plans/..%2f..%2fhotline").status_code == 404
    monkeypatch.setattr(kept, "KEPT_SECONDS", -1)
    assert admin.get(address).status_code == 404
    dry = send(admin, "directory", with_phone("2"))
    assert dry.status_code == 303 and len(list((settings().var / "exchange").glob("*.zip"))) == 1


def test_two_files_of_one_name_are_both_read(admin: Seat) -> None:
    head = exported("territories")["haishu.csv"].split(b"\n")[0]
    row = "\nneu-{n},street,haishu,新街{n},,,29.8,121.5,"
    parts = [("files", ("a.csv", head + row.format(n=n).encode(), "text/csv")) for n in (1, 2)]
    answer = admin.client.post(BASE, data={"what": "territories", "csrf": admin.csrf}, files=parts)
    words = words_of(admin.page(answer.headers["location"]))
    assert "2 行新增" in words and "新街1" in words and "新街2" in words


def test_every_word_is_there_in_english(admin: Seat) -> None:
    admin.client.cookies.set("hotline_lang", "en")
    assert "Import and export" in admin.page(BASE)
    _, html = dry_run(admin, "directory", with_phone("0574-87651234"))
    assert "Import (1)" in words_of(html) and "1 changed" in words_of(html)


def test_she_does_it_in_her_browser(desk: Callable[..., Any], account: Callable[[str], Any], address: str, tmp_path: Any) -> None:
    from playwright.sync_api import expect

    with put_back():
        page = desk("chenjing")
        page.goto(f"{address}{BASE}")
        file = tmp_path / "providers.csv"
        file.write_bytes(with_phone("0574-87651234")["providers.csv"].decode().encode("gb18030"))
        page.get_by_label("商家与志愿队").check()
        page.get_by_label("CSV 文件").set_input_files(str(file))
        page.get_by_role("button", name="预演").click()
        expect(page.locator(".fields ins")).to_have_text("0574-87651234")
        page.get_by_role("button", name="确认导入").click()
        expect(page.locator(".done-note")).to_contain_text("共 1 行有变化")
        assert phone() == "0574-87651234"
