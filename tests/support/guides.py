"""Guides in docs whose commands are run as they stand."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any


def walked(guide: str, known: dict[str, str], least: int) -> Iterator[tuple[str, Any, str]]:
    """(command, what its answer should hold, its answer) of every `sh` block with a `json` block below it."""
    steps = re.findall(r"```sh\n(.*?)```\n```json\n(.*?)```", guide, re.S)
    assert len(steps) == guide.count("```sh") >= least
    for command, shown in steps:
        for name, value in known.items():
            shown = shown.replace(f"${name}", value)
        done = subprocess.run(["bash", "-c", command], env=os.environ | {"NO_PROXY": "*", "no_proxy": "*"} | known,
                              capture_output=True, text=True, timeout=60, check=True)
        yield command, json.loads(shown), done.stdout


def holds(answer: Any, shown: Any) -> bool:
    """Whether everything shown is in the answer, of a list as many as are shown; `…` stands for anything."""
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(name in answer and holds(answer[name], v) for name, v in shown.items())
    if isinstance(shown, list):
        return len(answer) >= len(shown) and all(holds(a, s) for a, s in zip(answer, shown, strict=False))
    return bool(answer == shown or shown == "…")
