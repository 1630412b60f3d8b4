import pytest
from tests.console.sample import chat_address, day, opened, places
from tests.support.pages import Shown
from tests.support import past
ONES=[Shown("reports","zhaoqiang","/console/reports?span=days30"),Shown("hot","zhaoqiang","/console/reports/hot"),Shown("ranking","zhaoqiang","/console/reports/ranking"),Shown("bulletin","zhaoqiang","/console/reports/bulletin/2026-11-23"),Shown("week","zhaoqiang","/console/reports/week/2026-W47"),Shown("rtickets","zhaoqiang","/console/reports/tickets?figure=late&span=days30"),Shown("own","zhoujianguo","/console/reports?span=days30"),Shown("ownrank","zhoujianguo","/console/reports/ranking"),Shown("public","","/public")]
@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
@pytest.mark.parametrize("shown", ONES, ids=[s.name for s in ONES])
def test_look(opened, shown, day, account):
    account("zhoujianguo")
    past.fill(day.of(9,0))
    page=opened(shown)
    page.wait_for_timeout(400)
    page.screenshot(path=f"/tmp/h/{shown.name}-1280.png", full_page=True)
    page.set_viewport_size({"width":390,"height":844}); page.wait_for_timeout(300)
    page.screenshot(path=f"/tmp/h/{shown.name}-390.png", full_page=True)
    over=page.evaluate("document.documentElement.scrollWidth - innerWidth"); print(shown.name, "overflow", over)
    page.emulate_media(color_scheme="dark"); page.set_viewport_size({"width":1280,"height":900}); page.wait_for_timeout(300)
    page.screenshot(path=f"/tmp/h/{shown.name}-dark.png")
