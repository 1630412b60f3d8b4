"""Rasa 3.6 without TensorFlow and without the clients of services we do not use.

Rasa imports TensorFlow and the client of every chat service and cloud at start, whatever config.yml says. Our
pipeline uses none of them. This module answers those imports with placeholders that may be named, subclassed
and used in annotations, and that raise `Absent` the moment somebody calls one::

    python -m nlu.no_tensorflow train …
    python -m nlu.no_tensorflow run …

A package that is installed is never replaced, and nothing is written to disk. Once Rasa is loaded `import
tensorflow` fails again, so that no library mistakes a placeholder for the real thing. A TensorFlow component in
config.yml (DIETClassifier, ResponseSelector, TEDPolicy) ends training with `Absent`; requirements/stock.txt is
the environment for those.
"""

import importlib
import os
import sys
import tarfile
import warnings
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

AT_START = {
    *("tensorflow", "keras"),
    *("aiogram", "fbmessenger", "mattermostwrapper", "rocketchat_API"),
    *("slack_sdk", "socketio", "twilio", "webexteamssdk"),
    *("boto3", "cachecontrol", "google", "google.auth", "google.oauth2"),
    *("matplotlib", "prompt_toolkit", "questionary"),  # plots of `rasa test`, `rasa shell`, `rasa interactive`
}
"""Packages Rasa imports when it is loaded: models, chat channels, clouds, terminals."""

WHILE_RUNNING = {"aio_pika", "aiormq", "botocore", "pymongo"}
"""Packages Rasa imports again for their exceptions when it opens an event broker or a tracker store."""

RASA = (
    *("rasa.__main__", "rasa.server", "rasa.core.run", "rasa.core.test", "rasa.model_training", "rasa.utils.plotting"),
    *("rasa.engine.recipes.default_recipe", "rasa.engine.recipes.default_components"),
)
"""What reaches all of Rasa that imports these packages."""


class Absent(ImportError):
    """A placeholder was called as if its package were installed."""


class _Placeholder(type):
    """A class whose attributes are placeholders too. An exception, because `except` accepts nothing else."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(f"{cls.__module__}.{cls.__qualname__}", name)

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        absent = next(base for base in cls.__mro__ if "_stands_in" in vars(base))
        raise Absent(
            f"{absent.__module__}.{absent.__qualname__} is needed here, but this environment is kept without "
            "TensorFlow and without clients of other services (see docs/rasa-environment.md)."
        )


def _placeholder(module: str, name: str) -> type:
    return _Placeholder(name, (Exception,), {"__module__": module, "_stands_in": True})


class _Module(ModuleType):
    """A module that has every attribute."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(self, name, _placeholder(self.__name__, name))
        return vars(self)[name]


class _Finder(MetaPathFinder, Loader):
    """Asked last, so it only ever sees what is not installed."""

    def __init__(self, packages: Set[str]) -> None:
        self.packages = packages

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        absent = fullname in self.packages or isinstance(sys.modules.get(fullname.rpartition(".")[0]), _Module)
        return ModuleSpec(fullname, self, is_package=True) if absent else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """A placeholder has nothing to run."""


@contextmanager
def standing_in(packages: Set[str]) -> Iterator[None]:
    """Placeholders for these packages while something that imports them is loaded."""
    finder = _Finder(packages)
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def load_rasa() -> None:
    """Import Rasa with placeholders for what is absent; afterwards `import tensorflow` fails as it should."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    finder = _Finder(AT_START | WHILE_RUNNING)
    sys.meta_path.append(finder)
    with warnings.catch_warnings(record=True):  # what Rasa's own dependencies say of each other
        for name in RASA:
            importlib.import_module(name)
    finder.packages = WHILE_RUNNING
    for name in [name for name, module in sys.modules.items() if isinstance(module, _Module)]:
        if name.partition(".")[0] not in WHILE_RUNNING:
            del sys.modules[name]


def pack_quickly() -> None:
    """Models are packed at gzip's fastest level. Python's own is the slowest: a tenth of the training's time for a
    twentieth of the file's size."""
    slow = tarfile.TarFile.gzopen.__func__  # type: ignore[attr-defined]

    def quick(cls: Any, name: Any, mode: str = "r", fileobj: Any = None, compresslevel: int = 1, **more: Any) -> Any:
        return slow(cls, name, mode, fileobj, compresslevel, **more)
    tarfile.TarFile.gzopen = classmethod(quick)  # type: ignore[method-assign,assignment]


def main(arguments: Sequence[str]) -> None:
    """Run Rasa's own command line, e.g. `["train", "--domain", "domain.yml"]`."""
    load_rasa()
    pack_quickly()
    sys.argv[1:] = arguments
    sys.modules["rasa.__main__"].main()


if __name__ == "__main__":
    main(sys.argv[1:])
