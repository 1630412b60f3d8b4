"""陈静 keeps the directory, the catalogue and the rest; what she changes is what the next citizen gets."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update

from bot.domain.access import Actor
from bot.domain.place import Place
from bot.services import accounts, catalogue, directory, signing_in, territories
from bot.services.workdays import special_days
from bot.storage import (
    Account,
    CannedReply,
    CatalogueRow,
    Change,
    Conversation,
    Offer,
    Provider,
    Referral,
    SpecialDay,
    Team,
    Territory,
    Volunteer,
    reading,
    transaction,
)
from tests.console.conftest import PASSWORD, Seat, changes, words_of

Seats = Callable[[str], Seat]
PROVIDER = {
    "id": "zz-keys", "kind": "vendor", "name_zh": "测试开锁", "name_en": "Test Keys", "phone": "0574-87654321",
    "street": "haishu-nanmen", "community": "", "address_zh": "南门街道1号", "lat": "29.86", "lon": "121.53",
    "hours": "MO-SU 00:00-24:00", "standing": "active", "description_zh": "",
}
TEAM = {**PROVIDER, "id": "zz-team", "name_zh": "测试志愿队"}
OFFER = {"provider_id": "zz-keys", "item": "door-unlocking", "price_from": "80", "price_unit": "次",
         "price_note_zh": "80元起", "radius_km": "50"}
NANMEN = Place("南门", "haishu-nanmen", "", 29.86, 121.53)


@dataclass
class Desk:
    """陈静's browser in the admin area."""

    seat: Seat

    def get(self, path: str) -> httpx.Response:
        return self.seat.client.get(f"/console/admin/{path}", headers={"Accept": "text/html"})

    def send(self, path: str, data: dict[str, Any], **headers: str) -> httpx.Response:
        return self.seat.client.post(f"/console/admin/{path}", data={"csrftoken": self.seat.csrf, **data},
                                     headers={"Accept": "text/html", **headers})

    def create(self, key: str, **data: Any) -> httpx.Response:
        return self.send(f"{key}/create", data)

    def edit(self, key: str, pk: Any, **data: Any) -> httpx.Response:
        return self.send(f"{key}/edit?pk={pk}", data)

    def press(self, key: str, name: str, pk: Any) -> httpx.Response:
        """A button of a row, as the library's script sends it."""
        return self.seat.client.post(f"/console/admin/_api/{key}/row-action?name={name}&pk={pk}",
                                     headers={"X-CSRFToken": self.seat.csrf})

    def made(self, key: str, **data: Any) -> None:
        answer = self.create(key, **data)
        assert answer.status_code == 303, problems(answer)


@pytest.fixture
def chenjing(seat: Seats) -> Desk:
    return Desk(seat("chenjing"))


@pytest.fixture(autouse=True)
def as_seeded(deployment: str) -> Iterator[None]:
    """The tables other tests share, as they were."""
    yield
    with transaction() as session:
        session.execute(delete(Referral))
        for column in (Offer.provider_id, Volunteer.id, Provider.id, Territory.code, CatalogueRow.code):
            session.execute(delete(column.class_).where(column.like("zz-%")))
        for model in (Provider, Territory, CatalogueRow):
            session.execute(update(model).where(model.removed).values(removed=False))
    catalogue.forget()
    territories.forget()


def problems(answer: httpx.Response) -> dict[str, str]:
    """What stands beside which field."""
    found = re.findall(r'class="invalid-feedback" id="(\w+)-error">([^<]+)<', answer.text)
    return {name: words.replace("&#34;", '"') for name, words in found}


def history(subject: str, what: str) -> list[tuple[str, Any]]:
    """(subject's id, what differs) of everything noted."""
    with reading() as session:
        rows = session.scalars(select(Change).where(Change.subject == subject, Change.what == what).order_by(Change.id))
        return [(c.subject_id, json.loads(c.why or "{}")) for c in rows]


def found(item: str = "door-unlocking") -> set[str]:
    """Who the next citizen near 南门 is told of, the first hundred."""
    with reading() as session:
        return {f.provider.id for f in directory.search(session, item, NANMEN, limit=100)}


