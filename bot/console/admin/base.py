"""What all views of the admin area share: the library shows, searches and asks; our services change.

Looking goes through the request's reading session. Every change is one of our transactions with one service call
(`bot/services/upkeep`), made in a thread of its own, so that the rules, the history and the wake-ups are the same as
everywhere. The library's own way of writing, its import and its export are not used (`/console/admin/exchange`).
"""

import json
from collections.abc import Callable
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette_admin.actions import link_row_action, row_action
from starlette_admin.contrib.sqla import ModelView
from starlette_admin.exceptions import ActionFailed, FormValidationError
from starlette_admin.flash import flash
from starlette_admin.i18n import get_locale
from starlette_admin.tools import iterdecode
from starlette_admin.types import RequestAction
from starlette_admin.views import RowActionsDisplayType

from bot.console.admin.choices import named
from bot.console.admin.words import later, said, t
from bot.console.views.people import actor_accounts
from bot.console.words import stamp, who
from bot.domain.access import Actor
from bot.errors import BadFields, HotlineError
from bot.i18n import messages
from bot.services.upkeep import records
from bot.services.upkeep.records import Noun
from bot.storage import Change, transaction

HISTORY_SHOWN = 20


class Kept:
    """Mixed into a view of the library; `noun` says what it shows. `listed` are the columns of its list, `searched`
    those that the search looks into."""

    noun: Noun
    listed: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    exporters: Any = ()
    importers: Any = ()
    actions: Any = ()
    row_actions: Any = ("edit", "remove", "restore")
    row_actions_display_type = RowActionsDisplayType.INLINE_LINKS
    column_visibility = False
    show_pk_in_forms = True
    page_size = 25
    page_size_options = (25, 50, 100)
    search_highlight = True

    def label(self) -> None:
        """Names in the language of whoever looks; called once, when the view is made."""
        self.menu_label, self.display_name = later(f"view_{self.key}"), later(f"one_{self.key}")  # type: ignore

    def is_accessible(self, request: Request) -> bool:
        return bool(request.state.visitor.actor.may(self.noun.right))

    def can_export(self, request: Request) -> bool:
        return False

    can_import = can_delete = can_export

    def _parse_list_params(self, request: Request, query_params: Any = None) -> Any:
        """The list shows `listed`; every field can be filtered by, as it is one of the list's to the library."""
        params = super()._parse_list_params(request, query_params)  # type: ignore[misc]
        params.visible_cols = params.visible_cols or list(self.listed)
        return params

    async def validate_fields(self, request: Request, data: dict[str, Any], exclude: Any = ()) -> None:
        """The service judges everything at once, in words."""

    async def repr(self, obj: Any, request: Request) -> str:
        return named(obj)

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        return await self.change(request, lambda session, actor: records.create(session, self.noun, data, actor))

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        key = self.key_of(pk)
        return await self.change(request, lambda session, actor: records.change(session, self.noun, key, data, actor))

    async def change(self, request: Request, act: Callable[[Session, Actor], Any]) -> Any:
        """One transaction. What is refused is shown beside its field, or above the form where it has none."""
        try:
            return await run_sync(_committed, act, request.state.visitor.actor)
        except BadFields as error:
            raise FormValidationError({name: said(why) for name, why in error.problems.items()}) from error
        except HotlineError as error:
            flash(request, said(error), "error")
            raise FormValidationError({}) from error

    async def act(self, request: Request, act: Callable[[Session, Actor], Any]) -> Any:
        """One transaction behind a button; what is refused is shown above the list."""
        try:
            return await run_sync(_committed, act, request.state.visitor.actor)
        except BadFields as error:
            raise ActionFailed(" ".join(said(why) for why in error.problems.values())) from error
        except HotlineError as error:
            raise ActionFailed(said(error)) from error

    def key_of(self, pk: Any) -> Any:
        """The library's key as the service takes it."""
        return pk

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        """What is no button of this view is not done either; the library knows more than it shows."""
        return name in self.row_actions

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        gone = bool(getattr(obj, "removed", False))
        if name == "restore":
            return gone
        return not gone and (name != "remove" or self.noun.removable)

    @link_row_action(name="edit", text=later("edit"))
    def row_action_2_edit(self, request: Request, pk: Any) -> str:
        return f"{request.url_for('admin:edit', key=self.key)}?pk={pk}"  # type: ignore[attr-defined]

    @row_action(name="remove", text=later("remove"), confirmation=later("remove_sure"), submit_btn_text=later("remove"))
    async def remove_row(self, request: Request, pk: Any) -> None:
        key = self.key_of(pk)
        row = await self.act(request, lambda session, actor: records.remove(session, self.noun, key, actor))
        flash(request, t("removed_now", name=await self.repr(row, request)), "success")

    @row_action(name="restore", text=later("restore"))
    async def restore_row(self, request: Request, pk: Any) -> None:
        key = self.key_of(pk)
        row = await self.act(request, lambda session, actor: records.restore(session, self.noun, key, actor))
        flash(request, t("restored_now", name=await self.repr(row, request)), "success")

    def shows_removed(self, request: Request) -> bool:
        """Removed rows are out of sight until the filter asks for them; a page of one row shows it either way."""
        return request.state.action != RequestAction.LIST or "removed__" in request.query_params.get("filter", "")

    def story(self, request: Request, row: Any) -> list[dict[str, Any]]:
        """The newest entries of the history about a row, for its page."""
        session, language = request.state.session, get_locale()
        query = select(Change).where(Change.subject == self.noun.subject, Change.subject_id == self.noun.key(row)[:32])
        found = list(session.scalars(query.order_by(Change.id.desc()).limit(HISTORY_SHOWN)))
        accounts = actor_accounts(session, [c.actor for c in found])
        labels = {f.name: str(f.label) for f in self.fields}  # type: ignore[attr-defined]
        return [{"when": stamp(c.at, language), "who": who(c.actor, accounts, language), "what": _verb(c.what),
                 "fields": _differences(c.why, labels)} for c in found]


