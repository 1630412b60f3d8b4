"""When people are at the desk, and what a citizen is told who asks for one."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain import staffing as rules
from bot.domain.calendar import LOCAL
from bot.i18n import text
from bot.services.settings import value
from bot.services.workdays import special_days
from bot.storage import now


def next_hour(session: Session) -> datetime | None:
    """When somebody will be there next; None while the hours say that somebody is, or where there are none."""
    workday, restday = value(session, "staffed_workday"), value(session, "staffed_restday")
    special = special_days(session)
    if rules.staffed(now(), workday, restday, special):
        return None
    return rules.next_staffed(now(), workday, restday, special)


def next_hour_in_words(session: Session, language: str) -> str:
    """`今天 14:00`, `明天 08:00`, `11月30日 08:00`; empty where somebody should be there now."""
    moment = next_hour(session)
    if moment is None:
        return ""
    local, today = moment.astimezone(LOCAL), now().astimezone(LOCAL).date()
    days = (local.date() - today).days
    if days < 2:
        return text("handoff.today" if days == 0 else "handoff.tomorrow", language, time=f"{local:%H:%M}")
    if language == "en":
        return f"{local.day} {local:%b} {local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"
