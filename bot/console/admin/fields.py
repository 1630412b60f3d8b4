"""Form fields: the library's, with our labels and hints, and lists of codes shown by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette_admin.fields import BooleanField, EnumField, StringField, TextAreaField
from starlette_admin.types import RequestAction

from bot.console.admin.words import hint, later
from bot.domain import entry

Choices = list[tuple[str, str]]


def line(name: str, required: bool = False, label: str = "", **more: Any) -> StringField:
    """One line of text."""
    return StringField(name, label=later(f"f_{label or name}"), help_text=hint(label or name), required=required,
                       **more)


def paragraph(name: str, required: bool = False, label: str = "", rows: int = 3, **more: Any) -> TextAreaField:
    """Some lines of text."""
    return TextAreaField(name, label=later(f"f_{label or name}"), help_text=hint(label or name), required=required,
                         rows=rows, **more)


def tick(name: str, **more: Any) -> BooleanField:
    """Yes or no."""
    return BooleanField(name, label=later(f"f_{name}"), help_text=hint(name), **more)


def choice(
    name: str, loader: Callable[[Request], Choices], required: bool = False, multiple: bool = False, label: str = "",
    **more: Any,
) -> "Choice":
    """One or several of a list."""
    return Choice(name, label=later(f"f_{label or name}"), help_text=hint(label or name), required=required,
                  multiple=multiple, choices_loader=loader, **more)


def phrases(name: str, required: bool = False, **more: Any) -> "Phrases":
    """Phrases, one a line."""
    return Phrases(name, label=later(f"f_{name}"), help_text=hint("phrases"), required=required, rows=4, **more)


@dataclass
class Choice(EnumField):
    """A code shown by its name. One that is no longer on the list stays as it is and is shown as itself; several are
    kept as a list or as text with marks between them. Nothing is chosen for anybody: the first line is empty."""

    form_template: str = "fields/form/choice.html"
    list_template: str = "fields/list/choice.html"

    def _get_choices(self, request: Request) -> Choices:
        """Read once a request: a page of rows asks for each of them."""
        kept: dict[str, Choices] = request.scope.setdefault("admin_choices", {})
        if self.name not in kept:
            assert self.choices_loader is not None
            kept[self.name] = [(str(v), str(label)) for v, label in self.choices_loader(request)]
        return kept[self.name]

    def _get_label(self, value: Any, request: Request) -> str:
        return dict(self._get_choices(request)).get(str(value), str(value))

    async def parse_obj(self, request: Request, obj: Any) -> Any:
        value = await super().parse_obj(request, obj)
        return entry.several(value) if self.multiple else value

    async def parse_form_data(self, request: Request, form_data: Any) -> Any:
        """As sent: what is allowed is the service's to say."""
        return form_data.getlist(self.id) if self.multiple else form_data.get(self.id) or ""


@dataclass
class Phrases(TextAreaField):
    """`one|two`, edited as lines."""

    async def serialize_value(self, request: Request, value: Any) -> Any:
        mark = "\n" if request.state.action in (RequestAction.CREATE, RequestAction.EDIT) else " · "
        return str(value or "").replace("|", mark)
