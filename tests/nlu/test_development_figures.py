"""The figures on the development set must not fall. `figures.json` holds those of the last model that was better or
equal; write it anew with `hotline nlu test --json` when they rise."""

import json
import subprocess
import sys
from typing import Any

import pytest

from bot.config import ROOT

SET = ROOT.parent / "shared" / "nlu-dev"
RECORDED = ROOT / "tests" / "nlu" / "figures.json"
HIGHER_IS_BETTER = {
    "requests": ("top1", "top3", "department", "kind", "settled_right"), "emergencies": ("raised", "right_code"),
    "out_of_scope": ("refused",), "acts": ("right",),
}
LOWER_IS_BETTER = {"requests": ("refused",), "emergencies": ("near_misses_raised", "requests_raised")}
ONE_POINT = 1.0

pytestmark = pytest.mark.skipif(not SET.is_dir(), reason="the development set is not beside this checkout")


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    command = [sys.executable, "-m", "bot.cli", "nlu", "test", "--json", "--set", str(SET)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_figure_falls_by_more_than_a_point(figures: dict[str, Any]) -> None:
    """One text of a small set is more than a point; that much is allowed."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    fallen = []
    for wanted, sign in ((HIGHER_IS_BETTER, 1), (LOWER_IS_BETTER, -1)):
        for part, names in wanted.items():
            for name in names:
                loss = sign * (recorded[part][name] - figures[part][name])
                texts = 62 if name == "near_misses_raised" else 67 if part == "emergencies" else recorded[part]["texts"]
                if loss > max(ONE_POINT, 100 / texts + 0.05):
                    fallen.append((part, name, recorded[part][name], figures[part][name]))
    assert fallen == []


def test_confidence_is_honest(figures: dict[str, Any]) -> None:
    assert figures["calibration"]["error"] <= 4.0
    assert sum(n for n, _, _ in figures["calibration"]["bins"]) > 400


def test_the_report_is_a_page_of_its_own(tmp_path: Any) -> None:
    page = tmp_path / "report.html"
    command = [sys.executable, "-m", "bot.cli", "nlu", "test", "--set", str(SET), "--html", str(page)]
    subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=True)
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 3 and "emergencies raised" in html
    assert "<script" not in html and "src=" not in html
