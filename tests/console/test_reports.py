"""Reports as supervisors and departments see them, and the page for everybody."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.calendar import LOCAL
from bot.services.reports import public
from bot.storage import now
from tests.console.conftest import Seat, words_of
from tests.support import past

Seats = Callable[[str], Seat]
Tickets = Callable[..., str]
PAGES = ("/console/reports", "/console/reports?span=today", "/console/reports?span=month", "/console/reports/hot",
         "/console/reports/ranking", "/console/reports/tickets?figure=late&span=days30")


@pytest.fixture(autouse=True)
def fresh() -> None:
    public.forget()


def yesterday() -> str:
    return f"{now().astimezone(LOCAL).date() - timedelta(days=1)}"


def test_who_may_open_what(seat: Seats, ticket: Tickets) -> None:
    past.fill(now())
    boss, zhou, wang = seat("zhaoqiang"), seat("zhoujianguo"), seat("wangfang")
    bulletin = f"/console/reports/bulletin/{yesterday()}"
    for path in PAGES:
        assert boss.page(path) and zhou.page(path) and seat("chenjing").page(path)
        assert wang.get(path).status_code == 403, path
    assert boss.page(bulletin) and zhou.get(bulletin).status_code == 403 and wang.get(bulletin).status_code == 403
    assert zhou.post(f"/console/api/reports/bulletin/{yesterday()}", text="我写的导语").status_code == 403
    assert 'href="/console/reports"' in boss.page("/console/tickets") and 'href="/console/reports"' in zhou.page("/console/tickets")
    assert 'href="/console/reports"' not in wang.page("/console/tickets")


def test_every_figure_says_how_it_is_counted_and_leads_to_its_tickets(seat: Seats) -> None:
    past.fill(now())
    boss = seat("zhaoqiang")
    html = boss.page("/console/reports?span=days30")
    tiles = re.split(r'<div class="tile(?: late)?">', html)[1:]
    assert len(tiles) == 12 and all("怎么算的" in tile and "<p class=\"small\">" in tile for tile in tiles)
    assert "没有打分的不算在内，不当作满意" in html and "没有表态的不算在内，不当作解决" in html
    shown = {figure: int(count) for count, figure in
             re.findall(r"<b>(\d+)</b> (收到|已答复|重办|被催办)", html.replace(",", ""))}
    for figure, code in (("收到", "received"), ("已答复", "answered"), ("重办", "reopened"), ("被催办", "urged")):
        listed, path = 0, f"/console/reports/tickets?span=days30&figure={code}"
        while path:
            page = boss.page(path)
            listed += page.count('<a class="ticket ')
            more = re.search(r'rel="next" href="([^"]+)"', page)
            path = more.group(1).replace("&amp;", "&") if more else ""
        assert listed == shown[figure] > 0, figure


def test_a_department_sees_its_own_and_nothing_of_others(seat: Seats) -> None:
    past.fill(now())
    yang = seat("yangxue")
    words = words_of(yang.page("/console/reports?span=days30&department=urban-management"))
    assert "区市场监督管理局" in words and "城管" not in words and "五分钟内有人接" not in words
    ranking = words_of(yang.page("/console/reports/ranking"))
    assert "区市场监督管理局" in ranking and "城管" not in ranking
    assert "urban-management" not in yang.get("/console/reports/figures.csv?span=days30&table=department").text


def test_no_personal_data_in_any_report(seat: Seats, ticket: Tickets) -> None:
    for n in range(3):
        ticket(description="油烟呛人", name="陈秀英", phone=f"+861390000001{n}", place={"lat": 29.87, "lon": 121.54})
    boss = seat("zhaoqiang")
    for path in (*PAGES[:5], f"/console/reports/bulletin/{now().astimezone(LOCAL).date()}", "/public"):
        page = boss.page(path)
        assert "陈秀英" not in page and "1390000001" not in page and "王芳" not in page, path


def test_groups_of_similar_tickets_lead_to_the_ticket_to_merge_into(seat: Seats, ticket: Tickets) -> None:
    numbers = [ticket(description=words, place={"lat": 29.87, "lon": 121.54}) for words in ("摊子占道", "又摆摊", "路边摊")]
    page = seat("zhaoqiang").page("/console/reports/hot")
    assert "3 人反映，3 件工单" in page and "同一事项，地点相近" in page
    assert all(f'href="/console/tickets/{number}"' in page for number in numbers)


@pytest.mark.parametrize("path", ["figures", "hot", "ranking", "bulletin/{day}"])
def test_tables_as_spreadsheets(path: str, seat: Seats) -> None:
    past.fill(now())
    boss = seat("zhaoqiang")
    at = f"/console/reports/{path.format(day=yesterday())}"
    table = boss.get(f"{at}.csv")
    assert table.content.startswith(b"\xef\xbb\xbf") and table.headers["content-type"].startswith("text/csv")
    book = boss.get(f"{at}.xlsx")
    assert zipfile.ZipFile(io.BytesIO(book.content)).testzip() is None and "attachment" in book.headers["content-disposition"]
    assert boss.get(f"{at}.csv?table=nothing").status_code == 404 or path == "ranking"
    assert boss.get(f"{at}.pdf").status_code in (404, 422)


def test_addresses_that_make_no_sense(seat: Seats) -> None:
    boss = seat("zhaoqiang")
    for path in ("?span=custom&first=soon", "?span=custom&first=2020-01-01&last=2026-01-01", "/bulletin/2026-99-99",
                 "/week/2026-47", "/ranking?month=nov", "/tickets?figure=secrets", "/tickets?figure=late&group=place"):
        assert boss.get(f"/console/reports{path}").status_code == 422, path
    assert boss.get("/console/reports/bulletin/2999-01-01").status_code == 404
    assert boss.get("/console/reports?span=for-ever").status_code == 200


def test_the_introduction_of_a_bulletin(seat: Seats) -> None:
    boss = seat("zhaoqiang")
    path = f"/console/api/reports/bulletin/{yesterday()}"
    assert boss.post(path, text="寒潮<来了>，报修增多。").json() == {"text": "寒潮<来了>，报修增多。"}
    assert "寒潮&lt;来了&gt;，报修增多。" in boss.page(f"/console/reports/bulletin/{yesterday()}")
    refused = boss.post(path, text="请回电 13900000010")
    assert refused.status_code == 422 and "13900000010" in refused.json()["error"]["message"]


def test_everybody_may_read_the_public_page(browser_client: Callable[[], Any], seat: Seats, ticket: Tickets) -> None:
    past.fill(now())
    number = ticket(state="closed", answer="已安排清运。", answered_at=now())
    boss = seat("zhaoqiang")
    body = {"question": "小区垃圾没人清怎么办？", "answer": "已安排清运，每天两次。"}
    assert boss.post(f"/console/api/tickets/{number}/publish", **body).status_code == 200
    stranger = browser_client()
    answer = stranger.get("/public")
    assert answer.status_code == 200 and "每天两次" in answer.text and answer.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in answer.headers and number not in answer.text
    assert "垃圾没人清" not in stranger.get("/public?q=路灯").text and "垃圾没人清" in stranger.get("/public?q=清运").text
    assert "What others asked" in stranger.get("/public?lang=en").text
    assert boss.post(f"/console/api/tickets/{number}/unpublish").json() == {"shown": False}
    assert "每天两次" not in stranger.get("/public").text


def test_only_supervisors_are_offered_to_publish(seat: Seats, ticket: Tickets) -> None:
    number = ticket(state="closed", answer="已清运。", answered_at=now())
    assert "data-publish" in seat("zhaoqiang").page(f"/console/tickets/{number}")
    for username in ("zhoujianguo", "wangfang"):
        other = seat(username)
        assert "data-publish" not in other.page(f"/console/tickets/{number}")
        for verb in ("publish", "publish/check", "unpublish"):
            body = {"question": "小区垃圾没人清", "answer": "已安排清运。"} if verb != "unpublish" else {}
            assert other.post(f"/console/api/tickets/{number}/{verb}", **body).status_code == 403
    confidential = ticket(state="closed", answer="已清运。", answered_at=now(), confidential=True)
    assert "要求保密的工单不能公开" in seat("zhaoqiang").page(f"/console/tickets/{confidential}")


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_the_editor_marks_personal_data_and_waits_for_a_reason(desk: Callable[..., Any], ticket: Tickets) -> None:
    from playwright.sync_api import expect

    number = ticket(state="closed", answer="已联系 13900000010 处理。", answered_at=now())
    page = desk("zhaoqiang")
    page.goto(page.url.split("/console")[0] + f"/console/tickets/{number}")
    page.locator("summary", has_text="公开这个问答").click()
    release = page.get_by_role("button", name="公开", exact=True)
    expect(page.locator("[data-finds] mark")).to_have_text("13900000010")
    expect(release).to_be_disabled()
    page.locator("[data-finds] input").fill("这是值班电话")
    expect(release).to_be_enabled()
    page.fill("#public-answer", "已处理，😀请放心。")
    expect(page.locator("[data-finds]")).to_contain_text("没有发现")
    page.fill("#public-question", "😀摊子占了盲道怎么办？电话 13900000011")
    expect(page.locator("[data-finds] mark")).to_have_text("13900000011")
    page.fill("#public-question", "摊子占了盲道怎么办？")
    expect(release).to_be_enabled()
    release.click()
    expect(page.locator("h2", has_text="已经公开")).to_be_visible()
    back = page.get_by_role("button", name="撤回公开")
    back.click()
    page.get_by_role("button", name="确定撤回？").click()
    expect(page.locator("h2", has_text="已经公开")).to_have_count(0)


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_charts_are_drawn_and_the_introduction_is_saved(desk: Callable[..., Any], account: Callable[[str], Any]) -> None:
    from playwright.sync_api import expect

    past.fill(now())
    page = desk("zhaoqiang")
    home = page.url.split("/console")[0]
    page.goto(f"{home}/console/reports?span=days30")
    page.wait_for_function("[...document.querySelectorAll('[data-chart]')].every((c) => window.Chart.getChart(c))")
    assert page.locator("[data-chart]").count() == 3
    page.goto(f"{home}/console/reports/bulletin/{yesterday()}")
    page.locator("summary", has_text="编辑导语").click()
    page.fill("#intro", "请看打桩扰民。")
    page.get_by_role("button", name="保存导语").click()
    expect(page.locator("[data-intro]")).to_have_text("请看打桩扰民。")
    page.reload()
    expect(page.locator("[data-intro]")).to_have_text("请看打桩扰民。")
