"""What an admin takes out of service, and the citizen who meets it: in words, by an old button, half way through."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain.access import Actor, Role
from bot.domain.calendar import LOCAL
from bot.domain.entry import barred, code, hours, phone, several
from bot.errors import BadInput, Conflict
from bot.services import catalogue, referrals, requests
from bot.services.upkeep import catalogue as upkeep
from bot.services.upkeep import records
from bot.storage import CatalogueRow, Offer, SpecialDay, now, transaction
from tests.services.conftest import He, ticket_of
from tests.services.test_unclear import last_reply

CHENJING = Actor("account:1", "陈静", Role.ADMIN, account_id=1)


@pytest.fixture
def without_checkups(deployment: str) -> Iterator[str]:
    """Health check-ups, as a city that has nobody for them would remove them."""
    with transaction() as session:
        offers = [(o.provider_id, o) for o in session.query(Offer).filter_by(item="health-checkup")]
        for _, offer in offers:
            session.delete(offer)
    with transaction() as session:
        records.remove(session, upkeep.LIFE_SERVICES, "health-checkup", CHENJING)
    yield "health-checkup"
    with transaction() as session:
        session.execute(update(CatalogueRow).values(removed=False))
        session.add_all(Offer(**{c.name: getattr(o, c.name) for c in Offer.__table__.columns}) for _, o in offers)
    catalogue.forget()


def test_a_removed_item_is_not_offered_though_the_model_still_knows_it(he: He, without_checkups: str) -> None:
    he.does(requests.begin, "想预约体检", item=without_checkups)
    assert he.draft.item == "" and he.form is None
    assert all(b["id"] != f"item:{without_checkups}" for b in last_reply(he).buttons)


def test_who_was_half_way_through_meets_no_error(he: He, without_checkups: str) -> None:
    he.draft = he.draft.with_item(without_checkups, "help")
    he.does(referrals.more, "换一批")
    assert "体检" in last_reply(he).text


def test_an_emergency_is_not_removed(deployment: str) -> None:
    with pytest.raises(Conflict) as refused, transaction() as session:
        records.remove(session, upkeep.EMERGENCIES, "gas-leak", CHENJING)
    assert refused.value.key == "entry.not_removable"


@pytest.mark.parametrize("number", ["0574-87654321", "13900000010", "+86 139 0000 0010", "12345", "96178", "400-800-8888", ""])
def test_numbers_people_dial(number: str) -> None:
    assert phone(number) == number


@pytest.mark.parametrize("number", ["12", "87", "call me", "0574-1"])
def test_numbers_nobody_can_dial(number: str) -> None:
    with pytest.raises(BadInput):
        phone(number)


def test_fields_are_read_as_people_type_them() -> None:
    assert several("a|b，c\nb") == ["a", "b", "c"]
    assert barred(40)(" gas leak \r\nsmell, gas|gas leak") == "gas leak|smell, gas"
    assert code()(" drain-unclogging ") == "drain-unclogging"
    for wrong in ("Drain", "drain unclogging", "-drain", "疏通", "x" * 33):
        with pytest.raises(BadInput):
            code()(wrong)
    assert hours("MO-FR 08:00-17:30") and hours("") == ""


def test_a_tickets_deadline_keeps_off_an_admins_day_off(he: He) -> None:
    """Everything until the next ten days are over is off: a deadline in working time lies behind them."""
    today = now().astimezone(LOCAL).date()
    with transaction() as session:
        session.add_all(SpecialDay(day=today + timedelta(days=n), working=False, name="停工") for n in range(11))
    he.files_a_ticket("摊子占了盲道，天天这样", "street-vending")
    assert ticket_of(he).due_at.astimezone(LOCAL).date() > today + timedelta(days=10)
