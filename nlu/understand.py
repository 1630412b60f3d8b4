"""Understand texts in bulk, without a server: JSON lines {"text"} in, one JSON line of DESIGN §8's fields out each.

    python -m nlu.understand --model models/….tar.gz < texts.jsonl
"""

import argparse
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any, Dict, List

import joblib

from nlu import no_tensorflow


class Understander:
    """The components of a trained model in their order, with no Rasa running."""

    def __init__(self, parts: List[Any]) -> None:
        self._parts = parts

    @classmethod
    def load(cls, model: Path) -> "Understander":
        """From a model file. Raises FileNotFoundError where a component is not in it."""
        no_tensorflow.load_rasa()
        from nlu.classifier import HotlineClassifier
        from nlu.emergency import EmergencyDetector
        from nlu.facts import FactFinder

        parts: List[Any] = []
        with tarfile.open(model) as archive:
            names = archive.getnames()
            for component in (HotlineClassifier, EmergencyDetector, FactFinder):
                name = next((n for n in names if n.endswith(component.file)), None)
                member = archive.extractfile(name) if name else None
                if member is None:
                    raise FileNotFoundError(f"{model} has no {component.file}: train again")
                config, state = joblib.load(io.BytesIO(member.read()))
                part = component(config)
                part.state = state
                parts.append(part)
        return cls(parts)

    def understand(self, text: str) -> Dict[str, Any]:
        """DESIGN §8's fields for one text."""
        heard: Dict[str, Any] = {}
        for part in self._parts:
            part.add(heard, text)
        return heard


def newest(folder: Path) -> Path:
    """The newest model file; raises FileNotFoundError where none was trained."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime)
    if not models:
        raise FileNotFoundError(f"no model in {folder}: run `hotline train`")
    return models[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=None)
    chosen = parser.parse_args()
    understander = Understander.load(chosen.model or newest(Path("models")))
    for line in sys.stdin:
        if line.strip():
            heard = understander.understand(str(json.loads(line).get("text", "")))
            sys.stdout.write(json.dumps(heard, ensure_ascii=False) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
