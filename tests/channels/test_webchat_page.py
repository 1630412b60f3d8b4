"""The web page as a citizen uses it: writing, pressing, reading back."""

import io

from PIL import Image
from playwright.sync_api import expect

pytest_plugins = ["tests.support.chat_fixtures"]


def test_a_citizen_writes_and_is_answered(chat, hotline):
    expect(chat.page.get_by_role("heading", name="您好，我是一拨灵")).to_be_visible()
    expect(chat.page.locator(".examples button")).to_have_count(6)
    chat.say("水管坏了")
    chat.hears("西门街道附近")
    assert [post["text"] for post in hotline.posts] == ["水管坏了"]
    expect(chat.page.locator(".examples")).to_have_count(0)
    expect(chat.words).to_have_value("")


def test_an_example_is_sent_when_pressed(chat, hotline):
    chat.page.locator(".examples button").nth(3).click()
    chat.hears("收到：身份证丢了怎么补办")
    assert len(hotline.posts) == 1


def test_a_button_sends_its_choice_and_its_question_is_closed(chat, hotline):
    chat.say("哪个街道")
    chat.press("西门街道")
    chat.hears("西门街道附近")
    assert hotline.posts[-1]["choice"] == "place:2"
    chosen = chat.page.locator("[data-choice='place:2']")
    expect(chosen).to_have_attribute("data-chosen", "已选")
    expect(chat.page.locator("[data-of=question] [data-choice^='place:'][aria-disabled=true]")).to_have_count(17)
    chat.page.locator("[data-choice='place:3']").click(force=True)
    assert len(hotline.posts) == 2, "an answered question takes no second answer"
    chat.page.reload()
    expect(chosen).to_have_attribute("data-chosen", "已选")


def test_of_several_providers_another_may_still_be_chosen(chat, hotline):
    chat.say("水管坏了")
    chat.press("选 示例·老周管道疏通")
    chat.hears("请直接打电话约时间")
    call = chat.sees(".card.contact a.call")
    expect(call).to_have_attribute("href", "tel:057487000011")
    chat.press("选 示例·阿强疏通")
    expect(chat.page.locator(".card.contact")).to_have_count(2)
    assert [post.get("choice") for post in hotline.posts] == [None, "provider:11:drain", "provider:13:drain"]


def test_a_button_that_is_no_longer_good_says_so(chat, hotline):
    chat.say("哪个街道")
    chat.hears("请问在哪个街道")
    hotline.failures = [422]
    chat.press("西门街道")
    expect(chat.page.locator(".problem")).to_contain_text("没有发出去：服务器暂时不行")
    chat.press("不发了")
    expect(chat.page.locator(".problem")).to_have_count(0)
    expect(chat.page.locator("[data-choice='place:2']")).not_to_have_attribute("aria-disabled", "true")


def test_an_emergency_cannot_be_overlooked(chat):
    chat.say("着火了")
    card = chat.sees(".card.emergency")
    expect(card.locator("a.call")).to_have_attribute("href", "tel:119")
    expect(chat.page.locator("#alarm")).to_have_text("紧急情况：火灾。请拨打 119。")
    for number in ("110", "119", "120"):
        expect(chat.page.locator(f".urgent a[href='tel:{number}']")).to_be_visible()
    expect(chat.log.locator(".says a[href='tel:120']")).to_be_visible()


def test_the_number_to_call_is_in_view_even_in_large_text_on_a_small_phone(chat):
    chat.page.set_viewport_size({"width": 360, "height": 560})
    chat.page.get_by_role("button", name="大字").click()
    for words in ("哪个街道", "水管坏了", "着火了"):
        chat.say(words)
        chat.page.wait_for_timeout(300)
    expect(chat.page.locator(".call.now")).to_be_in_viewport(ratio=1)


