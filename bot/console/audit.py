"""The audit page: the history of everything, for supervisors and admins."""

from codecs import BOM_UTF8
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.deps import SignedIn, Visitor, guard
from bot.console.pages import page
from bot.console.route import ConsoleRoute
from bot.console.views import audit as view
from bot.domain.access import Right
from bot.errors import BadInput
from bot.services import audit, sheets
from bot.services.audit import Query
from bot.storage import Change, now, reading, transaction


def reader(who: SignedIn) -> Visitor:
    """Somebody who may read the history. Raises NotAllowed."""
    who.actor.must(Right.SEE_AUDIT)
    return who


def asked(
    actor: str = "", subject: str = "", what: str = "", group: str = "", since: str = "", until: str = "", q: str = ""
) -> Query:
    """What the filter's form sent. Raises BadInput for a day that is none."""
    return Query(actor, subject, what, group if group in audit.GROUPS else "", _day(since), _day(until), q[:80])


Reader = Annotated[Visitor, Depends(reader)]
Asked = Annotated[Query, Depends(asked)]
router = APIRouter(prefix="/audit", route_class=ConsoleRoute, dependencies=[Depends(guard)])


@router.get("")
def show(request: Request, who: Reader, query: Asked, before: int = 0) -> Response:
    """A page of the history, the newest first; `before` is the id it goes on from."""
    with reading() as session:
        found = audit.find(session, who.actor, query, before, audit.PAGE + 1)
        rows = _rows(session, found[:audit.PAGE], who.language)
        people, tokens = audit.actors(session, who.actor)
    more = rows[-1].id if len(found) > audit.PAGE else 0
    return page(request, who, "audit.html", rows=rows, more=more, before=before, query=query, groups=audit.GROUPS,
                people=people, tokens=tokens, actors=view.ACTORS, verbs=view.verbs(who.language),
                subjects=[(s, view.subject_word(s, who.language)) for s in view.SUBJECTS],
                link=lambda **more: _link(query, **more), at_most=audit.EXPORTED_AT_MOST)


@router.get(".csv")
def export(who: Reader, query: Asked) -> Response:
    """All that was found, as a spreadsheet; that it was taken is in the history as well."""
    with transaction() as session:
        audit.note_export(session, who.actor, query)
    with reading() as session:
        found = audit.find(session, who.actor, query, limit=audit.EXPORTED_AT_MOST)
        names = audit.names(session, found)
    content = sheets.write(view.COLUMNS, [view.exported(one, names, who.language) for one in found])
    headers = {"Content-Disposition": f'attachment; filename="audit-{now():%Y%m%d-%H%M}.csv"'}
    return Response(BOM_UTF8 + content, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(session: Session, found: list[Change], language: str) -> list[view.Row]:
    names = audit.names(session, found)
    return [view.row(one, names, language) for one in found]


def _link(query: Query, path: str = "/console/audit", **more: object) -> str:
    """The same question with something else in it."""
    known = {"q" if name == "words" else name: value for name, value in vars(query).items()}
    given = {name: str(value) for name, value in (known | more).items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError as error:
        raise BadInput("entry.bad_day", value=words) from error
