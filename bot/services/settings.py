"""What admins set while the hotline runs."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.access import Actor
from bot.domain.setting import DEFAULTS, check
from bot.services.history import note
from bot.storage import Setting, touch
from bot.storage.session import anew, once


def value(session: Session, key: str) -> Any:
    """The setting in force: what was set, else the default."""
    return once(session, "settings", lambda: _stored(session)).get(key, DEFAULTS[key])


def _stored(session: Session) -> dict[str, Any]:
    query = select(Setting.key, Setting.value).where(Setting.key.in_(list(DEFAULTS)))
    return dict(session.execute(query).tuples().all())


def put(session: Session, key: str, wanted: Any, actor: Actor) -> Any:
    """Set one. Raises BadInput for an unknown key or a value that is not allowed."""
    checked, before = check(key, wanted), value(session, key)
    if checked == before:
        return checked
    session.merge(Setting(key=key, value=checked))
    anew(session, "settings")
    why = json.dumps({key: [before, checked]}, ensure_ascii=False)
    note(session, "setting", key, actor.id, "changed", why=why)
    touch(session, "queue")
    return checked
