from tests.console.test_calls import *  # noqa
from tests.console.test_calls import CALL, answered
def test_shots(desk, seat, ticket):
    wang = seat("wangfang")
    saved = wang.post("/console/api/calls", **CALL).json()
    wang.post("/console/api/calls", **{**CALL, "name": "", "number": "", "outcome": "explained", "client_id": "call-0002", "language": "en"})
    answered(ticket(conversation=saved["conversation"]))
    for w, h in ((1280, 720), (820, 1000), (390, 844)):
        page = desk("wangfang", w, h)
        for lang in ("zh", "en"):
            page.goto(page.url.split("/console")[0] + f"/console/language/{lang}?next=/console/calls")
            page.wait_for_timeout(500)
            page.screenshot(path=f"/tmp/calls-{w}-{lang}.png")
            page.click("#call-open")
            page.fill("#call-number", "13900000010")
            page.fill("#call-words", "煤气漏了，恒春街路灯也不亮")
            page.wait_for_selector(".guess")
            page.wait_for_selector(".past, #call-history .muted")
            page.screenshot(path=f"/tmp/call-{w}-{lang}.png")
        page.keyboard.press("Escape")
        page.goto(page.url.split("/console")[0] + f"/console/conversations/{saved['conversation']}")
        page.wait_for_timeout(600)
        page.screenshot(path=f"/tmp/callconv-{w}.png")
