"""The web page on a bad network: nothing written is lost or sent twice, nothing the hotline said is missed."""

import time

from playwright.sync_api import expect

pytest_plugins = ["tests.support.chat_fixtures"]


def wait_for(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def ids(hotline):
    return [post["client_message_id"] for post in hotline.posts]


def test_a_failing_server_is_tried_again_with_the_same_id(chat, hotline):
    hotline.failures = [503]
    chat.say("水管坏了")
    chat.hears("西门街道附近")
    assert len(hotline.posts) == 2
    assert len(set(ids(hotline))) == 1


def test_a_lost_answer_does_not_double_the_message(chat, hotline):
    hotline.failures = [0]
    chat.say("水管坏了")
    chat.hears("西门街道附近")
    wait_for(lambda: len(hotline.posts) == 2 or chat.page.locator(".retrying, .sending").count() == 0)
    assert chat.said() == ["我：水管坏了", "西门街道附近能通下水道的，现在营业的有这三家："]


def test_a_message_that_failed_for_good_waits_for_a_tap(chat, hotline):
    chat.page.clock.install()
    hotline.failures = [503] * 4
    chat.say("水管坏了")
    for attempt in (2, 3, 4):
        wait_for(lambda: chat.page.locator(".retrying").count() == 1)
        chat.page.clock.fast_forward(9000)
        wait_for(lambda n=attempt: len(hotline.posts) == n)
    expect(chat.page.locator(".problem")).to_contain_text("没有发出去")
    chat.press("重新发送")
    chat.hears("西门街道附近")
    assert len(hotline.posts) == 5
    assert len(set(ids(hotline))) == 1
    expect(chat.page.locator(".problem")).to_have_count(0)


def test_messages_leave_in_the_order_they_were_written(chat, hotline):
    hotline.failures = [503]
    chat.say("第一句")
    chat.say("第二句")
    chat.hears("收到：第二句")
    assert [message["text"] for message in hotline.conversations["1"]["messages"]] == [
        "第一句", "收到：第一句", "第二句", "收到：第二句"]


def test_too_fast_waits_and_goes_on(chat, hotline):
    hotline.failures = [429]
    chat.say("水管坏了")
    chat.hears("西门街道附近")
    assert len(set(ids(hotline))) == 1


def test_an_unsent_message_outlives_a_reload(chat, hotline):
    hotline.failures = [503]
    chat.say("水管坏了")
    expect(chat.page.locator(".retrying")).to_be_visible()
    chat.page.reload()
    chat.hears("西门街道附近")
    assert len(set(ids(hotline))) == 1
    assert chat.said()[0] == "我：水管坏了"


def test_without_events_the_page_polls(chat, hotline):
    hotline.events_work = False
    chat.say("水管坏了")
    chat.hears("西门街道附近")
    wait_for(lambda: any("wait=20" in call for call in hotline.calls))
    hotline.add("1", "operator", operator_name="小李", text="我是话务员")
    chat.hears("我是话务员")
    expect(chat.page.locator(".operator .who")).to_have_text("话务员 小李")


def test_events_held_back_by_a_proxy_are_noticed(chat, hotline):
    """A message written just when the page catches up says nothing about the events, so it may take a few more."""
    hotline.events_hold_back = True

    def polls():
        return any("wait=20" in call for call in hotline.calls)

    for n in range(8):
        if not polls():
            chat.say(f"第{n}句")
            chat.hears(f"收到：第{n}句")
    wait_for(polls)


def test_a_broken_stream_is_taken_up_again(chat, hotline):
    chat.say("你好")
    chat.hears("收到：你好")
    hotline.cut += 1
    hotline.add("1", "operator", text="还在吗？")
    chat.hears("还在吗？")
    assert [call.split("?")[0].rsplit("/")[-1] for call in hotline.calls].count("events") >= 2


def test_a_phone_asleep_for_an_hour_catches_up(chat, hotline):
    chat.say("你好")
    chat.hears("收到：你好")
    chat.page.context.set_offline(True)
    expect(chat.page.locator("#banner")).to_contain_text("暂时连不上")
    hotline.events_hold_back = True
    for n in range(1, 6):
        hotline.add("1", "operator", text=f"进展 {n}", ago=3600 - n * 600)
    chat.say("我回来了")
    expect(chat.page.locator(".state").last).to_have_text("等连上网后自动发出")
    hotline.events_hold_back = False
    chat.page.context.set_offline(False)
    chat.hears("收到：我回来了")
    expect(chat.page.locator("#banner")).to_have_text("已经连上了")
    missed = [f"进展 {n}" for n in range(1, 6)]
    assert chat.said() == ["我：你好", "收到：你好", *missed, "我：我回来了", "收到：我回来了"]
    assert chat.page.locator(".when").all_inner_texts()[-1] == "刚刚"


def test_a_long_history_comes_whole(chat, hotline):
    chat.say("你好")
    chat.hears("收到：你好")
    for n in range(450):
        hotline.add("1", "bot", text=f"第 {n} 条")
    chat.page.reload()
    chat.hears("第 449 条")
    assert len(chat.said()) == 452
    expect(chat.page.locator("#newer")).to_be_hidden()


def test_a_conversation_that_is_gone_begins_anew(chat, hotline):
    chat.say("你好")
    chat.hears("收到：你好")
    hotline.conversations["1"]["token"] = "another"
    chat.say("水管坏了")
    chat.hears("西门街道附近")
    assert chat.said() == ["我：水管坏了", "西门街道附近能通下水道的，现在营业的有这三家："]
    assert list(hotline.conversations) == ["1", "2"]


def test_two_tabs_are_one_conversation(chat, hotline, url):
    other = chat.page.context.new_page()
    other.goto(url)
    chat.say("你好")
    chat.hears("收到：你好")
    expect(other.locator(".bot .words")).to_have_text("收到：你好")
    other.fill("#words", "从另一页")
    other.press("#words", "Enter")
    chat.hears("收到：从另一页")
    assert list(hotline.conversations) == ["1"]
    assert chat.said() == ["我：你好", "收到：你好", "我：从另一页", "收到：从另一页"]


def test_an_old_question_of_the_hotline_is_still_a_question(chat, hotline):
    """Nobody answered for a while; the page says when it was asked."""
    chat.say("哪个街道")
    chat.hears("请问在哪个街道")
    messages = hotline.conversations["1"]["messages"]
    for message in messages:
        message["created_at"] = message["created_at"].replace("2026-", "2025-")
    chat.page.reload()
    expect(chat.page.locator(".when").first).to_contain_text("2025年")
    chat.press("鼓楼街道")
    chat.hears("西门街道附近")