def test_a_person_is_one_press_away(chat, hotline):
    chat.page.get_by_role("button", name="找人工").click()
    chat.hears("收到：转人工")
    chat.page.get_by_role("button", name="找人工").click()
    assert len(hotline.posts) == 1, "pressing twice in a hurry asks once"


def test_enter_sends_but_not_while_an_input_method_is_choosing(chat, hotline):
    chat.words.fill("xi men")
    for facts in ({"isComposing": True}, {"keyCode": 229}):
        chat.words.evaluate("(box, f) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ...f}))", facts)
    keyboard = chat.page.context.new_cdp_session(chat.page)
    keyboard.send("Input.imeSetComposition", {"text": "西门", "selectionStart": 2, "selectionEnd": 2})
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 229})
    keyboard.send("Input.insertText", {"text": "西门"})
    chat.words.press("Shift+Enter")
    chat.words.press_sequentially("二楼")
    assert hotline.posts == []
    chat.words.press("Enter")
    chat.hears("收到")
    assert [post["text"] for post in hotline.posts] == ["xi men西门\n二楼"]


def test_what_was_said_and_what_was_being_written_outlive_a_reload(chat):
    chat.say("水管坏了")
    chat.hears("西门街道附近")
    chat.words.fill("我家在")
    before = chat.said()
    chat.page.reload()
    chat.hears("西门街道附近")
    assert chat.said() == before == ["我：水管坏了", "西门街道附近能通下水道的，现在营业的有这三家："]
    expect(chat.words).to_have_value("我家在")


def test_text_is_never_html_and_long_words_wrap(chat):
    chat.say("链接 <img src=x onerror=alert(1)>" + "Y" * 300)
    heard = chat.hears("不是粗体")
    assert heard.locator("b, img").count() == 0
    links = heard.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert links == ["https://example.org/a?b=1", "tel:12345"]
    assert chat.log.locator(".citizen .words img, .citizen .words a").count() == 0
    assert chat.log.evaluate("log => log.scrollWidth <= log.clientWidth")


