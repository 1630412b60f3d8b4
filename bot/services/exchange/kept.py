"""Uploads between their dry run and the word to go: kept for an hour, for the one who sent them."""

import json
import re
import secrets
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePath

from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.config import settings
from bot.domain.access import Actor, Right
from bot.errors import BadInput, Conflict, NotFound
from bot.services.exchange.applying import apply
from bot.services.exchange.planning import Plan, plan, tables_of

KEPT_SECONDS = 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")


def keep(what: str, sent: Iterable[tuple[str, bytes]], remove_missing: bool, actor: Actor) -> str:
    """Keep files for `review` and `confirm`; returns the token they are found by. Raises BadInput where there is none,
    where they are too big together, or for an unknown `what`."""
    actor.must(Right.MANAGE_DIRECTORY)
    tables_of(what)
    files = _named(sent)
    if not files:
        raise BadInput("exchange.nothing_sent")
    if sum(map(len, files.values())) > settings().upload_limit_bytes:
        raise BadInput("file.too_big", limit=settings().upload_limit_bytes // 1_048_576)
    _clear_old()
    token = secrets.token_hex(16)
    about = {"what": what, "remove_missing": remove_missing, "by": actor.id}
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with zipfile.ZipFile(_path(token), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = json.dumps(about).encode()
        for name, content in files.items():
            archive.writestr(name, content)
    return token


def review(session: Session, token: str, actor: Actor) -> Plan:
    """What the upload would do now. Raises NotFound once it is used, expired, or somebody else's."""
    actor.must(Right.MANAGE_DIRECTORY)
    path = _path(token) if _TOKEN.fullmatch(token) else _folder() / "none"
    if not path.is_file() or _expired(path):
        raise NotFound("exchange.gone")
    with zipfile.ZipFile(path) as archive:
        about = json.loads(archive.comment)
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    if about["by"] != actor.id:
        raise NotFound("exchange.gone")
    return plan(session, about["what"], files, about["remove_missing"])


def confirm(session: Session, token: str, digest: str, actor: Actor) -> Plan:
    """Do what was shown: the plan of that digest, and no other. Raises Conflict where the data have changed since, and
    what `review` and `apply` raise."""
    wanted = review(session, token, actor)
    if wanted.digest != digest:
        raise Conflict("exchange.changed_meanwhile")
    apply(session, wanted, actor.id)
    path = _path(token)
    event.listen(session, "after_commit", lambda _: path.unlink(missing_ok=True), once=True)
    return wanted


def _named(sent: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """By name without folders; a second file of the same name is numbered, as browsers do it."""
    files: dict[str, bytes] = {}
    for name, content in sent:
        path = PurePath(name.replace("\\", "/")[-80:].replace("\0", ""))
        free = path.name or "file.csv"
        while free in files:
            free = f"{path.stem} ({len(files) + 1}){path.suffix}"
        files[free] = content
    return files


def _folder() -> Path:
    return settings().var / "exchange"


def _path(token: str) -> Path:
    return _folder() / f"{token}.zip"


def _expired(path: Path) -> bool:
    return path.stat().st_mtime < time.time() - KEPT_SECONDS


def _clear_old() -> None:
    for path in _folder().glob("*.zip"):
        if _expired(path):
            path.unlink(missing_ok=True)