class Table(Kept, ModelView):
    """A noun with a table of its own: search, filters and order are SQL."""

    def __init__(self) -> None:
        names = [f.name for f in self.fields]
        stored = [n for n in names if n in self.noun.model.__table__.columns]
        self.exclude_fields_from_list = [n for n in names if n not in stored and n not in self.listed]
        self.exclude_fields_from_create = [n for n in names if n == "removed"]
        self.exclude_fields_from_edit = ["removed", *(c.name for c in self.noun.columns if c.fixed)]
        self.searchable_fields = [f.name for f in self.fields if f.name in stored and not _long(f)]
        self.sortable_fields = stored
        super().__init__(self.noun.model, key=self.key, menu_label="-", display_name="-")
        self.label()

    def get_list_query(self, request: Request) -> Any:
        return self._seen(request, super().get_list_query(request))

    def get_count_query(self, request: Request) -> Any:
        return self._seen(request, super().get_count_query(request))

    def _seen(self, request: Request, query: Any) -> Any:
        if not self.noun.soft or self.shows_removed(request):
            return query
        return query.where(self.model.removed.is_(False))

    def get_search_query(self, request: Request, term: str) -> Any:
        return or_(*(matching(getattr(self.model, name), term) for name in self.searched))

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        try:
            return await super().find_by_pk(request, pk)
        except (ValueError, TypeError):
            return None

    def key_of(self, pk: Any) -> Any:
        if isinstance(self._pk_column, tuple):
            return tuple(iterdecode(pk))
        try:
            return self._pk_coerce(pk)  # type: ignore[operator]
        except (ValueError, TypeError):
            return pk


def _differences(why: str, labels: dict[str, str]) -> list[str]:
    """`{"phone": ["a", "b"]}` as lines; words that are no such list stand as they are."""
    try:
        changed = json.loads(why or "{}")
    except ValueError:
        return [why]
    return [f"{labels[name]}{t('colon')}{_shown(pair[0])} → {_shown(pair[1])}" for name, pair in changed.items()
            if name in labels and isinstance(pair, list)]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return t("yes" if value else "no")
    return "、".join(map(str, value)) if isinstance(value, list) else str(value) if value not in (None, "") else "—"


def _long(field: Any) -> bool:
    """Fields that are no filters: several values in one, or a list too long to send with every page."""
    return bool(getattr(field, "multiple", False) or getattr(field, "select2", False))


def matching(column: Any, term: str) -> Any:
    """Whether a column contains the term, whatever its case; its signs stand for themselves."""
    return cast(column, String).icontains(term, autoescape=True)


def _committed(act: Callable[[Session, Actor], Any], actor: Actor) -> Any:
    with transaction() as session:
        return act(session, actor)


def _verb(what: str) -> str:
    known = messages(get_locale())
    return known.get(f"admin.did_{what}") or known.get(f"console.did_{what}", what)