def test_a_big_photo_is_made_small_before_it_travels(chat, hotline):
    picture = io.BytesIO()
    Image.new("RGB", (3200, 2400), (90, 120, 140)).save(picture, "PNG")
    chat.page.set_input_files("#file", {"name": "漏水.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    expect(chat.page.locator("#attached")).to_contain_text("照片已选好")
    chat.say("漏成这样")
    chat.hears("收到：漏成这样")
    assert hotline.posts[0]["text"] == "漏成这样"
    sent = Image.open(io.BytesIO(hotline.conversations["1"]["photo0"]))
    assert (sent.format, sent.size) == ("JPEG", (1600, 1200))
    chat.page.reload()
    expect(chat.page.locator(".photo canvas")).to_be_visible()


def test_a_document_is_named_and_opened_with_a_link(chat, hotline):
    chat.say("有没有办理指南")
    chat.hears("承办单位发来的文件")
    link = chat.page.get_by_role("link", name="老小区加装电梯办理指南.pdf")
    expect(link).to_contain_text("PDF · 121 KB")
    hotline.conversations["1"]["guide"] = b"%PDF-1.4"
    with chat.page.expect_download() as loading:
        link.click()
    assert loading.value.suggested_filename == "老小区加装电梯办理指南.pdf"
    with open(loading.value.path(), "rb") as file:
        assert file.read() == b"%PDF-1.4"


def test_the_place_is_sent_or_the_reason_told(chat, hotline):
    chat.page.get_by_role("button", name="位置").click()
    expect(chat.page.locator("#notice")).to_contain_text("没有允许这个网页使用位置")
    chat.page.context.grant_permissions(["geolocation"])
    chat.page.context.set_geolocation({"latitude": 29.8641, "longitude": 121.5377, "accuracy": 20})
    chat.page.get_by_role("button", name="位置").click()
    chat.hears("西门街道附近")
    assert hotline.posts[-1]["location"] == {"lat": 29.8641, "lon": 121.5377}
    chat.page.context.set_geolocation({"latitude": 29.8, "longitude": 121.5, "accuracy": 5200})
    chat.page.wait_for_timeout(50)
    chat.page.evaluate("navigator.geolocation.getCurrentPosition(() => {}, () => {}, {maximumAge: 0})")
    chat.page.get_by_role("button", name="位置").click()
    expect(chat.page.locator("#notice")).to_contain_text("大约 5 公里")
    chat.press("不发，我来打字")
    assert len(hotline.posts) == 1


def test_too_much_at_once_is_told_before_it_is_sent(chat, hotline):
    chat.words.fill("长" * 3700)
    expect(chat.page.locator("#count")).to_have_text("还能写 300 个字")
    chat.say("长" * 4010)
    expect(chat.page.locator("#count")).to_contain_text("多了 10 个字")
    assert hotline.posts == []
    chat.say("😀" * 4000)
    chat.hears("收到")


def test_the_language_is_the_citizens(chat, hotline):
    chat.say("你好")
    chat.hears("收到")
    chat.page.get_by_role("button", name="English").click()
    expect(chat.page.locator("html")).to_have_attribute("lang", "en")
    expect(chat.page.get_by_role("button", name="Operator")).to_be_visible()
    expect(chat.page.get_by_role("button", name="中文")).to_be_visible()
    chat.page.reload()
    expect(chat.page.get_by_role("button", name="Operator")).to_be_visible()
    assert hotline.conversations["1"]["language"] == "en"


def test_both_languages_say_everything(chat):
    texts = chat.page.evaluate("import('/static/chat/texts.js').then(m => m.TEXTS)")
    assert texts["zh"].keys() == texts["en"].keys()
    assert all(words.strip() for language in texts.values() for words in language.values())
    used = chat.page.locator("[data-text]").evaluate_all("all => all.map(n => n.dataset.text)")
    assert set(used) <= texts["zh"].keys()


def test_large_text_is_remembered(chat):
    chat.page.get_by_role("button", name="大字").click()
    chat.page.reload()
    expect(chat.page.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "true")
    assert chat.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") > 24


def test_it_can_be_used_on_a_small_phone_by_finger_and_by_ear(chat):
    chat.say("哪个街道")
    chat.press("西门街道")
    chat.hears("西门街道附近")
    expect(chat.page.get_by_role("log", name="对话")).to_have_attribute("aria-live", "polite")
    expect(chat.page.get_by_role("textbox", name="请写下您的事情")).to_be_visible()
    for size in ({"width": 360, "height": 640}, {"width": 195, "height": 422}):  # the second: 200 % on the first
        chat.page.set_viewport_size(size)
        for large in (False, True):
            chat.page.evaluate("large => document.documentElement.classList.toggle('large', large)", large)
            assert chat.page.evaluate("document.documentElement.scrollWidth") == size["width"]
            assert chat.page.evaluate(TOO_SMALL) == []


TOO_SMALL = """Array.from(document.querySelectorAll('button, textarea, .urgent a, a.call'))
    .filter(n => n.offsetParent && !n.classList.contains('link'))
    .map(n => [n.textContent, n.getBoundingClientRect()])
    .filter(([, box]) => box.width < 44 || box.height < 44).map(([words]) => words)"""


def test_a_shared_computer_can_be_cleared(chat, hotline):
    chat.say("私事")
    chat.hears("收到：私事")
    chat.press("清除这台设备上的对话")
    chat.press("清除")
    expect(chat.log).not_to_contain_text("私事")
    expect(chat.page.locator(".examples")).to_be_visible()
    chat.page.reload()
    expect(chat.page.locator(".examples")).to_be_visible()
    assert chat.page.evaluate("Object.keys(localStorage)") == []
    chat.say("另一个人")
    chat.hears("收到：另一个人")
    assert list(hotline.conversations) == ["1", "2"]
