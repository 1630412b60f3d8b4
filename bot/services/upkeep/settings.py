"""The settings as an admin sets them: all at once, each refused by itself and in words."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.domain import entry, setting
from bot.domain.access import Actor, Right
from bot.errors import BadFields, BadInput, HotlineError
from bot.services import settings
from bot.services.upkeep.catalogue import ITEMS, live
from bot.services.upkeep.records import Problems, Values


def read_all(session: Session) -> Values:
    """Every setting in force."""
    return {key: settings.value(session, key) for key in setting.DEFAULTS}


def put_all(session: Session, given: Mapping[str, Any], actor: Actor) -> None:
    """Set what is given; nothing is set where anything is wrong. Raises BadFields."""
    actor.must(Right.MANAGE_DIRECTORY)
    problems: Problems = {}
    for key, wanted in given.items():
        try:
            setting.check(key, _read(key, wanted))
        except HotlineError as error:
            problems[key] = error
    for key in setting.ITEM_LISTS:
        before = settings.value(session, key)
        wrong = [c for c in given.get(key, []) if c not in before and not _item(session, c)]
        if wrong:
            problems[key] = BadInput("entry.unknown", value=", ".join(wrong))
    if problems:
        raise BadFields(problems)
    for key, wanted in given.items():
        settings.put(session, key, _read(key, wanted), actor)


def _read(key: str, wanted: Any) -> Any:
    if key in ("supervision", "ranking"):
        return wanted
    return entry.several(wanted) if key in setting.ITEM_LISTS else str(wanted or "").strip()


def _item(session: Session, code: str) -> bool:
    return any(live(session, table, code) for table in ITEMS)
