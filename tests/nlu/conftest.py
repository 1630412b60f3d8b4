"""The trained model itself, asked through its own bulk command: one process of Rasa's environment for a test file."""

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.config import ROOT
from bot.processes import MODELS, RASA_PYTHON, model_name

Understand = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def understand() -> Iterator[Understand]:
    """DESIGN §8's fields for a text, from the model that fits the data (scripts/test trains it)."""
    model = MODELS / f"{model_name()}.tar.gz"
    if not model.exists():
        pytest.fail(f"no model fits the data ({model.name}): run `make train`")
    child = subprocess.Popen(
        [str(RASA_PYTHON), "-m", "nlu.understand", "--model", str(model)], cwd=ROOT, text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    assert child.stdin is not None and child.stdout is not None
    asked, answers = child.stdin, child.stdout

    def ask(text: str) -> dict[str, Any]:
        asked.write(json.dumps({"text": text}) + "\n")
        asked.flush()
        heard: dict[str, Any] = json.loads(answers.readline())
        return heard

    yield ask
    asked.close()
    assert child.wait(20) == 0
    answers.close()


@pytest.fixture(scope="session")
def in_rasa() -> Callable[[str], Any]:
    """Run a few lines in Rasa's environment; what they leave in `found` comes back through JSON."""

    def run(lines: str) -> Any:
        script = f"import json\n{lines}\nprint(json.dumps(found))"
        done = subprocess.run([str(RASA_PYTHON), "-c", script], cwd=ROOT, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