@pytest.mark.parametrize("username", ["wangfang", "zhaoqiang", "zhoujianguo"])
def test_only_admins_come_in(username: str, seat: Seats) -> None:
    somebody = Desk(seat(username))
    for path in ("", "providers/list", "accounts/list", "settings", "password?pk=1"):
        assert somebody.get(path).status_code == 403
    assert somebody.create("providers", **PROVIDER).status_code == 403
    assert somebody.press("providers", "remove", "vendor-unclogging-01").status_code == 403
    assert found("drain-unclogging") >= {"vendor-unclogging-01"}


def test_nobody_comes_in_without_signing_in(browser_client: Callable[[], httpx.Client]) -> None:
    answer = browser_client().get("/console/admin/providers/list")
    assert (answer.status_code, answer.headers["location"]) == (
        303, "/console/login?next=%2Fconsole%2Fadmin%2Fproviders%2Flist")


def test_a_change_needs_the_sessions_token_and_a_page_of_ours(chenjing: Desk, deployment: str) -> None:
    assert chenjing.send("providers/create", {**PROVIDER, "csrftoken": "0" * 32}).status_code == 403
    assert chenjing.send("providers/create", {**PROVIDER, "csrftoken": ""}).status_code == 403
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
                    {"Referer": "https://evil.example/form"}):
        assert chenjing.send("providers/create", PROVIDER, **foreign).status_code == 403
    bare = chenjing.seat.client.post("/console/admin/_api/providers/row-action?name=remove&pk=vendor-unclogging-01")
    assert bare.status_code == 403
    assert history("provider", "created") == history("provider", "removed") == []
    assert chenjing.send("providers/create", PROVIDER, **{"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_the_browser_is_kept_strict(chenjing: Desk) -> None:
    page = chenjing.get("providers/list")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "script-src" not in policy
    assert page.headers["x-frame-options"] == "DENY" and page.headers["cache-control"] == "no-store"
    assert re.findall(r"https?://(?!127\.0\.0\.1)[\w.]+", page.text.replace("http://www.w3.org", "")) == []
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|\son\w+=\"", page.text)
    assert inline == []


def test_a_provider_and_its_offer_are_there_for_the_next_citizen(chenjing: Desk) -> None:
    chenjing.made("providers", **PROVIDER)
    assert "zz-keys" not in found()
    chenjing.made("offers", **OFFER)
    assert "zz-keys" in found()
    assert history("provider", "created")[0][1]["phone"] == [None, "0574-87654321"]
    assert changes("offer") == [(chenjing.seat.actor.id, "created")]

    assert chenjing.edit("providers", "zz-keys", **{**PROVIDER, "standing": "suspended"}).status_code == 303
    assert "zz-keys" not in found()
    assert history("provider", "changed") == [("zz-keys", {"standing": ["active", "suspended"]})]

    assert chenjing.edit("offers", "zz-keys,door-unlocking", **{**OFFER, "price_from": "95.5"}).status_code == 303
    assert history("offer", "changed")[0][1] == {"price_from": [80.0, 95.5]}
    assert chenjing.press("offers", "remove", "zz-keys,door-unlocking").status_code == 200
    assert history("offer", "removed")[0][1]["price_note_zh"] == ["80元起", None]


def test_what_is_wrong_is_said_beside_its_field_in_the_admins_language(chenjing: Desk) -> None:
    wrong = {**PROVIDER, "id": "Zz Keys", "name_zh": "", "phone": "12", "street": "nowhere", "lat": "north", "lon": "181",
             "hours": "early till late", "standing": "famous"}
    said = problems(chenjing.create("providers", **wrong))
    assert set(said) == {"id", "name_zh", "phone", "street", "lat", "lon", "hours", "standing"}
    assert said["name_zh"] == "这一项必填。" and "early till late" in said["hours"] and "-180 到 180" in said["lon"]
    assert 'value="early till late"' in chenjing.create("providers", **wrong).text
    chenjing.seat.client.cookies.set("hotline_lang", "en")
    assert problems(chenjing.create("providers", **wrong))["lat"] == "“north” is not a number."
    assert history("provider", "created") == []


def test_an_old_slip_in_one_field_does_not_stand_in_the_way_of_another(chenjing: Desk) -> None:
    with transaction() as session:
        session.add(Provider(**{**PROVIDER, "phone": "12", "lat": 29.86, "lon": 121.53}))
    answer = chenjing.edit("providers", "zz-keys", **{**PROVIDER, "phone": "12", "name_zh": "测试锁匠"})
    assert answer.status_code == 303
    assert history("provider", "changed") == [("zz-keys", {"name_zh": ["测试开锁", "测试锁匠"]})]
    assert "phone" in problems(chenjing.edit("providers", "zz-keys", **{**PROVIDER, "phone": "13"}))


def test_a_removed_provider_is_gone_for_citizens_and_can_come_back(chenjing: Desk) -> None:
    chenjing.made("providers", **PROVIDER)
    chenjing.made("offers", **OFFER)
    with transaction() as session:
        session.add(Conversation(id="c1", channel="web", external_id="x"))
        session.flush()
        session.add(Referral(conversation_id="c1", chosen_by=1, item="door-unlocking", provider_id="zz-keys",
                             follow_up_at=datetime.now(UTC)))
    refused = chenjing.press("providers", "remove", "zz-keys")
    assert refused.status_code == 400 and "1 个未结束的派单（door-unlocking）" in refused.json()["msg"]
    with transaction() as session:
        session.execute(update(Referral).values(state="closed"))
    assert chenjing.press("providers", "remove", "zz-keys").status_code == 200
    assert "zz-keys" not in found()
    assert 'data-sa-pk="zz-keys"' not in chenjing.get("providers/list?q=测试开锁").text
    assert 'data-sa-pk="zz-keys"' in chenjing.get("providers/list?filter=removed__is_true").text
    assert chenjing.press("providers", "restore", "zz-keys").status_code == 200
    assert "zz-keys" in found()
    assert [what for _, what in changes("provider")] == ["created", "removed", "restored"]


def test_search_and_filters(chenjing: Desk) -> None:
    listed = words_of(chenjing.get("providers/list?q=望江疏通").text)
    assert "望江疏通服务部（南门）" in listed and "仁和管道疏通" not in listed
    suspended = words_of(chenjing.get("providers/list?filter=standing__eq=probation&q=疏通").text)
    assert "姚江下水道疏通" in suspended and "望江疏通" not in suspended
    assert "没有符合的" in words_of(chenjing.get("providers/list?q=100%25_").text)
    offers = words_of(chenjing.get("offers/list?q=望江疏通").text)
    assert "马桶疏通" in offers
    items = words_of(chenjing.get("government-services/list?filter=sla_hours__eq=2").text)
    assert "身份证补办换领" not in items
    assert chenjing.get("providers/list?filter=nothing__eq=1").status_code == 400


def test_a_volunteer_team_and_its_people(chenjing: Desk) -> None:
    chenjing.made("volunteer-teams", **TEAM)
    with reading() as session:
        assert session.get_one(Provider, "zz-team").kind == "volunteer_team"
    person = {"id": "zz-one", "name_zh": "志愿者甲", "team": "zz-team", "skills": ["hospital-escort", "elder-errand-help"]}
    chenjing.made("volunteers", **person)
    with reading() as session:
        assert session.get_one(Volunteer, "zz-one").skills == "hospital-escort|elder-errand-help"
    assert "skills" in problems(chenjing.edit("volunteers", "zz-one", **{**person, "skills": ["flying"]}))
    assert "1 名志愿者（志愿者甲）" in chenjing.press("volunteer-teams", "remove", "zz-team").json()["msg"]
    assert chenjing.press("volunteers", "remove", "zz-one").status_code == 200
    assert chenjing.press("volunteer-teams", "remove", "zz-team").status_code == 200


def test_a_territory_is_found_in_words_at_once(chenjing: Desk) -> None:
    street = {"code": "zz-street", "level": "street", "parent": "haishu", "name_zh": "云栖街道", "name_en": "Yunqi",
              "former_names": "", "aliases": "云栖\n云栖湾", "lat": "29.8", "lon": "121.5"}
    assert territories.from_words("我在云栖湾这边") is None
    chenjing.made("territories", **street)
    assert territories.from_words("我在云栖湾这边").street == "zz-street"  # type: ignore[union-attr]
    assert any(b.id == "place:zz-street" for b in territories.street_buttons("zh"))
    community = {**street, "code": "zz-community", "level": "community", "parent": "haishu"}
    assert "parent" in problems(chenjing.create("territories", **community))
    chenjing.made("territories", **{**community, "parent": "zz-street", "name_zh": "云溪社区"})
    assert "1 个下级地域（云溪社区）" in chenjing.press("territories", "remove", "zz-street").json()["msg"]
    assert "level" in problems(chenjing.edit("territories", "zz-street", **{**street, "level": "community"}))
    chenjing.press("territories", "remove", "zz-community")
    assert chenjing.press("territories", "remove", "zz-street").status_code == 200
    assert territories.from_words("我在云栖湾这边") is None
    assert "parent" not in problems(chenjing.press("territories", "restore", "zz-street"))
    assert territories.from_words("我在云栖湾这边") is not None


def test_a_life_service_comes_and_goes_without_a_restart(chenjing: Desk) -> None:
    item = {"code": "zz-piano", "name_zh": "钢琴调律", "name_en": "Piano tuning", "category": "housekeeping",
            "source": "market", "aliases_zh": "调钢琴\n钢琴走音", "price_note_zh": "上门看琴报价"}
    assert "zz-piano" not in catalogue.catalogue().items
    chenjing.made("life-services", **item)
    assert catalogue.item_or_raise("zz-piano").aliases == ("调钢琴", "钢琴走音")
    assert "code" in problems(chenjing.create("life-services", **item))
    assert "code" in problems(chenjing.create("life-services", **{**item, "code": "id-card-renewal"}))
    assert "category" in problems(chenjing.create("life-services", **{**item, "code": "zz-2", "category": "music"}))
    assert chenjing.edit("life-services", "zz-piano", **{**item, "price_note_zh": "300元起"}).status_code == 303
    assert catalogue.item_or_raise("zz-piano").price_note_zh == "300元起"
    assert history("item", "changed") == [("zz-piano", {"price_note_zh": ["上门看琴报价", "300元起"]})]

    chenjing.made("providers", **PROVIDER)
    chenjing.made("offers", **{**OFFER, "item": "zz-piano"})
    assert "1 项服务（测试开锁）" in chenjing.press("life-services", "remove", "zz-piano").json()["msg"]
    chenjing.press("offers", "remove", "zz-keys,zz-piano")
    assert chenjing.press("life-services", "remove", "zz-piano").status_code == 200
    assert "zz-piano" not in catalogue.catalogue().items
    assert catalogue.item_or_raise("zz-piano").name_zh == "钢琴调律"  # what old tickets are about keeps its name
    assert "item" in problems(chenjing.create("offers", **{**OFFER, "item": "zz-piano"}))
    assert chenjing.press("life-services", "restore", "zz-piano").status_code == 200
    assert "zz-piano" in catalogue.catalogue().items


def test_departments_categories_and_items_still_used_stay(chenjing: Desk, ticket: Callable[..., str]) -> None:
    number = ticket("urban-management")
    said = chenjing.press("departments", "remove", "urban-management").json()["msg"]
    assert re.search(r"\d+ 个事项（", said) and f"1 张未办结工单（{number}）" in said
    assert re.search(r"\d+ 个事项（", chenjing.press("categories", "remove", "housekeeping").json()["msg"])
    with reading() as session:
        from bot.storage import Ticket
        item = session.scalars(select(Ticket.item)).one()
    assert number in chenjing.press("government-services", "remove", item).json()["msg"]
    assert chenjing.press("emergencies", "remove", "gas-leak").status_code == 400
    assert {"urban-management"} <= set(catalogue.catalogue().departments)
    assert changes("department") == changes("category") == changes("emergency") == []


def test_government_services_guides_and_questions(chenjing: Desk) -> None:
    service = {"code": "zz-permit", "name_zh": "放风筝许可", "name_en": "Kite permit", "department": "urban-management",
               "request_kinds": ["consult", "help"], "sla_hours": "8", "cross_department": ["health"], "aliases_zh": ""}
    assert "sla_hours" in problems(chenjing.create("government-services", **{**service, "sla_hours": "1.5"}))
    chenjing.made("government-services", **service)
    item = catalogue.item_or_raise("zz-permit")
    assert (item.kinds, item.sla_hours, item.cross) == (("consult", "help"), 8, ("health",))
    chenjing.made("guides", item="zz-permit", bring_zh="风筝", where_zh="窗口", time_zh="当场")
    assert catalogue.catalogue().guides["zz-permit"].bring_zh == "风筝"
    question = {"question_zh": "什么风筝？", "question_en": "Which kite?", "items": ["zz-permit", "id-card-renewal"]}
    assert "items" in problems(chenjing.create("ambiguities", words="风筝", **{**question, "items": ["zz-permit"]}))
    chenjing.made("ambiguities", words="风筝\nkite", **question)
    asked = catalogue.catalogue().bare_word("风筝")
    assert asked and asked.items == ("zz-permit", "id-card-renewal")
    with transaction() as session:
        session.execute(delete(CatalogueRow).where(CatalogueRow.values.contains("zz-permit")))


def test_teams_and_canned_replies(chenjing: Desk, account: Callable[[str], Actor]) -> None:
    wangfang, zhou = account("wangfang"), account("zhoujianguo")
    team = {"code": "homes", "name_zh": "家政组", "name_en": "Homes", "topics": ["housekeeping", "lang:en"]}
    assert set(problems(chenjing.create("teams", **{**team, "topics": ["x"], "members": [zhou.account_id]}))) == {
        "topics", "members"}
    chenjing.made("teams", **{**team, "members": [wangfang.account_id]})
    assert "1 名成员（王芳）" in chenjing.press("teams", "remove", "homes").json()["msg"]
    assert chenjing.edit("teams", "homes", **team).status_code == 303
    assert history("team", "changed")[0][1] == {"members": [[str(wangfang.account_id)], []]}

    reply = {"shortcut": "fees", "title": "收费", "text_zh": "{citizen}您好，收费请看{item}的说明。", "team": "homes"}
    assert "bad" in problems(chenjing.create("canned", **{**reply, "text_zh": "{bad}"}))["text_zh"]
    chenjing.made("canned", **reply)
    assert "shortcut" in problems(chenjing.create("canned", **reply))
    assert "1 条常用语（fees）" in chenjing.press("teams", "remove", "homes").json()["msg"]
    with reading() as session:
        kept = session.scalars(select(CannedReply.id)).one()
    assert chenjing.press("canned", "remove", kept).status_code == 200
    assert chenjing.press("teams", "remove", "homes").status_code == 200
    with reading() as session:
        assert session.get_one(Team, "homes").removed and session.get_one(CannedReply, kept).removed
    assert chenjing.press("canned", "restore", kept).json()["msg"] == "没有“homes”，或已停用。"
    assert chenjing.press("teams", "restore", "homes").status_code == 200
    assert chenjing.press("canned", "restore", kept).status_code == 200


def test_special_days(chenjing: Desk) -> None:
    assert "day" in problems(chenjing.create("calendar", day="tomorrow", name="台风"))
    chenjing.made("calendar", day="2026-11-24", name="台风停工")
    with reading() as session:
        assert special_days(session) == {date(2026, 11, 24): False}
    assert "day" in problems(chenjing.create("calendar", day="2026-11-24", name="又一次"))
    assert chenjing.edit("calendar", "2026-11-24", working="on", name="照常").status_code == 303
    assert chenjing.get("calendar/edit?pk=nonsense").status_code == 404
    assert chenjing.press("calendar", "remove", "2026-11-24").status_code == 200
    with reading() as session:
        assert session.scalars(select(SpecialDay)).all() == []
    assert [what for _, what in changes("special_day")] == ["created", "changed", "removed"]


def test_settings_are_put_together_or_not_at_all(chenjing: Desk) -> None:
    from bot.services.settings import value

    given = {"staffed_workday": "07:00-23:00", "staffed_restday": "", "assignment": "manual",
             "handoff_items": ["door-unlocking"], "placeless_items": ["online-service"]}
    refused = chenjing.send("settings", {**given, "staffed_workday": "at dawn", "handoff_items": ["flying"]})
    assert refused.status_code == 422 and set(problems(refused)) == {"staffed_workday", "handoff_items"}
    assert chenjing.send("settings", given).status_code == 303
    with reading() as session:
        assert {key: value(session, key) for key in given} == given
    assert [what for _, what in changes("setting")] == ["changed"] * 5


def test_supervision_s_pace_and_names_are_set_in_a_form(chenjing: Desk) -> None:
    from bot.services.settings import value

    given = {"staffed_workday": "08:00-22:00", "staffed_restday": "", "news_hours": "", "assignment": "offer",
             "supervision.warn_percent": "70", "supervision.accept_hours": "2", "supervision.supervise_days": "1",
             "supervision.escalate_days": "3",
             "supervision_names": "leader = 李副区长\nleader:urban-management = 王局长"}
    for wrong in ({"supervision.escalate_days": "1"}, {"supervision.warn_percent": "soon"},
                  {"supervision_names": "mayor = 张市长"}):
        assert chenjing.send("settings", {**given, **wrong}).status_code == 422, wrong
    assert chenjing.send("settings", given).status_code == 303
    with reading() as session:
        assert value(session, "supervision") == {
            "warn_percent": 70, "accept_hours": 2, "supervise_days": 1, "escalate_days": 3,
            "names": {"leader": "李副区长", "leader:urban-management": "王局长"}}



def test_an_account_is_made_with_a_password_shown_once(
    chenjing: Desk, browser_client: Callable[[], httpx.Client]
) -> None:
    new = {"username": "newcomer", "name": "新同事", "role": "operator", "capacity": "6"}
    said = problems(chenjing.create("accounts", **{**new, "role": "handler", "capacity": "21", "password": ""}))
    assert set(said) == {"department", "capacity"}
    assert "password" in problems(chenjing.create("accounts", **{**new, "password": "short"}))
    assert "username" in problems(chenjing.create("accounts", **{**new, "username": "新同事"}))
    answer = chenjing.create("accounts", **new)
    secret = re.search(r'<code id="secret">([^<]+)</code>', answer.text)
    assert answer.status_code == 200 and secret and secret.group(1) not in str(answer.headers)
    with transaction() as session:
        assert signing_in.sign_in(session, "newcomer", secret.group(1))
        made = session.scalars(select(Account).where(Account.username == "newcomer")).one()
        assert (made.capacity, made.role) == (6, "operator")
    assert (chenjing.seat.actor.id, "created") in changes("account")
    assert "username" in problems(chenjing.create("accounts", **new))


def test_an_account_is_changed_disabled_and_given_a_new_password(
    chenjing: Desk, seat: Seats
) -> None:
    limei = seat("limei")
    pk = limei.actor.account_id
    same = {"name": "李梅", "role": "operator", "capacity": "4"}
    assert "teams" in problems(chenjing.edit("accounts", pk, **same, teams=["nowhere"]))
    chenjing.made("teams", code="night", name_zh="夜班组")
    assert chenjing.edit("accounts", pk, **{**same, "capacity": "2"}, teams=["night"]).status_code == 303
    assert history("account", "changed") == [(str(pk), {"capacity": [4, 2], "teams": [[], ["night"]]})]

    assert limei.get("/console/queue").status_code == 200
    assert chenjing.press("accounts", "disable", pk).status_code == 200
    assert limei.get("/console/queue").status_code == 401
    assert chenjing.press("accounts", "enable", pk).status_code == 200
    assert "李梅" in chenjing.get(f"password?pk={pk}").text
    shown = re.search(r'<code id="secret">([^<]+)</code>', chenjing.send(f"password?pk={pk}", {}).text)
    assert shown
    with transaction() as session:
        assert signing_in.sign_in(session, "limei", PASSWORD) is None
        assert signing_in.sign_in(session, "limei", shown.group(1))
        session.get_one(Account, pk).totp_on = True
    assert chenjing.press("accounts", "totp", pk).status_code == 200
    with reading() as session:
        assert not session.get_one(Account, pk).totp_on
    done = [what for actor, what in changes("account") if actor == chenjing.seat.actor.id]
    assert [w for w in done if w not in ("signed_in", "presence")] == [
        "changed", "disabled", "enabled", "password_reset", "totp_reset"]


def test_admins_do_not_lock_themselves_out(chenjing: Desk) -> None:
    me = chenjing.seat.actor.account_id
    assert "不能停用自己" in chenjing.press("accounts", "disable", me).json()["msg"]
    demoted = {"name": "陈静", "role": "operator", "capacity": "4"}
    assert "role" in problems(chenjing.edit("accounts", me, **demoted))
    with transaction() as session:
        accounts.create(session, "second", "admin", "第二位", "", PASSWORD)
        second = session.scalars(select(Account.id).where(Account.username == "second")).one()
    assert chenjing.press("accounts", "disable", second).status_code == 200
    with reading() as session:
        assert not session.get_one(Account, me).disabled


def test_what_is_no_button_of_a_view_is_not_done_either(chenjing: Desk, account: Callable[[str], Actor]) -> None:
    limei = account("limei").account_id
    for name in ("remove", "delete", "restore"):
        assert chenjing.press("accounts", name, limei).status_code == 400
    assert chenjing.press("providers", "delete", "vendor-unclogging-01").status_code == 400
    client, token = chenjing.seat.client, {"X-CSRFToken": chenjing.seat.csrf}
    for name in ("delete", "export"):
        answer = client.post(f"/console/admin/_api/providers/action?name={name}&pks=vendor-unclogging-01", headers=token)
        assert answer.status_code == 400
    assert client.post("/console/admin/_api/providers/import", headers=token).status_code == 403
    assert client.post("/console/admin/_api/providers/inline-edit?pk=vendor-unclogging-01&field=phone",
                       headers=token).status_code == 403
    with reading() as session:
        assert session.get(Account, limei) and session.get(Provider, "vendor-unclogging-01")


def test_a_handler_has_a_department_and_no_team(chenjing: Desk, account: Callable[[str], Actor]) -> None:
    limei = account("limei").account_id
    chenjing.made("teams", code="night", name_zh="夜班组", members=[limei])
    handler = {"name": "李梅", "role": "handler", "capacity": "4", "teams": ["night"]}
    assert problems(chenjing.edit("accounts", limei, **handler)) == {"department": "承办人员要选所属单位。"}
    assert chenjing.edit("accounts", limei, **handler, department="health").status_code == 303
    assert history("account", "changed")[0][1] == {
        "role": ["operator", "handler"], "department": ["", "health"], "teams": [["night"], []]}
    assert chenjing.edit("accounts", limei, **{**handler, "role": "operator"}, department="health").status_code == 303
    with reading() as session:
        assert session.get_one(Account, limei).department == ""


def test_the_page_of_a_row_tells_its_story(chenjing: Desk) -> None:
    chenjing.made("providers", **PROVIDER)
    chenjing.edit("providers", "zz-keys", **{**PROVIDER, "phone": "12345"})
    page = words_of(chenjing.get("providers/detail?pk=zz-keys").text)
    assert "陈静 修改 电话：0574-87654321 → 12345" in page


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_an_admins_day_in_the_browser(chromium: Any, address: str, account: Callable[[str], Actor], deployment: str) -> None:
    from playwright.sync_api import expect

    account("chenjing")
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
    page, troubles = context.new_page(), []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    page.goto(f"{address}/console/admin/")
    page.fill("#username", "chenjing")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.get_by_role("navigation", name="管理目录").get_by_role("link", name="商家和机构").click()
    page.get_by_role("link", name="新增商家或机构").click()
    for name in ("id", "name_zh", "phone", "lat", "lon"):
        page.fill(f"#{name}", PROVIDER[name])
    page.fill("#hours", "每天")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#hours-error")).to_contain_text("每天")
    expect(page.locator("#problems")).to_be_focused()
    page.fill("#hours", PROVIDER["hours"])
    page.select_option("#street", label="南门街道")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#alertContainer")).to_contain_text("测试开锁")
    page.fill('input[name="q"]', "测试开锁")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    row = page.locator('tr[data-sa-pk="zz-keys"]')
    row.get_by_text("停用").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(page.locator("#alertContainer")).to_contain_text("已停用：测试开锁")
    expect(row).to_have_count(0)
    with page.expect_navigation():
        page.get_by_role("link", name="已停用").click()
    row.get_by_text("恢复").click()
    expect(page.locator("#alertContainer")).to_contain_text("已恢复：测试开锁")
    page.goto(f"{address}/console/admin/departments/list")
    page.locator('tr[data-sa-pk="health"]').get_by_text("停用").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(page.locator("#alertContainer")).to_contain_text("还不能停用")
    assert [t for t in troubles if "the server responded with a status of 4" not in t] == []
    context.close()
