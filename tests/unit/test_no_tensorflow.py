"""Rasa's imports of packages that are not installed, and what happens when one is used after all."""

import importlib
import sys
from pathlib import Path

import pytest

from nlu import no_tensorflow

RASA_LIKE = """
import fakeflow.keras.backend as K
import json
from fakeflow import Tensor
from typing import Dict, Union

class Model(K.Model):
    def call(self, inputs: Union[Tensor, Dict[str, K.Thing]]) -> Tensor: ...

def read(text):
    try:
        return json.loads(text)
    except (K.errors.Broken, ValueError):
        return None
"""


@pytest.fixture
def rasa_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A package that imports what is missing, as Rasa does, loaded the way Rasa is loaded."""
    (tmp_path / "rasa_like.py").write_text(RASA_LIKE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(no_tensorflow, "RASA", ("rasa_like",))
    monkeypatch.setattr(no_tensorflow, "AT_START", {"fakeflow", "json"})
    for name in ("RASA_TELEMETRY_ENABLED", "SQLALCHEMY_SILENCE_UBER_WARNING"):
        monkeypatch.setenv(name, "set")
    no_tensorflow.load_rasa()
    yield sys.modules["rasa_like"]
    for name in [name for name in sys.modules if name.partition(".")[0] in {"rasa_like", "pymongo"}]:
        del sys.modules[name]


def test_absent_packages_may_be_named_subclassed_and_caught(rasa_like):
    assert rasa_like.Model.__mro__[1].__name__ == "Model"
    assert rasa_like.read("not json") is None


def test_using_one_says_what_is_missing(rasa_like):
    with pytest.raises(no_tensorflow.Absent, match=r"fakeflow\.keras\.backend\.Model is needed"):
        rasa_like.Model()
    with pytest.raises(ImportError, match=r"fakeflow\.keras\.backend\.epsilon is needed"):
        rasa_like.K.epsilon()


def test_an_installed_package_is_never_replaced(rasa_like):
    assert rasa_like.read('{"a": 1}') == {"a": 1}
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("json.fast")


def test_once_rasa_is_loaded_the_import_fails_again(rasa_like):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("fakeflow")
    importlib.import_module("pymongo.errors")  # Rasa asks for it whenever it opens a tracker store
